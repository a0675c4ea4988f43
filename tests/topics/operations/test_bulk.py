"""Bulk actions: on exactly the jobs that were meant and there, once each, whoever is killed in between."""

from typing import Any

import pytest

import errors
import queues
from jobs import operations
from models import JobStatus
from state.engine import bulk_records
from state.store import connection, keys
from tests.local.real import until
from tests.topics.operations.test_jobs import job_in, work
from topics.operations import bulk, bulk_asks, jobs, search
from topics.operations.job_filters import Wanted
from worker import inline


class Killed(BaseException):
    """Ends a run as a kill does: nothing more is written."""


def failed(number: int, **labels: str) -> list[str]:
    ids = [queues.submit(work, "DataError", labels=labels).job_id for _ in range(number)]
    inline.run_until_idle()
    return ids


def in_every_state() -> dict[JobStatus, str]:
    """A job in each state; those first that a worker leaves behind."""
    ended = [state for state in JobStatus if state not in (JobStatus.RUNNING, JobStatus.PENDING)]
    return {state: job_in(state) for state in (*ended, JobStatus.RUNNING, JobStatus.PENDING)}


def run(ask: bulk_asks.Ask, job_id: str = "bulk", tell: Any = lambda *told: None) -> dict[str, Any]:
    return bulk.run(ask.told(), job_id, tell)


def again_of(ids: list[str]) -> list[bool]:
    return [jobs.find(f"{job_id}-r1") is not None for job_id in ids]


def test_all_that_match_and_nothing_else_run_again() -> None:
    mine, other = failed(5, host="a.com"), failed(3, host="b.com")
    ask = bulk_asks.make("retry", Wanted(host="a.com"))
    found = bulk.count(ask)
    assert (found.number, found.is_exact, found.words) == (5, True, "5 jobs")
    told = run(ask)
    assert (told["matched"], told["done"], told["refused"]) == (5, 5, 0)
    assert all(again_of(mine)) and not any(again_of(other))


def test_jobs_that_came_after_the_question_are_left_alone() -> None:
    before = failed(2)
    ask = bulk_asks.make("retry", Wanted())
    after = failed(2)
    told = run(ask)
    assert (told["matched"], told["done"], told["refused"]) == (2, 2, 0)
    assert all(again_of(before)) and not any(again_of(after))


def test_waiting_jobs_that_came_after_the_question_are_left_alone() -> None:
    before = queues.submit(work).job_id
    ask = bulk_asks.make("cancel", Wanted())
    until(lambda: connection.now() > ask.wanted.until)  # type: ignore[operator]
    after = queues.submit(work).job_id
    assert run(ask)["matched"] == 1
    assert [jobs.get_job_status(one).status for one in (before, after)] == [JobStatus.CANCELLED, JobStatus.PENDING]


def test_without_a_state_only_failed_jobs_run_again() -> None:
    made = in_every_state()
    assert run(bulk_asks.make("retry", Wanted()))["done"] == 1
    assert jobs.find(f"{made[JobStatus.FAILED]}-r1") and not jobs.find(f"{made[JobStatus.CANCELLED]}-r1")
    assert jobs.get_job_status(made[JobStatus.PARKED]).status is JobStatus.PARKED


@pytest.mark.parametrize(("action", "word"), [("retry", "completed"), ("cancel", "failed"), ("move", "running")])
def test_states_that_an_action_cannot_change_are_refused(action: str, word: str) -> None:
    with pytest.raises(errors.ArgumentError, match=word):
        bulk_asks.make(action, Wanted(frozenset({JobStatus(word)})), to="high" if action == "move" else "")


@pytest.mark.parametrize(("action", "to"), [("burn", ""), ("move", ""), ("move", "huge"), ("cancel", "high")])
def test_what_is_no_action_or_queue_is_refused(action: str, to: str) -> None:
    with pytest.raises(errors.ArgumentError):
        bulk_asks.make(action, Wanted(), to=to)


def test_waiting_and_delayed_jobs_are_cancelled_and_running_ones_asked_to_stop() -> None:
    made = in_every_state()
    told = run(bulk_asks.make("cancel", Wanted()))
    assert (told["done"], told["refused"]) == (5, 0)
    for state in (JobStatus.PENDING, JobStatus.RETRY, JobStatus.SCHEDULED, JobStatus.PARKED):
        assert jobs.get_job_status(made[state]).status is JobStatus.CANCELLED
    assert jobs.get_job_status(made[JobStatus.RUNNING]).cancel_asked


def test_waiting_and_delayed_jobs_are_moved_and_others_are_not_meant() -> None:
    made = in_every_state()
    there = queues.submit(work, queue="high").job_id
    told = run(bulk_asks.make("move", Wanted(), to="high"))
    assert (told["matched"], told["done"], told["refused"]) == (4, 4, 0)
    waiting = {JobStatus.PENDING, JobStatus.RETRY, JobStatus.SCHEDULED, JobStatus.PARKED}
    assert {state for state in JobStatus if jobs.get_job_status(made[state]).queue == "high"} == waiting
    assert [name.decode() for name in connection.client().lrange(keys.queue("high"), 0, -1)] == [there, made[JobStatus.PENDING]]


def test_jobs_are_named_one_by_one_and_refused_with_the_reason() -> None:
    [one] = failed(1)
    done = job_in(JobStatus.COMPLETED)
    told = run(bulk_asks.make("retry", Wanted(), ids=(one, one, done, "nobody")))
    assert (told["matched"], told["done"], told["refused"]) == (3, 1, 2)
    assert {reason["example"] for reason in told["reasons"]} == {done, "nobody"}
    again = run(bulk_asks.make("retry", Wanted(), ids=(one,)), "bulk2")
    assert [reason["says"] for reason in again["reasons"]] == ["it was run again before"]


