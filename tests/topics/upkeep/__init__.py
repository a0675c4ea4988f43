"""What keeps house."""
