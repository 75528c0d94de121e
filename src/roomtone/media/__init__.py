"""Floor 2: plans and sources to the engine, facts about streams back. Holds no policy: never asks why someone is muted."""

from __future__ import annotations

from roomtone.media.adapter import EngineMedia, Settings

__all__ = ["EngineMedia", "Settings"]
