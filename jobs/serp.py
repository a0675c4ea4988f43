"""Rank tracking: the batch tick and the check of one keyword."""

import logging
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from random import uniform
from typing import Any

import clock
import config
import logs
import models
import queues
from errors import BadToken, ConfigError, LostClaim, OutOfCredits, TrawlError
from state.engine import dedup, jobs, limits
from state.store import connection
from state.tracking import batches, halts, keywords, projects, request_slots
from topics.tracking import account, check, days

log = logging.getLogger("trawl.serp")

#: One check may fetch 10 pages of at most REQUEST_TIMEOUT each, and wait for a request slot before.
CHECK_TIMEOUT_S = 900

SLOT_WAIT_S = 60

#: Where a big project filled the queues, one part in so many beyond their depth is for those with next to nothing in them.
SPARE = 5

#: Errors after which every other check would fail alike: fetching stops, with one message.
HALTING = (BadToken, OutOfCredits, ConfigError)


@queues.job(queue="high", kind="maintenance", timeout_s=120, retries=0, dedup_key="tick:serp")
def enqueue_batch(due_s: int | None = None) -> dict[str, Any]:
    """Put up to `SERP_BATCH_SIZE` due keywords into the queues: never scraped → high, the others → default.

    Fair by project weight; each keyword is claimed and queued in one step, so ticks may race or be killed. With `due_s` (seconds
    since 1970: when this tick was due), all ticks of one interval share one batch size. Frees claims whose job is gone before.
    """
    started = clock.monotonic()
    freed = free_orphans()
    halt = halts.halted()
    if halt and not account.goes_on(halt):
        log.info("No batch: %s", halt.reason, extra={"provider": halt.provider, "since": halt.since.isoformat()})
        return {"outcome": "halted", "reason": halt.reason, "freed": freed}
    settings = config.settings()
    every = settings.serp_enqueue_interval
    slot = None if due_s is None else batches.Slot(due_s // every, settings.serp_batch_size, 2 * every)
    work = batches.Work(queues.spec_of(track_keyword).path, CHECK_TIMEOUT_S)
    depth = settings.serp_max_queue_depth - sum(limits.blocked((queues.HIGH, queues.DEFAULT)).values())
    spare = settings.serp_max_queue_depth // SPARE
    batch = batches.take(settings.serp_batch_size, work, max_depth=depth, spare=spare, slot=slot)
    counts = {"total": batch.total, "high": batch.high, "default": batch.default, "projects": batch.projects, "freed": freed}
    ms = round((clock.monotonic() - started) * 1000)
    log.info("Enqueued batch of %d", batch.total, extra={**counts, "held_back": batch.held_back, "ms": ms})
    return {"outcome": "held_back" if batch.held_back else "enqueued", **counts, "ms": ms}


@queues.job(queue="default", kind="serp", timeout_s=CHECK_TIMEOUT_S, retries=0, dedup_key="serp:{keyword_id}")
def track_keyword(keyword_id: str, force: bool = False) -> dict[str, Any]:
    """Check one keyword now; returns its outcome. A keyword that failed is due again by its own table: the job has no retries.

    `ranked` or `not_found` with the rank; `skipped_recent` (nothing fetched, nothing charged) unless `force`; `in_progress`
    while another job has it; `gone`, `archived`, `inactive`. `halted`: the provider or the store refuses all of us; the keyword
    stays due and nothing failed. A check that fails raises; its next attempt is set by then. The claim is freed in every case.
    """
    owner = queues.current_job_id() or dedup.direct_owner()
    holder = dedup.take(dedup.SERP, keyword_id, owner)
    if holder:
        return {"outcome": "in_progress", "job": holder}
    keyword = keywords.find_many([keyword_id])[0]
    project = projects.find(keyword.project_id) if keyword else None
    if not keyword or not project:
        dedup.release(dedup.SERP, keyword_id, owner)
        return {"outcome": "gone"}
    bound = logs.bind(job=owner, keyword=keyword.id, project=project.id, attempt=keyword.failures + 1)
    with bound, dedup.kept(dedup.SERP, keyword_id, owner):
        return _Check(keyword, project, owner, force).run()


class _Check:
    """One check under its claim: whatever happens inside, the claim is freed and the next due time set."""

    def __init__(self, keyword: models.Keyword, project: models.Project, owner: str, force: bool) -> None:
        self.keyword, self.project, self.owner, self.force = keyword, project, owner, force
        self.ending: keywords.Ending | None = None
        self.day = days.of_check(project, keyword, clock.now())  # of the slot that was due, however late the check runs

    def run(self) -> dict[str, Any]:
        started = clock.monotonic()
        try:
            outcome = self._outcome()
        except check.CheckFailed as failure:
            if isinstance(failure.error, HALTING):
                return self._halted(failure.error)
            self._failed(failure.error, failure.rank)
            raise failure.error from None
        except HALTING as exc:
            return self._halted(exc)
        except TrawlError as exc:
            self._failed(exc, self._unknown(exc.category))
            raise
        except KeyboardInterrupt:  # `serp check`, stopped by hand: nothing is the keyword's fault
            self.ending = keywords.Ending("released")
            raise
        finally:
            self._finish()
        log.info("Checked", extra={**outcome, "ms": round((clock.monotonic() - started) * 1000)})
        return outcome

    def _outcome(self) -> dict[str, Any]:
        why_not = self._why_not()
        if why_not:
            self.ending = keywords.Ending("released")
            batches.give_back_turn(self.owner, self.project.id)
            return why_not
        using = check.tools()
        rank = check.Check(self.keyword, self.project, using, lambda: self._slot(using.provider.name), day=self.day).run()
        self.ending = keywords.Ending("read", rank)
        if self.force:  # somebody looked, and the provider answers again
            halts.resume()
        return {"outcome": rank.state.value, "rank": rank.rank, "url": rank.url, "scanned": rank.scanned, "says": str(rank)}

    def _why_not(self) -> dict[str, Any] | None:
        if self.force:
            return None
        if not self.project.active:
            return {"outcome": "inactive"}
        if self.keyword.archived:
            return {"outcome": "archived"}
        if self.keyword.due_at and self.keyword.due_at > connection.now():
            return {"outcome": "skipped_recent", "due_at": self.keyword.due_at.isoformat()}
        halt = halts.halted()
        return {"outcome": "halted", "reason": halt.reason} if halt else None

    def _slot(self, provider: str) -> AbstractContextManager[None]:
        return request_slots.slot(provider, self.owner, limit=config.settings().serp_concurrency, wait_s=SLOT_WAIT_S)

    def _halted(self, error: TrawlError) -> dict[str, Any]:
        """Nothing is this keyword's fault: it stays due, and fetching stops. One check says so, those beside it are quiet."""
        self.ending = keywords.Ending("released")
        reason = logs.redact(str(error))
        if halts.halt(config.settings().serp_provider, reason):
            log.warning(
                "Fetching is halted: %s. It goes on by itself once that is mended, or by `serp resume`", reason.rstrip(".")
            )
        return {"outcome": "halted", "reason": reason}

    def _failed(self, error: TrawlError, rank: models.Rank) -> None:
        again_in_s = error.retry_after_s * 2 ** (self.keyword.failures % keywords.FAILURES_IN_A_ROW) * uniform(0.75, 1.25)
        details = {"category": error.category, "message": logs.redact(str(error))[:500], "job": self.owner}
        self.ending = keywords.Ending("failed", rank, again_in_s, final=not error.retryable, error=details)
        log.warning("Check failed: %s", error, extra={"category": error.category, "reason": rank.reason})

    def _unknown(self, reason: str) -> models.Rank:
        return models.Rank(self.day, models.RankState.UNKNOWN, reason=reason)

    def give_up(self) -> None:
        """End it as a failure of ours, without having run."""
        self._finish()

    def _finish(self) -> None:
        if self.ending is None:  # a defect or a time limit: a failure of ours, and the error goes on rising
            error = {"category": "system", "message": "The job broke off; its log has the error.", "job": self.owner}
            self.ending = keywords.Ending("failed", self._unknown("system"), TrawlError.retry_after_s, error=error)
        project = projects.find(self.project.id) or self.project  # its hours may have been changed meanwhile
        following = days.following(project, self.keyword, clock.now())
        ending = replace(self.ending, following=following)
        try:
            keywords.finish(self.keyword, self.owner, timedelta(hours=project.every_h), ending)
        except LostClaim as exc:
            log.warning("Outcome refused: %s", exc)


def free_orphans() -> int:
    """Free the claims whose job is gone or over; their keywords are due again. Says how many."""
    freed = 0
    for namespace in dedup.namespaces():
        for claim in dedup.orphans(namespace):
            is_keyword = namespace == dedup.SERP
            freed += _end_orphan(claim) if is_keyword else dedup.release(namespace, claim.member, claim.job_id)
    if freed:
        log.warning("Freed claims of jobs that are gone", extra={"count": freed})
    return freed


def _end_orphan(claim: dedup.Claim) -> bool:
    """A check that ended without a word: a failure where its job failed (a crash, a kill), else as if it had never begun."""
    keyword = keywords.find_many([claim.member])[0]
    project = projects.find(keyword.project_id) if keyword else None
    if not keyword or not project or not jobs.has_failed(claim.job_id):
        return keywords.release(claim)
    check_lost = _Check(keyword, project, claim.job_id, force=False)
    check_lost.give_up()
    return True


def reset_claim(claim: dedup.Claim) -> bool:
    """Free one claim by hand, whoever holds it; its keyword is due again. A job that still runs has its outcome refused."""
    return keywords.release(claim)
