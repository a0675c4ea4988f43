"""What the settings read of the machine and of its environment."""
