"""What Redis remembers of jobs and of their workers."""
