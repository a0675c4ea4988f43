"""Jobs by their ids: state, progress, and what can be done with them by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
import errors
import models
import queues
from models import JobStatus
from state.engine import events, execution_records, leases, limits
from state.store import connection, keys
from tests.state import contents
from topics.operations import jobs, listing, states
from worker import inline

UNTIL = datetime(2040, 1, 1, tzinfo=UTC)


@queues.job(queue="low", kind="test", retries=1)
def work(what: str = "") -> str:
    """Ends as it is told."""
    if what == "NotNow":
        raise errors.NotNow(UNTIL, "host example.com: delay")
    if what:
        raise getattr(errors, what)("told to")
    return "done"


@queues.job(queue="low", kind="walk", retries=0)
def walk() -> str:
    """Says how far it is."""
    for step in range(3):
        queues.progress(step + 1, 3, f"step {step + 1}", {"street": step})
    return "there"


def job_in(state: JobStatus) -> str:
    """A job that is in that state."""
    if state is JobStatus.SCHEDULED:
        return queues.submit(work, delay_s=3600).job_id
    told = {JobStatus.FAILED: "DataError", JobStatus.RETRY: "NetworkError", JobStatus.PARKED: "NotNow"}.get(state, "")
    job_id = queues.submit(work, told).job_id
    if state is JobStatus.CANCELLED:
        queues.cancel(job_id)
    elif state is JobStatus.RUNNING:
        leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1))
    elif state is not JobStatus.PENDING:
        inline.run_until_idle()
    return job_id


@pytest.mark.parametrize("state", JobStatus)
def test_a_job_is_in_the_state_that_its_record_tells(state: JobStatus) -> None:
    found = jobs.get_job_status(job_in(state))
    assert (found.status, found.state) == (state, states.CELERY[state])
    assert (found.kind, found.queue, found.kept) == ("test", "low", True)
    assert found.error_category == {JobStatus.FAILED: "data", JobStatus.RETRY: "network"}.get(state)
    assert (found.parked_for, found.parked_until) == (
        ("host example.com: delay", found.parked_until) if state is JobStatus.PARKED else (None, None)
    )


@pytest.mark.parametrize("state", JobStatus)
@pytest.mark.parametrize("wanted", JobStatus)
def test_a_job_becomes_by_hand_what_the_table_allows_and_nothing_else(state: JobStatus, wanted: JobStatus) -> None:
    job_id = job_in(state)
    if wanted in states.BY_HAND[state]:
        changed = jobs.update_job_status(job_id, wanted.value)
        if state is JobStatus.RUNNING:
            assert changed.status is JobStatus.RUNNING and changed.cancel_asked
        else:
            assert changed.status is wanted
        assert changed.id == (f"{job_id}-r1" if state in states.ENDED else job_id)
    elif wanted is state and state not in states.ENDED:
        assert jobs.update_job_status(job_id, wanted) == jobs.get_job_status(job_id)
    else:
        with pytest.raises(errors.WrongState) as refused:
            jobs.update_job_status(job_id, wanted)
        assert set(refused.value.allowed) == set(states.BY_HAND[state]) and str(state) in str(refused.value)
        assert jobs.get_job_status(job_id).status is state


@pytest.mark.parametrize("word", ["", "done", "PENDING ", None, "REVOKED", "canceled", "RECEIVED", "STARTED"])
def test_states_are_read_in_the_words_of_three_systems(word: Any) -> None:
    known = {"PENDING ": JobStatus.PENDING, "REVOKED": JobStatus.CANCELLED, "canceled": JobStatus.CANCELLED}
    known |= {"RECEIVED": JobStatus.PENDING, "STARTED": JobStatus.RUNNING}
    if word in known:
        assert states.named(word) is known[word]
    else:
        with pytest.raises(errors.ArgumentError, match="pending"):
            states.named(word)


@pytest.mark.parametrize("job_id", ["nobody", "", "a b", "x" * 300, "a:b", "../x", "*"])
def test_a_job_that_is_none_is_not_found(job_id: str) -> None:
    for call in (jobs.get_job_status, jobs.get_job_progress, jobs.retry_job):
        with pytest.raises(errors.NotFound):
            call(job_id)


def test_a_job_that_redis_has_forgotten_is_told_by_the_history(store: Any) -> None:
    job_id = queues.submit(work, labels={"host": "a.com"}).job_id
    inline.run_until_idle()
    store.delete(keys.job(job_id))
    found = jobs.get_job_status(job_id)
    assert (found.status, found.kept, found.host, found.kind) == (JobStatus.COMPLETED, False, "a.com", "test")
    assert jobs.get_job_progress(job_id).progress_percentage == 100.0


@pytest.mark.parametrize("state", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_job_runs_again_once_under_a_new_id_with_the_same_call(state: JobStatus, store: Any) -> None:
    first = queues.submit(work, "DataError", labels={"tag": "t"}, dedup_key="work:x").job_id
    if state is JobStatus.CANCELLED:
        queues.cancel(first)
    else:
        inline.run_until_idle()

    again = jobs.retry_job(first)
    assert again.job_id == f"{first}-r1" and again.duplicate_of is None
    assert jobs.retry_job(first).duplicate_of == again.job_id and store.llen(keys.queue("low")) == 1
    found = jobs.get_job_status(again.job_id)
    assert (found.status, found.tag, found.retry_of) == (JobStatus.PENDING, "t", first)
    assert store.hget(keys.job(first), "data") == store.hget(keys.job(again.job_id), "data")
    assert jobs.get_job_status(first).status is state

    inline.run_until_idle()
    assert jobs.retry_job(again.job_id).job_id == f"{first}-r2"


def test_a_job_whose_work_another_job_does_is_not_run_again_beside_it() -> None:
    first = queues.submit(work, "DataError", dedup_key="work:x").job_id
    inline.run_until_idle()
    other = queues.submit(work, "DataError", dedup_key="work:x").job_id
    assert jobs.retry_job(first).job_id == other


def test_a_parked_job_that_runs_at_once_is_parked_no_more(store: Any) -> None:
    job_id = job_in(JobStatus.PARKED)
    found = jobs.update_job_status(job_id, "pending")
    assert found.parked_for is None and store.hlen(keys.PARKED) == 0 and store.llen(keys.queue("low")) == 1
    assert [one.outcome for one in events.latest(1)] == ["released"]


def test_blocked_parked_and_dependent_jobs_can_be_cancelled(store: Any) -> None:
    limits.announce(queues.kinds())
    limits.put("test", 0)
    blocked = queues.submit(work).job_id
    leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1))
    assert store.hget(keys.job(blocked), "origin") == b"low.test"
    deferred = queues.submit(work).job_id
    store.lrem(keys.queue("low"), 0, deferred)
    store.hset(keys.job(deferred), "status", "deferred")
    store.zadd(keys.RQ_DEFERRED + "low", {deferred: 1})

    assert jobs.cancel_job(blocked) and jobs.cancel_job(deferred) and not jobs.cancel_job(blocked)

    assert store.llen(keys.blocked("low", "test")) == 0 and store.zcard(keys.RQ_DEFERRED + "low") == 0
    assert jobs.get_job_status(deferred).status is JobStatus.CANCELLED


def test_a_job_that_counts_its_steps_is_judged_by_them(store: Any) -> None:
    queues.submit(walk)
    with clock.frozen(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        [job] = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
        clock.advance(timedelta(seconds=30))
        connection.client().zadd(keys.LEASES, {job.lease: 1e15})
        execution_records.write_progress(job, '{"step": 1, "total": 4, "message": "first"}')
        found = jobs.get_job_progress(job.id)
    assert (found.progress_percentage, found.running_s, found.eta_s) == (25.0, 30.0, 90.0)
    assert found.estimated_completion == datetime(2026, 3, 1, 12, 2, tzinfo=UTC) and found.message == "first"


def test_what_a_job_tells_beside_its_steps_is_shown(store: Any) -> None:
    job_id = queues.submit(walk).job_id
    inline.run_until_idle()
    assert jobs.get_job_progress(job_id).details == {"street": 2}
    store.hset(keys.job(job_id), "progress", '{"step": 7, "total": 3, "details": [1]}')
    assert jobs.get_job_progress(job_id).details == {}


def test_a_job_that_has_not_ended_is_never_done(store: Any) -> None:
    job_id = job_in(JobStatus.RUNNING)
    store.hset(keys.job(job_id), "progress", '{"step": 7, "total": 3}')
    assert jobs.get_job_progress(job_id).progress_percentage == 99.0


def test_what_has_a_long_id_can_be_run_again() -> None:
    [first] = queues.submit_many([models.Call(work, ("DataError",), job_id="x" * 200)])
    inline.run_until_idle()
    again = jobs.retry_job(first.job_id)
    assert again.job_id == "x" * 190 + "-r1" and jobs.retry_job(first.job_id).duplicate_of == again.job_id


def test_a_job_that_counts_nothing_is_judged_by_others_of_its_kind() -> None:
    with clock.frozen(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        queues.submit(walk)
        [job] = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
        leases.exchange("w1", [leases.Settlement(job, "finished", kind="walk", ran_ms=60_000)], None)
        queues.submit(walk)
        [job] = leases.exchange("w1", [], leases.LeaseRequest(2, ["low"], 1)).taken
        clock.advance(timedelta(seconds=15))
        found = jobs.get_job_progress(job.id)
        assert (found.progress_percentage, found.eta_s) == (25.0, 45.0) and "walk" in found.basis
        clock.advance(timedelta(seconds=100))
        late = jobs.get_job_progress(job.id)
        assert (late.progress_percentage, late.eta_s) == (99.0, None)


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"step": "x"}', '{"step": 1, "total": 0}', '{"step": 5, "total": 2}', "null"]
)
def test_progress_that_is_none_or_absurd_breaks_nothing(store: Any, text: str) -> None:
    job_id = job_in(JobStatus.RUNNING)
    store.hset(keys.job(job_id), "progress", text)
    found = jobs.get_job_progress(job_id)
    assert found.progress_percentage is None or 0 <= found.progress_percentage <= 100


def test_lists_are_by_state_bounded_and_go_on_where_they_ended() -> None:
    made = {state: job_in(state) for state in (JobStatus.FAILED, JobStatus.RETRY, JobStatus.PARKED, JobStatus.SCHEDULED)}
    made[JobStatus.COMPLETED] = job_in(JobStatus.COMPLETED)
    made[JobStatus.CANCELLED] = job_in(JobStatus.CANCELLED)
    made[JobStatus.RUNNING] = job_in(JobStatus.RUNNING)
    made[JobStatus.PENDING] = queues.submit(work).job_id
    for state, job_id in made.items():
        assert [job.id for job in listing.list_jobs([state]).jobs] == [job_id]
    found, cursor = [], ""
    while True:
        page = listing.list_jobs(list(JobStatus), 3, cursor)
        found += [job.id for job in page.jobs]
        cursor = page.cursor
        if not cursor:
            break
    assert sorted(found) == sorted(made.values())
    assert [job.id for job in listing.get_active_jobs(5)] == [made[JobStatus.RUNNING], made[JobStatus.PENDING]]
    assert listing.status_counts() == dict.fromkeys(JobStatus, 1)


def test_jobs_whose_record_has_expired_are_not_counted(store: Any) -> None:
    store.zadd(keys.RQ_FAILED + "low", {"gone": 1})
    assert listing.status_counts()[JobStatus.FAILED] == 0 and listing.list_jobs(["failed"]).jobs == []


@pytest.mark.parametrize("cursor", ["x", "1", "9.0", "-1.0", "0.x", "0." + "9" * 40])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(errors.ArgumentError, match="cursor"):
        listing.list_jobs(["running"], 5, cursor)


def test_reading_changes_nothing(store: Any) -> None:
    made = [
        job_in(state) for state in (JobStatus.FAILED, JobStatus.RETRY, JobStatus.PARKED, JobStatus.SCHEDULED, JobStatus.RUNNING)
    ]
    before = contents(store)
    listing.list_jobs(list(JobStatus))
    listing.status_counts()
    for job_id in made:
        jobs.get_job_status(job_id)
        jobs.get_job_progress(job_id)
    assert contents(store) == before
