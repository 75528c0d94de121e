"""How a database becomes today's: one script per change, forward and back. Package data, run by `store.opening`."""
