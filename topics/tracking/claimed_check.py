"""One check of a keyword under its claim: whatever happens inside, the claim is freed and the next due time is set."""

import logging
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from random import uniform
from typing import Any

import clock
import config
import logs
import models
import queues
from engine import retry_policy
from errors import BadToken, ConfigError, LostClaim, NotNow, OutOfCredits, TrawlError
from state.engine import dedup, jobs, limits, pauses
from state.store import connection
from state.tracking import batches, halts, keywords, outcomes, projects, request_slots
from topics.tracking import asking, check, days, paying, summaries, suspects

log = logging.getLogger("trawl.serp")

#: How long a check by hand waits for a request slot.
SLOT_WAIT_S = 60

#: Errors after which every other check would fail alike: fetching stops, with one message.
HALTING = (BadToken, OutOfCredits, ConfigError)


def run(keyword_id: str, owner: str, *, force: bool) -> dict[str, Any]:
    """Claim a keyword for `owner`, check it, and return the outcome. The claim is freed in every case.

    Of the pages that an API key put up for it, those that were not fetched are given back.
    """
    outcome = _run(keyword_id, owner, force)
    queues.pages_fetched(owner, 0)  # nothing, where the check said how many
    return outcome


def _run(keyword_id: str, owner: str, force: bool) -> dict[str, Any]:
    holder = dedup.take(dedup.SERP, keyword_id, owner)
    if holder:
        return {"outcome": "in_progress", "job": holder}
    keyword = keywords.find(keyword_id)
    project = projects.find(keyword.project_id) if keyword else None
    if not keyword or not project:
        dedup.release(dedup.SERP, keyword_id, owner)
        return {"outcome": "gone"}
    bound = logs.bind(job=owner, keyword=keyword.id, project=project.id, attempt=keyword.failures + 1)
    with bound, dedup.kept(dedup.SERP, keyword_id, owner):
        return ClaimedCheck(keyword, project, owner, force).run()


def end_without_job(claim: dedup.Claim) -> bool:
    """End a check whose job is gone; returns whether the claim was still the job's.

    It is a failure where the job failed (a crash, a kill), else as if the check had never begun.
    """
    keyword = keywords.find(claim.member)
    project = projects.find(keyword.project_id) if keyword else None
    if not keyword or not project or not jobs.has_failed(claim.job_id):
        return outcomes.release(claim)
    ClaimedCheck(keyword, project, claim.job_id, force=False).finish()
    return True


