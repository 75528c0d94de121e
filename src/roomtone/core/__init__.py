"""Floor 0: conferences, calls, and who hears whom. Pure: state and message in, new state, facts and orders out.

This room must never know a URL parameter, a SID prefix, a SIP header or a table name; it has no clock, no dice and
no I/O. See ARCHITECTURE.md.
"""
