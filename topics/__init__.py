"""What a job, a command and a web page share: one room a topic."""
