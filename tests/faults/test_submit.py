"""Submitting while Redis dies, hangs or is asked by many at once: what was acknowledged is there, and there once."""

import signal
from collections import Counter
from typing import Any

import pytest

import clock
import models
import queues
from errors import ArgumentError, Conflict
from state.engine import dedup, jobs, payload
from state.store import connection, keys, sockets
from tests.faults import harness, work
from tests.faults.callers import PRODUCERS, again_until_done, beside, ids_of, queued, together
from tests.local.real import until

SUBMITS = 2000


@queues.job(dedup_key="once:{name}", retries=0)
def once(name: str, amount: int = 0) -> None:
    """One at a time for each name."""


@pytest.mark.real_redis
def test_redis_killed_amid_two_thousand_submits_loses_none_that_was_acknowledged(scene: harness.Env) -> None:
    acked: list[models.Submission] = []
    producers = 4

    def produce(number: int) -> None:
        for turn in range(SUBMITS // producers):
            again_until_done(models.Call(work.nap, (0.0,), dedup_key=f"nap:{number}-{turn}"), acked)

    def disturb() -> None:
        for share in (0.25, 0.5, 0.75):
            until(lambda: len(acked) > share * SUBMITS)  # noqa: B023 (called in this turn)
            scene.server.send(signal.SIGKILL)
            scene.server.start()

    beside(disturb, produce, producers)
    ids = ids_of(acked)
    assert len(acked) == SUBMITS and len(set(ids)) == SUBMITS
    harness.audit(ids).verify()
    assert harness.audit(ids).counts() == {"queued": SUBMITS} and queued() == dict.fromkeys(ids, 1)


@pytest.mark.real_redis
@pytest.mark.parametrize("pause_s", [8, pytest.param(30, marks=pytest.mark.long)])
@pytest.mark.parametrize("reply_timeout_s", [1, 10], ids=["gives up in the pause", "waits it out"])
def test_redis_paused_under_producers_queues_no_id_twice_and_a_second_try_gives_the_same_job(
    scene: harness.Env, monkeypatch: pytest.MonkeyPatch, reply_timeout_s: int, pause_s: int
) -> None:
    monkeypatch.setattr(sockets, "REPLY_TIMEOUT_S", reply_timeout_s)
    connection.client().close()
    connection.use(connection.connect(scene.server.url))
    acked: list[models.Submission] = []
    tries = Counter[int]()

    def produce(number: int) -> None:
        for turn in range(40):
            call = models.Call(work.nap, (0.0,), dedup_key=f"nap:{number}-{turn}")
            tries[number] += again_until_done(call, acked)

    def disturb() -> None:
        until(lambda: len(acked) > 20)
        scene.server.pause(pause_s)

    beside(disturb, produce)
    ids = ids_of(acked)
    assert len(ids) == len(set(ids)) == PRODUCERS * 40 and queued() == dict.fromkeys(ids, 1)
    assert (sum(tries.values()) > 0) == (reply_timeout_s == 1)
    harness.audit(ids).verify()


@pytest.mark.real_redis
def test_the_same_key_fifty_times_in_parallel_is_one_job(store: Any) -> None:
    got: list[models.Submission] = []
    together(50, lambda number: got.append(queues.submit(once, "a")))
    assert len({one.duplicate_of or one.job_id for one in got}) == 1 and sum(one.duplicate_of is None for one in got) == 1
    assert sum(queued().values()) == 1 and dedup.count("once") == 1


@pytest.mark.real_redis
def test_a_key_of_the_caller_fifty_times_in_parallel_is_one_job_and_with_other_arguments_a_conflict(store: Any) -> None:
    got: list[models.Submission | Conflict] = []

    def submit(number: int) -> None:
        try:
            got.append(queues.submit(work.nap, float(number % 2), dedup_key="order:7"))
        except Conflict as exc:
            got.append(exc)

    together(50, submit)
    taken = [one for one in got if isinstance(one, models.Submission)]
    [job_id] = {one.job_id for one in taken}
    assert sum(one.duplicate_of is None for one in taken) == 1 and queued() == {job_id: 1} and dedup.count("order") == 1
    refused = [one for one in got if isinstance(one, Conflict)]
    assert (len(taken), len(refused)) == (25, 25) and all(job_id in str(one) and "'order:7'" in str(one) for one in refused)


def test_the_same_key_of_a_job_with_other_arguments_names_the_job_there_is_and_does_not_touch_it(store: Any) -> None:
    """@job's key names the work; who finds it taken can see by whom, and with what."""
    first = queues.submit(once, "a", 1)
    before = store.hgetall(keys.job(first.job_id))
    second = queues.submit(once, "a", 2)
    assert second.duplicate_of == second.job_id == first.job_id and store.hgetall(keys.job(first.job_id)) == before
    assert queues.Job.fetch(first.job_id, connection=store).args == ["a", 1]


def test_a_key_is_free_again_when_its_job_is_over_and_not_before(store: Any) -> None:
    first = queues.submit(once, "a")
    for status in ("queued", "started", "scheduled", "deferred", "rate_limited"):
        store.hset(keys.job(first.job_id), "status", status)
        assert queues.submit(once, "a").duplicate_of == first.job_id
    store.hset(keys.job(first.job_id), "status", "failed")
    assert queues.submit(once, "a").duplicate_of is None


BAD: dict[str, tuple[Any, dict[str, Any]]] = {
    "unknown task": ("jobs.nosuch.run", {}),
    "lambda": (lambda: None, {}),
    "nan": (once, {"name": float("nan")}),
    "infinity": (once, {"name": float("inf")}),
    "a date": (once, {"name": clock.now()}),
    "bytes": (once, {"name": b"x"}),
    "an object": (once, {"name": object()}),
    "half a character": (once, {"name": "\ud800"}),
    "set": (once, {"name": {1}}),
    "int keys": (once, {"name": {1: 2}}),
    "tuple": (once, {"name": (1, 2)}),
    "one byte too many": (once, {"name": "x" * (payload.MAX_BYTES + 1)}),
    "fifty megabytes": (once, {"name": "x" * (50 << 20)}),
    "missing argument": (once, {}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_submit_among_good_ones_is_refused_and_nothing_is_written(name: str, store: Any) -> None:
    func, kwargs = BAD[name]
    with pytest.raises(ArgumentError) as caught:
        queues.submit_many([(once, "good"), models.Call(func, (), kwargs), (once, "good too")])
    assert store.keys("*") == [] and len(str(caught.value)) < 400


def test_depth_ten_thousand_is_refused_and_nothing_is_written(store: Any) -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(ArgumentError, match="nested deeper"):
        queues.submit(once, deep)
    assert store.keys("*") == [] and jobs.depths(queues.QUEUES) == dict.fromkeys(queues.QUEUES, 0)
