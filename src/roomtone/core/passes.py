"""Passes: what a web page may do as one client of a project, for a while, without any secret of the project. Plain values.

Nothing is kept of a pass; whoever shows it has all there is to know of it, signed. How it is written is the dialects' to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roomtone.core.ids import ProjectId

LONGEST_S = 86_400
"""Seconds that a pass may be good for: a day, as Twilio's tokens of access."""

USUAL_S = 3_600

IDENTITY = re.compile(r"[A-Za-z0-9_.+-]{1,120}", re.ASCII)
"""What a client may be called: what may stand before the ``@`` of a SIP address without being escaped."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one page may do."""

    project: ProjectId
    identity: str
    """Whom it may be: its calls come from ``client:IDENTITY``."""

    to: tuple[str, ...]
    """Whom it may call: each as a browser's call names it (``conference:Daily``, ``application:AP…``, a number)."""

    expires_s: int
    """When it is over, in seconds since 1970 UTC."""

    incoming: bool = False
    """Whether it may register as the phone of that name, to be called."""

    muted: bool = False
    """Whether it joins conferences muted, whatever the page wants."""
