"""What the settings read of their surroundings: cores, addresses, names of other systems."""
