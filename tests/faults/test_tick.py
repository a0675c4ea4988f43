"""The batch under fire: ticks that race, and ticks killed between any two commands they send.

The same harness runs a tick that selects, claims and enqueues in steps of its own, and must see it fail.
"""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
import config
import queues
from jobs import serp
from state.engine import dedup, jobs
from state.store import connection, constants, keys
from state.tracking import batches, history, keywords, outcomes
from tests import fakes, patience
from tests.state import DAY, NOON, audit, depth, due_in, project, queued, ranked, take_in_three_steps, tracked, words
from worker import inline

KEYWORDS = 230  # three script calls a tick
ORPHANS = 3

fork = multiprocessing.get_context("fork")

Tick = Callable[[], Any]


def atomic() -> None:
    serp.enqueue_batch()


def in_three_steps() -> None:
    take_in_three_steps(KEYWORDS)


# --- killed between two commands ------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for kill -9 where no process of its own is needed."""


class Fuse:
    """Lets a connection send so many commands (a pipeline counts as one), then `burns`."""

    def __init__(self, client: Any, commands: int, burns: Callable[[], object]) -> None:
        self._client, self._left, self._burns = client, commands, burns

    def __enter__(self) -> "Fuse":
        send, pipeline = self._client.execute_command, self._client.pipeline

        def counted(call: Callable[..., Any]) -> Callable[..., Any]:
            def sending(*args: Any, **options: Any) -> Any:
                if self._left <= 0:
                    self._burns()
                self._left -= 1
                return call(*args, **options)

            return sending

        def counted_pipeline(*args: Any, **options: Any) -> Any:
            made = pipeline(*args, **options)
            made.execute = counted(made.execute)
            return made

        self._client.execute_command, self._client.pipeline = counted(send), counted_pipeline
        return self

    def __exit__(self, *_: object) -> None:
        del self._client.execute_command, self._client.pipeline


def burn() -> None:
    raise Killed


def stock_up() -> list[str]:
    """Due keywords, of which a few are still claimed by jobs that are gone."""
    ids = tracked(KEYWORDS)
    redis = connection.client()
    for word in ids[:ORPHANS]:
        dedup.take(dedup.SERP, word, f"serp-{word}-gone")
        redis.zadd(keys.due("p"), {word: constants.HELD + connection.now().timestamp() + batches.HOLD_S})
    return ids


def check_nothing_is_half_done(ids: list[str]) -> None:
    """Each keyword is queued once under its claim, or untouched: due, without a claim. An orphan may wait for its next sweep."""
    times, held = Counter(queued()), {claim.member: claim.job_id for claim in dedup.held()}
    due, now = due_in("p"), connection.now().timestamp()
    for word in ids:
        if held.get(word, "").endswith("-gone"):
            assert not times[word]
        elif word in times:
            assert times[word] == 1 and word in held, "queued twice, or without a claim"
        else:
            assert word not in held and due[word] <= now, f"{word} is claimed or put off, and nothing will work on it"
    audit()


def check_the_next_tick_completes_it(ids: list[str]) -> None:
    serp.enqueue_batch()
    assert Counter(queued()) == Counter(ids), "lost, or queued twice"
    audit()


def commands_of(tick: Tick) -> Iterator[int]:
    """Every number of commands after which a tick can be killed, until one ends by itself."""
    for number in range(1000):
        stock_up()
        try:
            with Fuse(connection.client(), number, burn):
                tick()
        except Killed:
            yield number
        else:
            return
        connection.client().flushall()


def test_a_tick_killed_between_any_two_commands_loses_nothing_and_queues_nothing_twice() -> None:
    points = 0
    with clock.frozen(NOON):
        ids = [keywords.id_of("p", f"word {number}") for number in range(KEYWORDS)]
        for _ in commands_of(atomic):
            check_nothing_is_half_done(ids)
            check_the_next_tick_completes_it(ids)
            points += 1
    assert points >= 8, "it sends at least: namespaces, orphans, one a freed orphan, halted, three batches"


def test_the_harness_sees_a_tick_that_works_in_steps_fail() -> None:
    failed = 0
    with clock.frozen(NOON):
        ids = [keywords.id_of("p", f"word {number}") for number in range(KEYWORDS)]
        for number in commands_of(in_three_steps):
            try:
                check_nothing_is_half_done(ids[ORPHANS:])
            except AssertionError:
                failed += 1
            if number > 30:
                break
    assert failed >= 10


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_a_process(work: Callable[[], None]) -> int:
    """Run `work` in a copy of this process; its exit code, negative = the signal that killed it."""

    def fresh() -> None:
        connection.client().connection_pool.reset()
        work()

    process = fork.Process(daemon=True, target=fresh)
    process.start()
    process.join(patience.HANG_S)
    assert process.exitcode is not None, "it hangs"
    return process.exitcode


@pytest.mark.real_redis
def test_a_tick_process_killed_by_the_kernel_at_every_command_is_completed_by_the_next() -> None:
    for number in range(100):
        ids = stock_up()

        def tick(number: int = number) -> None:
            with Fuse(connection.client(), number, die):
                serp.enqueue_batch()

        code = in_a_process(tick)
        check_nothing_is_half_done(ids)
        check_the_next_tick_completes_it(ids)
        connection.client().flushall()
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert 8 <= number < 100


