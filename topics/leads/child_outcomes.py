"""What became of the jobs that a job waits for, all together: counts, progress, and whether any did what it was for."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import errors
import queues
from state.engine import children
from state.store import connection
from topics.leads.children import Child

#: What a job raises none of whose children did anything, by the category of most of their errors.
ERRORS: dict[str, type[errors.TrawlError]] = {
    "network": errors.NetworkError,
    "blocked": errors.BlockedError,
    "budget": errors.BudgetError,
    "config": errors.ConfigError,
    "system": errors.SystemFault,
}


def counts(seen: Sequence[Child]) -> dict[str, int]:
    """How many of them did what they were for, failed, and were cancelled; and how many there are."""
    states = Counter(one.state for one in seen)
    return {"done": states["completed"], "failed": states["failed"], "cancelled": states["cancelled"], "total": len(seen)}


def progress(seen: Sequence[Child], what: str, before: int = 0) -> None:
    """Tell how far they are, e.g. `what` "companies scraped". `before`: steps that were done before them."""
    told = counts(seen)
    over = sum(bool(one.state) for one in seen)
    parts = [f"{told['done']} of {len(seen)} {what}", *(f"{told[name]} {name}" for name in ("failed", "cancelled") if told[name])]
    outcome = ["partial: "] if over == len(seen) and 0 < told["done"] < over else []
    queues.progress(before + over, before + len(seen), "".join([*outcome, ", ".join(parts)]), told)


def outcome(seen: Sequence[Child]) -> dict[str, Any]:
    """What became of them all, for the result of their parent: complete, partial or failed, and what is missing."""
    told = counts(seen)
    missing = told["total"] - told["done"]
    word = "complete" if not missing else "partial" if told["done"] else "failed"
    return {"outcome": word, "failed": told["failed"], "cancelled": told["cancelled"]}


def check_any(job_id: str, seen: Sequence[Child], what: str) -> None:
    """They are all over: raise where none did what it was for, e.g. `what` "scraped", so that their parent fails.

    The error is of the category of most of theirs. The parent is not tried again: it would find them as they are.
    """
    with connection.errors_translated():
        children.forget(job_id)
    if not seen or any(one.is_done for one in seen):
        return
    [category] = [name for name, _ in Counter(one.category for one in seen if one.category).most_common(1)] or [""]
    raised = ERRORS.get(category, errors.DataError)(_nothing(job_id, seen, what))
    raised.retryable = False
    raise raised


def _nothing(job_id: str, seen: Sequence[Child], what: str) -> str:
    told = counts(seen)
    states = ", ".join(f"{told[name]} {name}" for name in ("failed", "cancelled") if told[name])
    reasons = [reason.rstrip(".") for reason, _ in Counter(one.error for one in seen if one.error).most_common(3)]
    text = f"No company was {what}: of {len(seen):,} {states}"
    why = f" ({'; '.join(reasons)})" if reasons else ""
    return f"{text}{why}. `python manage.py lead result {job_id}` lists them."
