"""How a check ends: its rank is stored, the next due time set and the claim freed, in one step."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import clock
import config
import models
from errors import LostClaim
from state.engine import counters, dedup
from state.store import keys, scripts
from state.tracking import history, serp_summaries
from state.tracking import keys as own_keys

#: Failed checks in a row before the next regular time is awaited.
FAILURES_IN_A_ROW = 3

ERROR_TTL_S = 30 * 86400


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """How a check ended.

    `outcome`: read (a page was read), failed, released (nothing was asked for), or reparsed (only the rank is stored).
    """

    outcome: str
    rank: models.Rank | None = None
    again_in_s: float = 0  # failed: the next attempt; released: 0 = at its regular time
    final: bool = False  # failed: another attempt before the regular time cannot help
    error: dict[str, str] | None = None  # category, message, job
    following: int | None = None  # next regular due time (s since 1970); None = on the grid of the interval
    serp: serp_summaries.Summary | None = None  # what the check saw


def finish(keyword: models.Keyword, owner: str | None, every: timedelta, ending: CheckOutcome) -> None:
    """End a check: store its rank, set the next due time and free the claim of `owner`, in one step. Safe to repeat.

    Raises LostClaim where another job holds the claim by now; then nothing was changed. `owner` None touches no claim.
    """
    [reply] = scripts.run_together([_call(keyword, owner, every, ending)])
    if reply == b"lost":
        raise LostClaim(f"Keyword {keyword.id} is another job's by now; the outcome of {owner} is refused.")


def release(claim: dedup.Claim) -> bool:
    """Free a claim that will have no outcome, its keyword due again, in one step; returns whether its owner still held it."""
    try:
        finish(models.Keyword(claim.member, "", ""), claim.job_id, timedelta(days=1), CheckOutcome("released"))
    except LostClaim:
        return False
    return True


def record_past(keyword: models.Keyword, days: Iterable[tuple[models.Rank, serp_summaries.Summary | None]]) -> None:
    """Store ranks of past days with what was seen on them, in one round trip; due times and claims stay. Safe to repeat."""
    day = timedelta(days=1)
    endings = (CheckOutcome("reparsed", rank, serp=seen) for rank, seen in days)
    scripts.run_together([_call(keyword, None, day, one) for one in endings])


def _call(keyword: models.Keyword, owner: str | None, every: timedelta, ending: CheckOutcome) -> scripts.Call:
    error = {**ending.error, "at": clock.now().isoformat(timespec="seconds")} if ending.error else None
    serp_days = config.settings().serp_summary_days
    return _record.call(
        keyword=keys.keyword(keyword.id),
        ranks=keys.ranks(keyword.id),
        pages=keys.pages(keyword.id),
        serps=own_keys.serps(keyword.id),
        last_error=keys.last_error(keyword.id),
        claims=keys.claims(dedup.SERP),
        claim_jobs=keys.claim_jobs(dedup.SERP),
        failed=keys.FAILED,
        ring=keys.RING,
        waiting=keys.WAITING,
        count=keys.count("scraped", counters.minute()),
        now_ms=clock.script_now_ms(),
        keyword_id=keyword.id,
        owner=owner or "",
        outcome=ending.outcome,
        record=history.pack(ending.rank) if ending.rank else b"",
        page=history.page_of(ending.rank) if ending.rank else "",
        serp=serp_summaries.pack([ending.serp]) if ending.serp and serp_days else b"",
        serp_days=serp_days,
        every_s=max(1, round(every.total_seconds())),
        again_in_s=round(ending.again_in_s),
        failures_in_a_row=1 if ending.final else FAILURES_IN_A_ROW,
        error=json.dumps(error) if error else "",
        error_lifetime_s=ERROR_TTL_S,
        project_prefix=keys.PROJECT,
        following_s="" if ending.following is None else ending.following,
    )


@scripts.script("tracking/record")
def _record(
    *,
    keyword: str,
    ranks: str,
    pages: str,
    serps: str,
    last_error: str,
    claims: str,
    claim_jobs: str,
    failed: str,
    ring: str,
    waiting: str,
    count: str,
    now_ms: str,
    keyword_id: str,
    owner: str,
    outcome: str,
    record: bytes,
    page: str,
    serp: bytes,
    serp_days: int,
    every_s: int,
    again_in_s: int,
    failures_in_a_row: int,
    error: str,
    error_lifetime_s: int,
    project_prefix: str,
    following_s: int | str,
) -> bytes:
    raise scripts.InLua
