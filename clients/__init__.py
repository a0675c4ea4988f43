"""The outside world: SERP providers, object storage. One file a service. A client raises only errors of errors.py."""
