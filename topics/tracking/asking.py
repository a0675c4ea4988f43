"""Checks that somebody asks for out of turn: jobs of their own, one a keyword at a time."""

from collections.abc import Callable, Sequence
from typing import Any

import models
import queues
from state.tracking import projects
from topics.tracking import paying

RESULTS_PER_PAGE = 10


def check_now(track: Callable[..., Any], found: Sequence[models.Keyword]) -> dict[str, Any]:
    """Queue a check of each keyword, also of one that is fresh; `track` is the job. One that is in hand keeps its job.

    The pages are taken from the month of the API key that asks. Raises OutOfPages where it has too few. Returns `checks`
    (keyword_id, job_id, duplicate_of), `pages_at_most` and `warnings`. Safe to repeat.
    """
    pages = _pages(found)
    made = queues.submit_many(
        models.Call(track, (one.id,), {"force": True}, labels={"project": one.project_id}, pages=pages[one.project_id])
        for one in found
    )
    checks = [
        {"keyword_id": keyword.id, "job_id": one.job_id, "duplicate_of": one.duplicate_of}
        for keyword, one in zip(found, made, strict=True)
    ]
    warnings = dict.fromkeys(warning for one in made for warning in one.warnings)
    at_most = sum(pages[one.project_id] for one in found)
    return {"checks": checks, "pages_at_most": at_most, "warnings": list(warnings)}


def price(found: Sequence[models.Keyword]) -> dict[str, Any]:
    """The same without queueing anything: how many pages that would buy at most, and the `price` of them beside the budget.

    In `price`: requests, credits, and how long they take.
    """
    pages = _pages(found)
    at_most = sum(pages[one.project_id] for one in found)
    price = {"requests_at_most": at_most, **paying.price(at_most, list(pages))}
    price |= paying.lasting(len(found), max(pages.values(), default=0))
    return {"checks": [], "pages_at_most": at_most, "warnings": [], "price": price}


def pages_of(depth: int) -> int:
    """Pages of results down to a depth."""
    return -(-depth // RESULTS_PER_PAGE)


def _pages(found: Sequence[models.Keyword]) -> dict[str, int]:
    """Project → pages that a check of its keywords buys at most: 10 results a page, down to its depth."""
    ids = {keyword.project_id for keyword in found}
    depths = {one.id: pages_of(one.depth) for one in projects.find_many(sorted(ids))}
    return dict.fromkeys(ids, 0) | depths