# --- two at once ----------------------------------------------------------------------------------------------------


def race(tick: Tick, racers: int = 2) -> None:
    """Several processes tick at the same moment."""
    gate = fork.Barrier(racers)

    def at_once() -> None:
        connection.client().connection_pool.reset()
        connection.client().ping()
        gate.wait(patience.HANG_S)
        tick()

    processes = [fork.Process(daemon=True, target=at_once) for _ in range(racers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(patience.HANG_S)
    assert [process.exitcode for process in processes] == [0] * racers


@pytest.mark.real_redis
def test_ticks_that_race_queue_no_keyword_twice_and_lose_none() -> None:
    for _ in range(12):
        stock_up()
        words(project("q", weight=3).id, 70)
        for _ in range(2):
            race(atomic, racers=3)
            audit(("p", "q"))
        assert len(queued()) == len(set(queued())) == KEYWORDS + 70 == dedup.count()
        connection.client().flushall()


@pytest.mark.real_redis
def test_ticks_that_race_share_the_allowance_of_their_interval() -> None:
    tracked(400)
    with config.overridden(serp_batch_size=150):
        for number in range(6):
            due_s = 60 * (1000 + number)
            race(lambda due_s=due_s: serp.enqueue_batch(due_s=due_s), racers=3)  # type: ignore[misc]
            assert depth() == min(400, 150 * (number + 1))
    audit()


@pytest.mark.real_redis
def test_the_race_is_lost_by_a_tick_that_works_in_steps() -> None:
    doubled = False
    for _ in range(10):
        tracked(KEYWORDS)
        race(in_three_steps)
        doubled = len(queued()) > len(set(queued()))
        connection.client().flushall()
        if doubled:
            break
    assert doubled, "they raced ten times and queued nothing twice: the harness is blind"


@pytest.mark.real_redis
def test_a_tick_races_with_checks_that_end_and_keywords_that_change() -> None:
    with clock.frozen(NOON):
        ids = tracked(60)

        def check_and_change() -> None:
            redis = connection.client()
            for number in range(120):
                clock.advance(timedelta(hours=1))
                for name in queues.QUEUES:
                    while raw := redis.lpop(keys.queue(name)):
                        job_id = raw.decode()
                        word = keywords.find(job_id.split("-")[1])
                        assert word
                        outcomes.finish(word, job_id, timedelta(hours=3), outcomes.CheckOutcome("read"))
                        redis.delete(keys.job(job_id))
                keywords.set_archived(ids[number % 60], bool(number % 2))

        def ticks() -> None:
            for _ in range(120):
                clock.advance(timedelta(hours=1))
                serp.enqueue_batch()

        lock = fork.Value("i", 0)

        def one_of_both() -> None:
            with lock.get_lock():
                mine, lock.value = lock.value, lock.value + 1
            (ticks if mine else check_and_change)()

        race(one_of_both)
        audit()


# --- a late reply, a wrong clock ------------------------------------------------------------------------------------


def test_every_script_sent_twice_changes_what_once_would_have(monkeypatch: pytest.MonkeyPatch) -> None:
    redis = connection.client()
    ids = tracked(250)
    provider, _ = fakes.use(monkeypatch)
    once = redis.evalsha

    def twice(*args: Any) -> Any:
        once(*args)
        return once(*args)

    monkeypatch.setattr(redis, "evalsha", twice)
    with config.overridden(serp_batch_size=120):
        for number in range(3):
            serp.enqueue_batch(due_s=60 * number)
            assert depth() == min(250, 120 * (number + 1)), "the allowance holds"
            audit()
    submission = queues.submit(serp.track_keyword, "another")
    inline.run_until_idle()
    assert Counter(text for text, _ in provider.asked) == Counter(f"word {number}" for number in range(250))
    assert all(len(history.of(word)) == 1 for word in ids) and dedup.count() == 0
    assert queues.Job.fetch(submission.job_id, connection=redis).return_value() == {"outcome": "gone"}
    audit()


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_wrong_clock_on_one_machine_makes_nothing_due_early_or_late(hours: float, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, new = tracked(2)
    outcomes.finish(keywords.get(fresh), None, DAY, outcomes.CheckOutcome("read", ranked(day=clock.now().date())))
    owner = dedup.direct_owner()
    dedup.take("jobs", "work", owner)
    delayed = queues.submit(serp.track_keyword, "another", delay_s=3600).job_id
    right = clock.now
    monkeypatch.setattr(clock, "now", lambda: right() + timedelta(hours=hours))
    assert serp.enqueue_batch()["total"] == 1 and queued() == [new]
    assert serp.track_keyword(fresh)["outcome"] == "skipped_recent"
    assert [claim.job_id for claim in dedup.held("jobs")] == [owner]
    assert jobs.promote("default") == 0 and connection.client().hget(keys.job(delayed), "status") == b"scheduled"
