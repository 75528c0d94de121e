"""`roomtone demo`: three phones in a conference, steered through the REST API, and the sound proved by ear.

Everything is real: the server as a process, callers as processes of their own, SIP and RTP over the loopback interface.
The demo stands outside like any customer: it speaks HTTP to the server and listens to what the callers received. What
it claims is what was measured; it knows nothing of the inside.
"""

from __future__ import annotations

from roomtone.demo.show import run_demo

__all__ = ["run_demo"]
