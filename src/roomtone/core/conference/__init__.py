"""The conference machine: state, messages, step, the mix plan, and who is owed word of what."""
