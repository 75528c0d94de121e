"""Under floor 2: guarded outbound HTTP. Never knows what is carried, or why."""
