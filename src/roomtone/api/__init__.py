"""Floor 4: the REST doors. Checks who asks, translates, asks the switchboard, translates back."""

from __future__ import annotations

from roomtone.api.app import HOSTED, create_app
from roomtone.api.frontdesk import FrontDesk

__all__ = ["HOSTED", "FrontDesk", "create_app"]
