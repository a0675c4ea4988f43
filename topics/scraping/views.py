"""One look at a scrape, whatever it is: a single job, a batch or a crawl."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from errors import NotFound
from state.scraping import ledger_looks, ledgers, scrape_jobs
from state.store import connection
from topics.scraping import config as configs
from topics.scraping import progress, stored
from topics.scraping.progress import Progress

#: RQ's words for a job, and ours.
STATES = {
    "queued": "pending",
    "started": "running",
    "scheduled": "scheduled",
    "deferred": "pending",
    "finished": "completed",
    "failed": "failed",
    "stopped": "cancelled",
    "canceled": "cancelled",
}


#: How a cursor begins that leads among those that ended.
ENDED = "ended-"


@dataclass(frozen=True, slots=True)
class Look:
    """A scrape now. `progress` is there for batches and crawls, `result` for a single job that is done."""

    id: str
    kind: str
    state: str
    says: str = ""
    percent: float = 0.0
    progress: Progress | None = None
    result: dict[str, Any] | None = None
    owner: str = ""  # the API key that asked for it; "" = nobody's

    @property
    def is_over(self) -> bool:
        """Whether nothing changes any more."""
        return self.state in ("completed", "failed", "cancelled", "complete", "partial", "stopped")

    @property
    def is_good(self) -> bool:
        """Whether all that was asked for is there."""
        return self.state in ("completed", "complete")


def look(id_: str) -> Look:
    """How far it is. Raises NotFound."""
    with connection.errors_translated():
        ledger = ledgers.read(id_)
        if ledger is not None:
            return _of_ledger(ledger, scrape_jobs.state_of(id_) if ledger.state == "opening" else None)
        result, seen = stored.result(id_), scrape_jobs.state_of(id_)
        owner = scrape_jobs.owner_of(id_) or stored.owner_of(id_)
    if result is not None:
        kind = "map" if "urls" in result else "page"
        return Look(id_, kind, "completed", percent=100.0, result=result, owner=owner)
    if seen is None:
        raise NotFound(f"No scrape {id_}: it never existed, or it has expired (RESULT_DAYS).")
    status, parked, message = seen
    state = "parked" if parked else STATES.get(status, status)
    percent = 100.0 if state in ("failed", "cancelled", "completed") else 0.0
    return Look(id_, "page", state, parked or message, percent, owner=owner)


def _of_ledger(ledger: ledgers.Ledger, job: tuple[str, str, str] | None) -> Look:
    """A batch or crawl; `job`: what is known of the job that opens it, where it is not open yet."""
    seen = progress.read(ledger)
    state, says = seen.state, "; ".join(seen.reasons)
    if state == "opening" and job and job[0] in ("failed", "canceled", "stopped"):
        state, says = STATES[job[0]], job[2]
    elif state == "opening" and job and job[1]:
        says = job[1]
    return Look(ledger.id, ledger.kind, state, says, seen.percent, seen, owner=ledger.owner)


def page(limit: int, cursor: str = "", *, ended: bool | None = None) -> tuple[list[Look], str]:
    """Batches and crawls, and the cursor of the next ones ("" = there are none).

    `ended`: True = those that ended, the latest first; False = those that go on, the last that moved first; None = these, then
    those. A part may be short before the end. Raises ArgumentError for a bad cursor. Reads only.
    """
    is_ended = ended is True or cursor.startswith(ENDED)
    with connection.errors_translated():
        looks, following = _page(limit, cursor.removeprefix(ENDED), is_ended)
        if is_ended:
            return looks, ENDED + following if following else ""
        if following or ended is False or len(looks) >= limit:
            return looks, following or (ENDED if ended is None else "")
        more, following = _page(limit - len(looks), "", True)
    return [*looks, *more], ENDED + following if following else ""


def _page(limit: int, cursor: str, ended: bool) -> tuple[list[Look], str]:
    found, following = ledger_looks.page(limit, cursor, ended=ended)
    opening = [one.id for one in found if one.state == "opening"]
    jobs = dict(zip(opening, scrape_jobs.states_of(opening), strict=True))
    return [_of_ledger(one, jobs.get(one.id)) for one in found], following


def records(id_: str, *, with_all: bool = False) -> Iterator[dict[str, Any]]:
    """What came out: the one record of a page or map, or those of a batch or crawl, as they are read. Raises NotFound.

    `with_all`: pages that were skipped or failed, too.
    """
    yield from records_of(look(id_), with_all=with_all)


def records_of(seen: Look, *, with_all: bool = False) -> Iterator[dict[str, Any]]:
    """The same, of what was looked at."""
    if seen.progress is not None:
        yield from (one for one in stored.records(seen.id) if with_all or one["outcome"] == "done")
    elif seen.result is not None:
        yield from ({"url": url} for url in seen.result["urls"]) if seen.kind == "map" else [seen.result]
    else:
        raise NotFound(f"{seen.id} has no result: it is {seen.state}{f' ({seen.says})' if seen.says else ''}.")


def format_of(id_: str) -> str:
    """The format that its configuration asks for; JSON where nothing is known of it."""
    with connection.errors_translated():
        ledger = ledgers.read(id_)
    return configs.load(ledger.fields["config"]).output_format if ledger else "json"