class ClaimedCheck:
    """A keyword, its project, and who holds the claim."""

    def __init__(self, keyword: models.Keyword, project: models.Project, owner: str, force: bool) -> None:
        self.keyword, self.project, self.owner, self.force = keyword, project, owner, force
        self.ended: outcomes.CheckOutcome | None = None
        self.may_wait = False  # the check raised NotNow: its job is parked, and keeps the claim
        self.day = days.of_check(project, keyword, clock.now())  # of the slot that was due, however late the check runs

    def run(self) -> dict[str, Any]:
        started = clock.monotonic()
        try:
            outcome = self._outcome()
        except NotNow:
            self.may_wait = True
            raise
        except check.CheckFailed as failure:
            if isinstance(failure.error, NotNow):
                self.may_wait = True
                raise failure.error from None
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
            self.ended = outcomes.CheckOutcome("released")
            raise
        finally:
            self.finish()
        log.info("Checked", extra={**outcome, "ms": round((clock.monotonic() - started) * 1000)})
        return outcome

    def _outcome(self) -> dict[str, Any]:
        refusal = self._refusal()
        if refusal:
            self.ended = outcomes.CheckOutcome("released")
            batches.give_back_turn(self.owner, self.project.id)
            return refusal
        using = check.tools()
        bill = paying.Bill(using.provider, f"project:{self.project.id}", self.owner)
        checking = check.Check(self.keyword, self.project, using, self._slot, bill.link, day=self.day)
        with bill.pages(asking.pages_of(self.project.depth), lambda: bill.told(one.reply for one in checking.fetched)):
            rank = checking.run()
        queues.pages_fetched(self.owner, len(checking.fetched))
        seen = summaries.of_check(checking.stored, rank.day) if checking.stored else None
        rank = suspects.judged(self.project, self.keyword, rank)
        self.ended = outcomes.CheckOutcome("read", rank, serp=seen)
        if self.force:  # somebody looked, and the provider answers again
            halts.resume()
        return {"outcome": rank.state.value, "rank": rank.rank, "url": rank.url, "scanned": rank.scanned, "says": str(rank)}

    def _refusal(self) -> dict[str, Any] | None:
        """Why nothing is fetched now; None = a page is fetched."""
        pause = None if dedup.is_direct(self.owner) else self._pause()
        if self.force:
            if pause:  # somebody asked for this check, and no tick would ask again
                raise pause.not_now()
            return None
        if pause:
            return {"outcome": "paused", "reason": pause.says}
        if not self.project.active:
            return {"outcome": "inactive"}
        if self.keyword.archived:
            return {"outcome": "archived"}
        if self.keyword.due_at and self.keyword.due_at > connection.now():
            return {"outcome": "skipped_recent", "due_at": self.keyword.due_at.isoformat()}
        halt = halts.halted()
        return {"outcome": "halted", "reason": halt.reason} if halt else None

    def _pause(self) -> pauses.Pause | None:
        """The pause of its project or of the provider. The keyword stays due, and a tick after the pause takes it again."""
        scopes = [f"{pauses.PROJECT}:{self.project.id}", pauses.of_provider()]
        return pauses.why(scopes)

    def _slot(self) -> AbstractContextManager[None]:
        """A place at the provider for one request. A job has its place already: its kind was not full when it was leased."""
        if not dedup.is_direct(self.owner):
            return nullcontext()
        return request_slots.slot(limits.SERP, self.owner, limit=config.settings().serp_concurrency, wait_s=SLOT_WAIT_S)

    def _halted(self, error: TrawlError) -> dict[str, Any]:
        """Nothing is this keyword's fault: it stays due, and fetching stops. One check says so, those beside it are quiet."""
        self.ended = outcomes.CheckOutcome("released")
        reason = logs.redact(str(error))
        if halts.halt(config.settings().serp_provider, reason):
            log.warning(
                "Fetching is halted: %s. It goes on by itself once that is mended, or by `serp resume`", reason.rstrip(".")
            )
        return {"outcome": "halted", "reason": reason}

    def _failed(self, error: TrawlError, rank: models.Rank) -> None:
        failed = self.keyword.failures % outcomes.FAILURES_IN_A_ROW
        may_help = retry_policy.may_retry(limits.SERP, retry_policy.nearest(error), error, failed)
        again_in_s = retry_policy.longest_wait_s(limits.SERP, error, failed + 1) * uniform(0.75, 1.25)
        details = {"category": error.category, "message": logs.redact(str(error))[:500], "job": self.owner}
        self.ended = outcomes.CheckOutcome("failed", rank, again_in_s, final=not may_help, error=details)
        log.warning("Check failed: %s", error, extra={"category": error.category, "reason": rank.reason})

    def _unknown(self, reason: str) -> models.Rank:
        return models.Rank(self.day, models.RankState.UNKNOWN, reason=reason)

    def finish(self) -> None:
        """Store how the check ended and free the claim. A check that never said how is a failure of ours."""
        if self.may_wait:
            if not dedup.is_direct(self.owner):
                return
            self.ended = outcomes.CheckOutcome("released")
        if self.ended is None:  # a defect or a time limit; the error goes on rising
            error = {"category": "system", "message": "The job broke off; its log has the error.", "job": self.owner}
            self.ended = outcomes.CheckOutcome("failed", self._unknown("system"), TrawlError.retry_after_s, error=error)
        project = projects.find(self.project.id) or self.project  # its hours may have been changed meanwhile
        outcome = replace(self.ended, following=days.following(project, self.keyword, clock.now()))
        try:
            outcomes.finish(self.keyword, self.owner, timedelta(hours=project.every_h), outcome)
        except LostClaim as exc:
            log.warning("Outcome refused: %s", exc)
