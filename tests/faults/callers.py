"""Those who submit, many at a time, and do not give up at the first error."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import clock
import models
import queues
from errors import StoreUnreachable
from state.engine import jobs
from state.store import connection, keys
from tests import patience
from tests.faults import harness, work

PRODUCERS = 8

#: Seconds between two tries of one caller.
PAUSE_S = 0.02

SUBMIT_EVERY_S = 0.01

#: Above so many waiting jobs the steady load pauses: a slow machine must not get ever more behind.
MOST_WAITING = 200

#: A call as RQ writes it.
GOOD = '["tests.faults.work.nap",null,[0],{}]'


def together(count: int, run: Callable[[int], Any]) -> None:
    """Run it in so many threads at once, each with its number; raises what one of them raised."""
    failed: list[BaseException] = []
    gate = threading.Barrier(count)

    def one(number: int) -> None:
        try:
            gate.wait(patience.HANG_S)
            run(number)
        except BaseException as exc:  # handed to the test
            failed.append(exc)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    deadline = clock.monotonic() + patience.HANG_S
    for thread in threads:
        thread.join(max(0.0, deadline - clock.monotonic()))
    if failed:
        raise failed[0]
    assert not any(thread.is_alive() for thread in threads), "a caller hangs"


def beside(disturb: Callable[[], Any], produce: Callable[[int], Any], producers: int = PRODUCERS) -> None:
    """Let so many produce, each with its number, while one disturbs them."""
    together(producers + 1, lambda number: produce(number) if number < producers else disturb())


def again_until_done(call: models.Call, acked: list[models.Submission]) -> int:
    """What a caller does: a retryable error is tried again with the same key; says how often that was needed."""
    tries, deadline = 0, clock.monotonic() + patience.HANG_S
    while True:
        try:
            acked.append(queues.submit_many([call])[0])
            return tries
        except StoreUnreachable as exc:
            assert exc.retryable
            tries += 1
            assert clock.monotonic() < deadline
            clock.wait(PAUSE_S)


def ids_of(acked: list[models.Submission]) -> list[str]:
    """The job behind each answer: the new one, or the one that was there."""
    return [one.duplicate_of or one.job_id for one in acked]


@contextmanager
def a_steady_load(names: Sequence[str]) -> Iterator[list[str]]:
    """Submit 100 short jobs a second over these queues as long as the block lasts and the workers keep up; their ids."""
    ids: list[str] = []
    over = threading.Event()

    def produce() -> None:
        turn = 0
        while not over.wait(SUBMIT_EVERY_S):
            if sum(jobs.depths(list(names)).values()) > MOST_WAITING:
                continue
            turn += 1
            ids.extend(harness.submit(work.nap, 0.001 * (turn % 3 + 1), names=[names[turn % len(names)]]))

    producer = threading.Thread(target=produce)
    producer.start()
    try:
        yield ids
    finally:
        over.set()
        producer.join()
    assert ids


def queued() -> Counter[str]:
    """Ids in the queues, and how often."""
    client = connection.client()
    return Counter(job.decode() for name in queues.QUEUES for job in client.lrange(keys.queue(name), 0, -1))


def plant(job_id: str | bytes, queue: str = "high", **fields: str | bytes | None) -> None:
    """A job as somebody could write it; a field that is None is left out."""
    now = jobs.rq_time(clock.now())
    record: dict[str, Any] = {"created_at": now, "enqueued_at": now, "data": GOOD, "origin": queue, "status": "queued"}
    given = {name: value for name, value in (record | fields).items() if value is not None}
    raw = job_id if isinstance(job_id, bytes) else job_id.encode()
    connection.client().hset(keys.RQ_JOB.encode() + raw, mapping=given)
    connection.client().rpush(keys.queue(queue), raw)
