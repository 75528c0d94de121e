"""The scripts, in order of their revision. A released script is never changed."""
