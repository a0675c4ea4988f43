"""Random histories of projects, keywords, ticks, checks and kills: after every step, everything is in its place exactly once."""

from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import clock
from errors import AlreadyExists, LostClaim
from state.engine import dedup
from state.store import connection, keys
from state.tracking import keywords, outcomes, projects
from tests.state import NOON, audit, due_in, job_of, keyword_of, project, queued, tick, words
from topics.tracking import claims
from topics.tracking import projects as tracked_projects

NAMES = ("a", "b", "c")
EVERY = timedelta(hours=24)

names = st.sampled_from(NAMES)
picks = st.integers(0, 1000)


class Rotation(RuleBasedStateMachine):
    """What a user, schedulers, workers and crashes may do, in any order."""

    @initialize()
    def start(self) -> None:
        self.held = ExitStack()
        self.held.enter_context(clock.frozen(NOON))
        connection.client().flushall()
        self.taken: list[str] = []  # jobs that workers have in hand
        self.lost: list[str] = []  # jobs whose claim somebody freed while they ran

    def teardown(self) -> None:
        if hasattr(self, "held"):
            self.held.close()

    def some_keyword(self, name: str, pick: int, *, archived: bool = False) -> str | None:
        found = sorted(keywords.ids_of(name, archived=archived))
        return found[pick % len(found)] if found else None

    # --- a user

    @rule(name=names, weight=st.sampled_from([0.5, 1.0, 3.0]), active=st.booleans())
    def add_project(self, name: str, weight: float, active: bool) -> None:
        try:
            project(name, weight=weight, active=active)
        except AlreadyExists:
            assert projects.find(name)

    @rule(name=names, count=st.integers(1, 6), start=st.integers(0, 10))
    def add_words(self, name: str, count: int, start: int) -> None:
        if projects.find(name):
            words(name, count, start)

    @rule(name=names, pick=picks)
    def remove_word(self, name: str, pick: int) -> None:
        if word := self.some_keyword(name, pick):
            assert keywords.remove(name, [word]) == 1

    @rule(name=names, pick=picks, rest=st.booleans())
    def archive(self, name: str, pick: int, rest: bool) -> None:
        if word := self.some_keyword(name, pick, archived=not rest):
            assert keywords.set_archived(word, rest) and not keywords.set_archived(word, rest)

    @rule(name=names, active=st.booleans())
    def set_active(self, name: str, active: bool) -> None:
        if projects.find(name):
            projects.set_active(name, active)

    @rule(name=names, every_h=st.sampled_from([1.0, 6.0, 24.0, 168.0]), hour=st.sampled_from([None, 0, 13]), killed=st.booleans())
    def change_project(self, name: str, every_h: float, hour: int | None, killed: bool) -> None:
        def progress(done: int) -> None:
            if killed:
                raise KeyboardInterrupt

        if projects.find(name):
            with suppress(KeyboardInterrupt):
                tracked_projects.change(name, {"every_h": every_h, "hour": hour, "weight": every_h}, progress)

    @rule(name=names)
    def remove_project(self, name: str) -> None:
        if projects.find(name):
            tracked_projects.remove(name)

    @rule(pick=picks)
    def reset_by_hand(self, pick: int) -> None:
        if held := list(dedup.held()):
            claim = held[pick % len(held)]
            assert outcomes.release(claim)
            if claim.job_id in self.taken:
                self.taken.remove(claim.job_id)
                self.lost.append(claim.job_id)

    # --- schedulers and workers

    @rule(size=st.integers(1, 12))
    def tick(self, size: int) -> None:
        before = dedup.count()
        batch = tick(size)
        assert batch.total <= size and dedup.count() >= before

    @rule(count=st.integers(1, 4))
    def take_jobs(self, count: int) -> None:
        for name in ("high", "default"):
            for raw in connection.client().lpop(keys.queue(name), count) or []:
                job_id = raw.decode()
                connection.client().hset(keys.job(job_id), "status", "started")
                holder = connection.client().hget(keys.claim_jobs(dedup.SERP), keyword_of(job_id))
                (self.taken if holder == raw else self.lost).append(job_id)

    @precondition(lambda self: self.taken)
    @rule(pick=picks, outcome=st.sampled_from(["read", "failed", "released"]), final=st.booleans())
    def end_check(self, pick: int, outcome: str, final: bool) -> None:
        job_id = self.taken.pop(pick % len(self.taken))
        self.finish(job_id, outcomes.CheckOutcome(outcome, again_in_s=60, final=final))
        connection.client().delete(keys.job(job_id))

    @precondition(lambda self: self.lost)
    @rule(pick=picks)
    def end_check_too_late(self, pick: int) -> None:
        job_id = self.lost.pop(pick % len(self.lost))
        word = keyword_of(job_id)
        before = connection.client().hgetall(keys.keyword(word)), dedup.count(), all_due()
        try:
            self.finish(job_id, outcomes.CheckOutcome("read"))
        except LostClaim:
            assert before == (connection.client().hgetall(keys.keyword(word)), dedup.count(), all_due())
        else:
            raise AssertionError("a late outcome was taken")
        connection.client().delete(keys.job(job_id))

    def finish(self, job_id: str, ending: outcomes.CheckOutcome) -> None:
        outcomes.finish(keywords.models.Keyword(keyword_of(job_id), "", ""), job_id, EVERY, ending)

    # --- crashes

    @precondition(lambda self: self.taken)
    @rule(pick=picks)
    def kill_worker(self, pick: int) -> None:
        connection.client().delete(keys.job(self.taken.pop(pick % len(self.taken))))

    @rule(pick=picks)
    def lose_queued_job(self, pick: int) -> None:
        if waiting := queued("high"):
            word = waiting[pick % len(waiting)]
            holder = connection.client().hget(keys.claim_jobs(dedup.SERP), word)
            if holder and connection.client().lrem(keys.queue("high"), 1, holder):
                connection.client().delete(keys.job(holder.decode()))

    @rule()
    def sweep(self) -> None:
        claims.free_orphans()
        assert claims.free_orphans() == 0

    @rule(hours=st.sampled_from([0.01, 0.3, 5, 24]))
    def time_passes(self, hours: float) -> None:
        clock.advance(timedelta(hours=hours))

    # --- what must hold

    @invariant()
    def everything_is_in_its_place_once(self) -> None:
        if not hasattr(self, "held"):
            return
        redis = connection.client()
        stale = [
            job_id for job_id in queued_jobs() if redis.hget(keys.claim_jobs(dedup.SERP), keyword_of(job_id)) != job_id.encode()
        ]
        audit_without(stale)
        for word in {claim.member for claim in dedup.held()} & set(keywords_known()):
            assert job_of(word)


def all_due() -> dict[str, Any]:
    return {name: due_in(name) for name in NAMES}


def keywords_known() -> list[str]:
    return [word for name in NAMES for word in keywords.ids_of(name, archived=None)]


def queued_jobs() -> list[str]:
    redis = connection.client()
    return [raw.decode() for name in ("high", "default") for raw in redis.lrange(keys.queue(name), 0, -1)]


def audit_without(stale: list[str]) -> None:
    """The audit, with jobs put aside whose claim was freed by hand while they waited: they will find another owner."""
    redis = connection.client()
    lists = {name: redis.lrange(keys.queue(name), 0, -1) for name in ("high", "default")}
    for name in lists:
        for job_id in stale:
            redis.lrem(keys.queue(name), 0, job_id)
    audit(NAMES)
    for name, ids in lists.items():
        redis.delete(keys.queue(name))
        if ids:
            redis.rpush(keys.queue(name), *ids)


Rotation.TestCase.settings = settings(
    max_examples=30, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TestRotation = Rotation.TestCase
