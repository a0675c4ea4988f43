"""Where the consumer's thread, the guard's and those of the jobs meet: each lease is settled once, by what really happened."""

import math
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
import redis

import clock
import queues
from state.engine import leases
from state.store import connection, keys
from tests import patience
from tests.local.real import until
from tests.worker import test_consumer, test_in_flight
from tests.worker.test_consumer import hold
from tests.worker.test_in_flight import fresh, holding, stay, stay_in_thread, task
from worker import batching, guard, in_flight, leasing, pool, settling
from worker import execution as executions

__all__ = ["fresh"]  # a fixture

LEASES = 3000


def test_a_job_that_ended_in_time_is_no_late_one_however_late_the_consumer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    one = task(stay_in_thread, 1)
    made = holding(one)
    until(lambda: test_in_flight.began)
    test_in_flight.go.set()
    until(lambda: made.pool.done)
    one.began = clock.monotonic() - 1000  # the consumer waited for Redis meanwhile
    one.ended = one.began + 1
    made.enforce_deadlines()
    assert not made.unsettled and not made.stuck and one.interrupted_by is None
    assert made.collect()
    assert [ended.outcome for ended in made.unsettled] == ["finished"]


def test_threads_are_free_however_many_coroutines_run() -> None:
    made = holding(*(task(stay, number) for number in range(4)), places=2, threads=3)
    until(lambda: len(test_in_flight.began) == 2)
    threads, coroutines = made.room(may_prefetch=True)
    assert coroutines == 0 and threads >= 3
    assert in_flight.ahead_of(made, threads, coroutines) == (threads - 3, 0)


def test_a_job_that_was_cancelled_before_it_began_never_runs() -> None:
    test_consumer.done.clear()
    job_id = queues.submit(hold, dedup_key="once").job_id
    [first] = leases.exchange("w1", [], leases.LeaseRequest(1, queues.QUEUES, threads=1)).taken
    queues.cancel(job_id)
    leases.exchange("w1", [leases.Settlement(first, "again")], None)
    with test_consumer.working(burst=True):
        until(lambda: test_consumer.status(job_id) == "canceled")
    assert not test_consumer.done
    assert not connection.client().hexists(keys.job(job_id), "cancel"), "RQ's requeue would be in vain"
    assert queues.submit(hold, dedup_key="once").duplicate_of is None


def test_a_process_that_is_to_end_puts_back_at_once_what_waits() -> None:
    made = holding(task(stay_in_thread, 1), task(stay_in_thread, 2))
    until(lambda: test_in_flight.began)
    woken: list[int] = []
    watching = guard.Guard(made, grace_s=60, max_rss_mb=0, wake_consumer=lambda: woken.append(1))
    watching.stop()
    watching.check()
    assert [(one.job.id, one.outcome) for one in made.unsettled] == [("job2", "again")] and list(made.running) == ["job1:w-1-1"]
    assert woken, "the consumer hears of it at once"
    watching.check()
    assert len(woken) == 1


class Server:
    """Settles as Redis would, refuses at random, and counts."""

    def __init__(self, seed: int) -> None:
        self.in_flight: set[str] = set()
        self.settled: Counter[str] = Counter()
        self._chance = random.Random(seed)

    def exchange(self, worker: str, sent: Sequence[leases.Settlement], wanted: object) -> leases.ExchangeResult:
        if sent and self._chance.random() < 0.3:
            raise redis.ResponseError("refused")
        counted = []
        for one in list(sent):
            counted.append(leases.Settled.SETTLED if one.job.lease in self.in_flight else leases.Settled.LOST)
            self.in_flight.discard(one.job.lease)
            self.settled[one.job.lease] += 1
        return leases.ExchangeResult(counted, [])


@pytest.fixture
def hurried() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried")
def test_each_lease_is_settled_once_whoever_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads end jobs, the guard withdraws, writes off and gives back, and the server refuses what it likes."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    server, chance = Server(seed), random.Random(seed)
    monkeypatch.setattr(leases, "exchange", server.exchange)
    monkeypatch.setattr(leases, "probe", lambda: None)
    monkeypatch.setattr(settling, "MAX_REFUSALS", 1 << 30)  # nothing is given up
    monkeypatch.setattr(in_flight, "PREFETCH_S", 0.0)
    monkeypatch.setattr(in_flight, "GRACE_S", -math.inf)
    where = pool.Pool(4, 1, executions.Execution.run)
    monkeypatch.setattr(where, "interrupt", lambda *args: None)
    followed: list[str] = []
    made = in_flight.InFlight(
        where, batching.SettleBatching(), settling=settling.Settling("w", lambda one, for_rq: followed.append(one.job.lease))
    )
    over = threading.Event()

    def guard() -> None:
        while not over.is_set():
            draw = chance.random()
            if draw < 0.05:
                made.requeue_running()
            elif draw < 0.2:
                made.requeue_waiting()
            else:
                made.enforce_deadlines()
            made.is_busy()

    guarding = threading.Thread(target=guard)
    guarding.start()
    broken: list[Exception] = []
    names = []
    try:
        for number in range(LEASES):
            one = executions.Execution(leases.Leased(f"j{number}", "w-1-1", "default", {}), call(number))
            names.append(one.job.lease)
            server.in_flight.add(one.job.lease)
            made.running.add(one)
            made.pool.submit(one)
            turn(made, broken)
        while made.is_busy():
            turn(made, broken)
    finally:
        over.set()
        guarding.join(patience.HANG_S)
    assert server.settled == Counter(names) and sorted(followed) == sorted(names) and not server.in_flight and not broken


def turn(made: in_flight.InFlight, broken: list[Exception]) -> None:
    made.collect()
    try:
        made.settling.exchange(None)
    except redis.ResponseError:
        pass
    except Exception as exc:  # what the consumer would not survive
        broken.append(exc)


def call(number: int) -> executions.Call:
    timeout_s = 0.0 if number % 97 == 0 else 1e9
    return executions.Call("path", lambda: clock.wait(0.0001 * (number % 3)), [], {}, timeout_s, False, False)


def test_a_burst_does_not_end_before_what_it_put_back_is_done() -> None:
    ids = [queues.submit(func).job_id for func in (hold, test_consumer.note)]
    at_work = test_consumer.made(threads=1, burst=True, prefetch=1)
    at_work.in_flight.batching.ended(0.001)
    at_work._timers._timers["poll"] = (1000.0, lambda: None)  # the job before ends sooner than the next look
    at_work.leasing.backlog = leasing.Backlog.MORE
    thread = threading.Thread(target=at_work.run)
    thread.start()
    until(lambda: leases_of(ids[1]) or not thread.is_alive())
    until(lambda: not leases_of(ids[1]))
    test_consumer.go.set()
    thread.join(patience.HANG_S)
    assert test_consumer.all_are("finished", ids)


def leases_of(job_id: str) -> int:
    return sum(name.startswith(job_id.encode()) for name in connection.client().zrange(keys.LEASES, 0, -1))
