"""Roomtone: conference calls on your own machines, driven by the API that applications already speak."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
