"""Lets ``python -m roomtone`` be the `roomtone` command."""

from __future__ import annotations

from roomtone.cli import main

main()
