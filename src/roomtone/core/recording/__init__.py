"""Recordings: what is known of them, and what becomes of them."""
