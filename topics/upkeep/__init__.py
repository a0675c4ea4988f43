"""What keeps the store tidy, each time with a report of what it did."""
