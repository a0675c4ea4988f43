"""Claims of keywords freed without an outcome: of jobs that are gone, and by hand."""

import logging
from collections.abc import Callable, Sequence

from state.engine import dedup
from state.tracking import outcomes
from topics.tracking import claimed_check, projects

log = logging.getLogger("trawl.serp")


def free_orphans() -> int:
    """Free the claims whose job is gone or over; their keywords are due again. Returns how many."""
    freed = sum(_free(namespace, claim) for namespace in dedup.namespaces() for claim in dedup.orphans(namespace))
    if freed:
        log.warning("Freed claims of jobs that are gone", extra={"count": freed})
    return freed


def held(older_than_s: float, keyword_id: str | None) -> list[dedup.Claim]:
    """Claims of keywords held for at least so long; with `keyword_id` only that one's."""
    return [claim for claim in dedup.held(older_than_s=older_than_s) if keyword_id in (None, claim.member)]


def free(older_than_s: float, keyword_id: str | None, most: int) -> tuple[int, bool]:
    """Free claims by hand as `reset`, at most so many, oldest first: (how many were freed, whether more are held that long).

    Raises NotFound where there is no such keyword.
    """
    if keyword_id is not None:
        claim = dedup.held_by(dedup.SERP, projects.find_keyword(keyword_id).id)
        return (reset([claim], lambda done: None) if claim else 0), False
    found = dedup.page(dedup.SERP, most, older_than_s=older_than_s)
    return reset(found.claims, lambda done: None), bool(found.cursor)


def reset(claims: Sequence[dedup.Claim], done: Callable[[int], None]) -> int:
    """Free claims by hand, whoever holds them; their keywords are due again. A job that still runs has its outcome refused.

    `done` gets how many claims were looked at. Returns how many were freed.
    """
    freed = 0
    for number, claim in enumerate(claims, 1):
        freed += outcomes.release(claim)
        done(number)
    return freed


def _free(namespace: str, claim: dedup.Claim) -> bool:
    if namespace == dedup.SERP:
        return claimed_check.end_without_job(claim)
    return dedup.release(namespace, claim.member, claim.job_id)
