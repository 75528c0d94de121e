"""Figures for operators, in Prometheus' text form, on an address of their own (setting `metrics`).

`definitions` names every figure; `board` counts what happens, as it is told by whoever does it; `live` reads what is there
when somebody asks; `door` answers them. Nothing here is told from the engine's real-time threads: what they do comes as
facts, every few seconds. Where the setting is off, nothing is counted.

Sources: prometheus.io "Metric and label naming", "Exposition formats".
"""

from roomtone.metrics.board import Board
from roomtone.metrics.definitions import DEFINITIONS, Definition, Kind
from roomtone.metrics.door import create_metrics_app
from roomtone.metrics.live import Live

__all__ = ["DEFINITIONS", "Board", "Definition", "Kind", "Live", "create_metrics_app"]
