"""What stands in SIP headers that the brain answers itself: who somebody claims to be, and where they can be reached.

Pure text. Decides nothing: whom to believe is the switchboard's to ask the store, and the core's to judge.
"""
