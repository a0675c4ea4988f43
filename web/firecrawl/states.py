"""The state of a batch or crawl in Firecrawl's four words: scraping, completed, failed, cancelled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import clock
from state.scraping import scrape_jobs
from state.scraping.ledgers import Ledger
from state.store import connection
from topics.scraping import progress

#: What is kept is kept for longer: this is what a client may count on (h).
KEPT_H = 24

#: The job that begins a batch or crawl is there so soon (s) after its record.
BEGINS_S = 60

OPENING_ENDED = ("failed", "canceled", "stopped")


@dataclass(frozen=True, slots=True)
class State:
    """How far it is. `completed` is `total` exactly where the status is completed."""

    status: str
    completed: int
    total: int
    credits: int
    warning: str = ""


def of(ledger: Ledger) -> State:
    """The state of a ledger. Pages that failed count as completed and cost nothing; those that were skipped count for nothing."""
    seen = progress.read(ledger)
    completed = ledger.done + sum(ledger.failed.values())
    provider = round(seen.counts["credits"])
    status, waits = _status(ledger, seen)
    total = completed
    if status in ("scraping", "cancelled"):
        room = max(0, ledger.number("max_pages") - ledger.done)
        total += max(1, min(ledger.pending, room))
    return State(status, completed, total, provider or ledger.done, waits)


def _status(ledger: Ledger, seen: progress.Progress) -> tuple[str, str]:
    """The word, and why it waits."""
    words = {"stopped": "cancelled", "complete": "completed", "partial": "completed", "failed": "failed"}
    if seen.state in words:
        told = "; ".join(seen.reasons) if seen.state in ("partial", "failed") else ""
        return words[seen.state], told
    if seen.state != "opening":
        return "scraping", ""
    with connection.errors_translated():
        job = scrape_jobs.state_of(ledger.id)
    if job is None:
        is_late = (ledger.at("created_ms") or clock.now()) < clock.now() - timedelta(seconds=BEGINS_S)
        return ("failed", "It was never begun: send it again.") if is_late else ("scraping", "")
    if job[0] in OPENING_ENDED:
        return ("cancelled" if job[0] == "canceled" else "failed"), job[2]
    return "scraping", job[1]


def runs(ledger: Ledger) -> bool:
    """Whether it goes on."""
    return _status(ledger, progress.read(ledger))[0] == "scraping"


def expires_at(ledger: Ledger) -> str:
    """Until when its pages are there, as far as a client may count on it."""
    last = ledger.at("ended_ms") or clock.now()
    return (last + timedelta(hours=KEPT_H)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> str:
    """A time of a record as they write it."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
