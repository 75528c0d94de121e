"""What a running server tells its operator of itself in the log, and what the current task is about.

It knows no call and no conference, only their names: whoever runs one says which the current task is about, and whatever is
logged there, or below, carries them.
"""

from __future__ import annotations

from roomtone.telemetry.journal import about, begin_log, event_of, subject

__all__ = ["about", "begin_log", "event_of", "subject"]
