"""What is old in access goes: lines of the audit, keys revoked long ago, pages reserved for jobs that are over."""

import queues
from state.access import api_keys
from topics.access import audit


def tidy() -> int:
    """Let go of all that; returns how many lines, keys and pages. Safe to repeat."""
    pages = sum(queues.settle_pages(key.id) for key in api_keys.every())
    return audit.trim() + api_keys.forget_old() + pages
