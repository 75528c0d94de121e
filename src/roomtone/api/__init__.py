"""Floor 4: the REST doors. Checks who asks, translates, asks the switchboard, translates back."""
