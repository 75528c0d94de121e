"""The life of a call, from its first ring to its end."""
