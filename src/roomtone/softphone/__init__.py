"""A telephone for the terminal: registers, calls, answers, presses keys. For trying things out, by hand and by script.

A user agent of its own that talks SIP and RTP over UDP like any stranger's phone, to this server or another: it imports
nothing of the server but its languages (`sip`, `sdp`), and the small SIP and RTP values of `testing`. One call at a time,
PCMU and PCMA, keys as telephone events. It deliberately has no TLS, no TCP, no transfer: take a real phone for those.
"""
