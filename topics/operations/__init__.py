"""How the whole system is: its state, and what stops it."""
