"""Takes jobs and runs them: RQ's own worker with our queue and job classes, and the supervisor of its processes."""
