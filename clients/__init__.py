"""The outside world: SERP providers, object storage. One file per service; each raises only its own errors (errors.py)."""
