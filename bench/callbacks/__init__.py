"""How fast a backlog of callbacks drains."""
