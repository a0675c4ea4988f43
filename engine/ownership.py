"""Who owns what is submitted: the API key that asked for it. A job that a job submits belongs to the same owner.

with queues.owned_by("4k2jq8xz"):
    queues.submit(scrape.scrape_url, "https://example.com/")
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from engine.context import current_run
from errors import ArgumentError

OWNER = re.compile(r"[A-Za-z0-9_-]{1,40}")

_owner: ContextVar[str | None] = ContextVar("owner", default=None)


@contextmanager
def owned_by(owner: str) -> Iterator[None]:
    """What is submitted inside belongs to `owner`; "" = to nobody, also inside a job.

    Raises ArgumentError for what is no owner.
    """
    if owner and not OWNER.fullmatch(owner):
        raise ArgumentError(f"the owner {owner!r:.60} must be up to 40 letters, digits, - and _.")
    token = _owner.set(owner)
    try:
        yield
    finally:
        _owner.reset(token)


def current_owner() -> str:
    """The owner of what is submitted here; "" = nobody."""
    owner = _owner.get()
    if owner is not None:
        return owner
    run = current_run.get()
    return run.owner if run else ""
