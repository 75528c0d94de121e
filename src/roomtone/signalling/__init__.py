"""Floor 2: calls between engine and switchboard, in the house's words. Never decides what a call is for."""

from __future__ import annotations

from roomtone.signalling.adapter import EngineSignalling
from roomtone.signalling.browsers import Signalling

__all__ = ["EngineSignalling", "Signalling"]
