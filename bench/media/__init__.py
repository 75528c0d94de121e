"""How much a participant costs: Roomtone's engine, the floor, and a peer, measured in one run by one meter.

`python -m bench.media` (which `make bench` calls) starts each server on one processor and the load generator
(`engine/loadgen`) on another, prints a table, and writes `bench/RESULTS.md`. `docs/reference/bench.md` says how to read it.

What it deliberately does not do: assert. A slow machine is no failure; a wrong sound is.
"""
