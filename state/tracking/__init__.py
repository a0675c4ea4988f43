"""What Redis remembers of projects, keywords and their ranks."""
