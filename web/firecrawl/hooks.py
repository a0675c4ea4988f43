"""Webhooks of batches and crawls, as Firecrawl's clients ask for them."""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

import errors as trawl
from models import Submission
from topics import webhooks
from topics.scraping import crawl
from topics.scraping.crawl import Plan
from web.firecrawl import errors

EVENTS = ("started", "page", "completed", "failed")
KINDS = ("crawl", "batch_scrape")
STYLE = "firecrawl"


class Hook(NamedTuple):
    """Who is told of what."""

    url: str
    headers: dict[str, str]
    metadata: dict[str, Any]
    events: tuple[str, ...]


def of(given: str | dict[str, Any] | None) -> Hook | None:
    """A webhook as a request names it; None where it names none. Raises Problem 400."""
    if not given:
        return None
    if isinstance(given, str):
        given = {"url": given}
    unknown = set(given) - {"url", "headers", "metadata", "events"}
    if unknown:
        raise errors.refused(f"webhook: {min(unknown)[:60]!r} is not known", "unrecognized", ("webhook", min(unknown)))
    hook = Hook(
        str(given.get("url") or ""), given.get("headers") or {}, given.get("metadata") or {}, _events(given.get("events"))
    )
    if not isinstance(hook.headers, dict) or not isinstance(hook.metadata, dict):
        raise errors.refused("webhook: headers and metadata are objects", path=("webhook",))
    try:
        webhooks.check(hook.url, hook.headers, hook.metadata, hook.events, STYLE)
    except trawl.TrawlError as exc:
        raise errors.of_input(exc, ("webhook", "url")) from None
    return hook


def _events(given: Any) -> tuple[str, ...]:
    named = given if given or not isinstance(given, list | None) else list(EVENTS)  # n8n's node sends [] for all
    names = [_event(one) for one in named] if isinstance(named, list) else []
    if not names or any(one not in EVENTS for one in names):
        raise errors.refused(f"webhook.events: a list of {', '.join(EVENTS)}", path=("webhook", "events"))
    return tuple(dict.fromkeys(names))


def _event(given: Any) -> str:
    """The name of an event; people also write the `type` that a delivery has.

    >>> _event("page"), _event("batch_scrape.completed")
    ('page', 'completed')
    """
    kind, dot, name = str(given).partition(".")
    return name if dot and kind in KINDS else str(given)


def submitting(plan: Plan, hook: Hook | None) -> Callable[[str | None], Submission]:
    """What submits a batch or crawl; who is to be told of it is written down before, so that nothing of it is missed."""

    def submit(job_id: str | None) -> Submission:
        job_id = job_id or secrets.token_hex(16)
        if hook:
            webhooks.register(job_id, hook.url, hook.headers, hook.metadata, hook.events, STYLE)
        return crawl.submit(plan, job_id)

    return submit
