"""The attendant: conferences and calls of a running server, seen and steered by people at the command line.

`roomtone conference`, `roomtone call` and `roomtone top`. It knocks at the REST API like any customer's program and knows no
other way in; the data folder, where it is at hand, only lends it an address and a token of its own.
"""

from __future__ import annotations

from roomtone.attendant.calls import call
from roomtone.attendant.conferences import conference
from roomtone.attendant.top import top

__all__ = ["call", "conference", "top"]
