"""Settings: one value, read once, from options over environment over file over defaults.

Everything is checked before anything starts, and a complaint names the setting and the rule. No other room reads the
environment. `docs/reference/settings.md` lists every field; a test compares the two. A new setting is a field of
`settings`, a line in the table of `readers`, and an option of `cli`.
"""

from roomtone.config.loading import DECLARED, archive, ice, load, trunks
from roomtone.config.readers import READERS
from roomtone.config.settings import Address, ConfigProblem, PortRange, Settings

__all__ = [
    "DECLARED",
    "READERS",
    "Address",
    "ConfigProblem",
    "PortRange",
    "Settings",
    "archive",
    "ice",
    "load",
    "trunks",
]
