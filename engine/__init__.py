"""What a job is: registered, submitted, seen from inside."""