def test_cancelled_jobs_run_again_where_that_is_asked_for() -> None:
    job_id = job_in(JobStatus.CANCELLED)
    assert run(bulk_asks.make("retry", Wanted(frozenset({JobStatus.CANCELLED}))))["done"] == 1 and all(again_of([job_id]))


def test_a_job_that_fails_anew_under_its_own_id_can_be_run_again(store: Any) -> None:
    [job_id] = failed(1)
    run(bulk_asks.make("retry", Wanted()))
    assert jobs.get_job_status(job_id).retried_as == f"{job_id}-r1"
    assert bulk.count(bulk_asks.make("retry", Wanted())).number == 0
    inline.run_until_idle()
    store.hset(keys.job(job_id), "status", "queued")  # as RQ's requeue does
    store.rpush(keys.queue("low"), job_id)
    inline.run_until_idle()
    assert jobs.get_job_status(job_id).retried_as is None


def test_one_owner_acts_on_its_own_jobs_only() -> None:
    with queues.owned_by("a"):
        [mine] = failed(1)
    [other] = failed(1)
    assert run(bulk_asks.make("retry", Wanted(owner="a")))["done"] == 1
    told = run(bulk_asks.make("retry", Wanted(owner="a"), ids=(mine, other)), "bulk2")
    assert told["done"] == 0 and not any(again_of([other])) and all(again_of([mine]))


def test_all_of_one_fingerprint_run_again() -> None:
    from topics.operations import failures

    mine = failed(2)
    queues.submit(work, "ConfigError")
    inline.run_until_idle()
    [one] = failures.page(failures.Sought(category="data")).rows
    assert run(bulk_asks.make("retry", failures.wanted(one.failure.id)))["done"] == 2 and all(again_of(mine))


@pytest.mark.parametrize("kill_at", range(1, 12))
def test_a_run_that_is_killed_goes_on_and_each_job_runs_again_once(monkeypatch: pytest.MonkeyPatch, kill_at: int) -> None:
    """The kill comes at each write of the record in turn, before and after it."""
    monkeypatch.setattr(bulk, "BLOCK", 2)
    ids = failed(5)
    ask, writes, write = bulk_asks.make("retry", Wanted()), [0], bulk_records.write

    def killed_write(*told: Any) -> None:
        writes[0] += 1
        if writes[0] == kill_at // 2 + 1 and kill_at % 2:
            raise Killed
        write(*told)
        if writes[0] == kill_at // 2 and not kill_at % 2:
            raise Killed

    monkeypatch.setattr(bulk_records, "write", killed_write)
    with pytest.raises(Killed):
        run(ask)
    monkeypatch.setattr(bulk_records, "write", write)
    inline.run_until_idle()
    for job_id in ids:  # RQ forgets what finished: the history knows it
        connection.client().delete(keys.job(f"{job_id}-r1"))
    told = run(ask)
    assert (told["matched"], told["done"], told["refused"]) == (5, 5, 0)
    inline.run_until_idle()
    ended = search.page(Wanted(frozenset({JobStatus.FAILED})), 100).jobs
    assert sorted(job.id for job in ended) == sorted([*ids, *(f"{job_id}-r1" for job_id in ids)])


@pytest.mark.parametrize(("action", "to"), [("cancel", ""), ("move", "high")])
@pytest.mark.parametrize("kill_at", range(1, 6))
def test_other_actions_go_on_too(monkeypatch: pytest.MonkeyPatch, action: str, to: str, kill_at: int) -> None:
    monkeypatch.setattr(bulk, "BLOCK", 2)
    for _ in range(5):
        queues.submit(work)
    ask, told_times = bulk_asks.make(action, Wanted(), to=to), [0]

    def tell(*told: Any) -> None:
        told_times[0] += 1
        if told_times[0] == kill_at:
            raise Killed

    with pytest.raises(Killed):
        run(ask, tell=tell)
    told = run(ask)
    assert (told["matched"], told["done"], told["refused"]) == (5, 5, 0)


def test_a_large_set_is_counted_as_far_as_a_request_may_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_COUNTED", 20)
    monkeypatch.setattr(search, "MOST", 10)
    monkeypatch.setattr(search, "MOST_READ", 20)
    for _ in range(50):
        queues.submit(work)
    found = bulk.count(bulk_asks.make("cancel", Wanted()))
    assert not found.is_exact and 20 <= found.number < 50 and found.words == f"at least {found.number} jobs"
    found = bulk.count(bulk_asks.make("cancel", Wanted(host="nobody")))
    assert not found.is_exact and "none of which is among the" in found.words
    assert run(bulk_asks.make("cancel", Wanted()))["done"] == 50


def test_the_job_does_it_and_says_what_became_of_the_jobs() -> None:
    ids = failed(3)
    made = queues.submit(operations.act_on_jobs, bulk_asks.make("retry", Wanted()).told())
    inline.run_until_idle()
    told = jobs.get_job_status(made.job_id)
    assert told.status is JobStatus.COMPLETED and told.progress and "3 run again, 0 refused" in told.progress.message
    assert all(again_of(ids)) and not connection.client().exists(f"trawl:bulk:{made.job_id}:ids")


def test_a_delayed_job_that_went_on_by_itself_is_not_run_again() -> None:
    job_id = job_in(JobStatus.RETRY)
    ask = bulk_asks.make("retry", Wanted(frozenset({JobStatus.RETRY})), ids=(job_id,))
    jobs.update_job_status(job_id, "pending")
    inline.run_until_idle()
    assert [one["says"] for one in run(ask)["reasons"]] == ["it went on by itself since that was asked"]
