"""Floor 3: runs the machines. Takes a message, steps, commits, performs, replies; the only room that awaits."""
