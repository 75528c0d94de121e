"""Floor 4: the web console, a few fixed files at ``/console``. What it shows and does goes through the REST API."""

from __future__ import annotations

from roomtone.console.files import beside

__all__ = ["beside"]
