"""What each family of verbs orders, and what it does with what comes back. Pure."""
