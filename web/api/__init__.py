"""Routes under /api/v1 and the older spellings: a file a topic. `web/app.py` registers each that has an `api`."""
