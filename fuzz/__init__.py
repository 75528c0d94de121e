"""Rubbish, chosen by coverage, for all that reads strangers' bytes in Python: `python -m fuzz`."""
