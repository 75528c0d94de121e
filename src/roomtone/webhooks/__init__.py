"""Floor 2: the courier. Delivers facts to customers' servers at least once, in order per conference and per call.

It must never decide what is owed, or to whom; it spells nothing (a dialect does) and stores nothing (the store does).
"""

from __future__ import annotations

from roomtone.webhooks.courier import Courier, Settings
from roomtone.webhooks.delivery import Schedule, Tools
from roomtone.webhooks.shares import Sharing
from roomtone.webhooks.spelling import spell
from roomtone.webhooks.upkeep import Keeping, keep_up

__all__ = ["Courier", "Keeping", "Schedule", "Settings", "Sharing", "Tools", "keep_up", "spell"]
