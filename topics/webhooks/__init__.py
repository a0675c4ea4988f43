"""Webhooks: who is told what becomes of jobs, batches and crawls, and how.

    webhooks.register(job_id, "https://example.com/hook", events=("completed", "failed"))

`register` is for one submission, before or after its job is there. Standing endpoints are told of all jobs (endpoints.py).
"""

from topics.webhooks.endpoints import STYLES, check, forget, register

__all__ = ["STYLES", "check", "forget", "register"]
