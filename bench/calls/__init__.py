"""What calls cost: how soon they are answered, how many a second, how much memory, and what is left of them."""
