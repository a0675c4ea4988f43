"""Takes jobs and runs them: a lease worker with threads, coroutines and isolated processes, and its supervisor."""
