"""Those who submit, cancel and damage during a soak, each insisting until it was answered. What was answered is kept here."""

import pickle
import queue
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import clock
import models
import queues
from doctor import examination
from errors import NotFound, StoreUnreachable
from state.engine import limits
from state.store import connection, keys
from tests.faults import work
from tests.faults.callers import GOOD, plant

T = TypeVar("T")

SUBMITTERS = 3

#: Seconds between two submits of one of them, and between two tries of one submit.
PAUSE_S, AGAIN_S = (0.05, 0.25), 0.1

#: Pieces of work that share a dedup key at a time.
KEYS = 12

#: The limit of the narrow kind is one less at most, and sometimes none may run.
MOST_NARROW = 4

#: What must become of a job. A cancelled one may have been faster.
DONE, DEAD, EITHER = "done", "dead", "either"

#: What is submitted: weight, what makes a call of it, what becomes of it.
Make = Callable[[random.Random], models.Call]
MIX: dict[str, tuple[int, Make, str]] = {
    "nap": (30, lambda dice: models.Call(work.nap, (dice.uniform(0, 0.6),)), DONE),
    "retry": (8, lambda dice: models.Call(work.nap_with_retry, (dice.uniform(0, 0.3),)), DONE),
    "loop": (14, lambda dice: models.Call(work.nap_on_loop, (dice.uniform(0, 1.5),)), DONE),
    "apart": (8, lambda dice: models.Call(work.nap_apart, (dice.uniform(0.5, 3),)), DONE),
    "walk": (6, lambda dice: models.Call(work.walk, (dice.randint(2, 15), 0.1)), DONE),
    "narrow": (8, lambda dice: models.Call(work.nap_narrow, (dice.uniform(0, 0.4),)), DONE),
    "again": (6, lambda dice: models.Call(work.fail_once), DONE),
    "delayed": (10, lambda dice: models.Call(work.nap, (0.01,), delay_s=dice.uniform(0.5, 8)), DONE),
    "same": (10, lambda dice: models.Call(work.nap, (0.5,), dedup_key=f"soak:{dice.randrange(KEYS)}"), DONE),
    "cancel-walk": (3, lambda dice: models.Call(work.walk, (30, 0.1)), EITHER),
    "cancel-delayed": (2, lambda dice: models.Call(work.nap, (0.01,), delay_s=dice.uniform(0.5, 3)), EITHER),
    "cancel-again": (2, lambda dice: models.Call(work.fail_once), EITHER),
}

#: Of a fault of this name one is taken by its share.
POISON = (work.segfault, work.exit_0, work.exit_1)
TIMEOUTS = (
    work.receive, work.sleep_long, work.sleep_short_naps, work.spin, work.swallow, work.compute, work.run_program,
    work.wait_on_loop, work.compute_apart,
)  # fmt: skip

#: What a hand without care could write. Each is a job that is none, but for the last three.
DAMAGE: dict[str, dict[str, Any]] = {
    "bad-status": {"status": "wörking"},
    "bad-date": {"created_at": "yesterday"},
    "no-data": {"data": None},
    "half-a-record": {"data": GOOD[:-9]},
    "pickle": {"data": pickle.dumps(("os.system", None, ("true",), {}))},
    "foreign": {"data": '["os.system",null,["true"],{}]'},
    "bad-timeout": {"timeout": "soon"},
    "no-utf8": {},
    "empty": {},
    "text": {},
    "lease": {},
    "scheduled": {},
    "entry": {},
}


@dataclass
class Load:
    """`acked`: id → what must become of the job. `cancelled`: id → state the cancel found. `planted`: ids of what is no job."""

    seed: int
    acked: dict[str, str] = field(default_factory=dict)
    cancelled: dict[str, str] = field(default_factory=dict)
    planted: set[bytes] = field(default_factory=set)
    broken: list[BaseException] = field(default_factory=list)
    tries: int = 0
    give_up_s: float = 90.0
    _over: threading.Event = field(default_factory=threading.Event)
    _errands: "queue.SimpleQueue[Callable[[], object]]" = field(default_factory=queue.SimpleQueue)
    _threads: list[threading.Thread] = field(default_factory=list)
    _count: int = 0

    def begin(self) -> None:
        """Submit from now on."""
        self._threads = [threading.Thread(target=self._guarded, args=(number,), daemon=True) for number in range(SUBMITTERS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Submit no more; what was begun is brought to its answer."""
        self._over.set()
        for thread in self._threads:
            thread.join(self.give_up_s + 60)
        assert not any(thread.is_alive() for thread in self._threads), "a submitter hangs"

    def give_up(self) -> None:
        """End now, whatever is unanswered."""
        self.give_up_s = 0.0
        self._over.set()

    def ask(self, name: str, who: float) -> None:
        """Have one of them submit a poison or a job that does not end in time, damage something, change a limit or repair."""
        self._count += 1
        number, index = self._count, who * 0.999
        if name == "damage":
            self._errands.put(lambda: self.damage(list(DAMAGE)[int(index * len(DAMAGE))], number))
        elif name == "limit":
            self._errands.put(lambda: self.insist(lambda: limits.put("narrow", int(index * MOST_NARROW))))
        elif name == "doctor":
            self._errands.put(lambda: self.insist(lambda: examination.Examination(repair=True).run()))
        else:
            funcs: tuple[Any, ...] = POISON if name == "poison" else TIMEOUTS
            func = funcs[int(index * len(funcs))]
            self._errands.put(lambda: self.submit(models.Call(func, job_id=f"{name}-{func.__name__}-{number}"), DEAD))

    def _guarded(self, number: int) -> None:
        try:
            self._run(random.Random(f"crowd {self.seed} {number}"), number)
        except BaseException as exc:  # told by the soak
            self.broken.append(exc)

    def _run(self, dice: random.Random, number: int) -> None:
        names, weights = list(MIX), [weight for weight, _, _ in MIX.values()]
        to_cancel: list[tuple[float, str]] = []
        turn = 0
        while not self._over.is_set() or to_cancel or (number == 0 and not self._errands.empty()):
            if number == 0 and not self._errands.empty():
                self._errands.get()()
            if to_cancel and clock.monotonic() >= to_cancel[0][0]:
                self.cancel(to_cancel.pop(0)[1])
            if not self._over.is_set():
                turn += 1
                [name] = dice.choices(names, weights)
                job = self._submit_one(dice, name, f"{name}-{number}-{turn}")
                if name.startswith("cancel"):
                    to_cancel.append((clock.monotonic() + dice.uniform(0, 2), job))
            clock.wait(dice.uniform(*PAUSE_S))

    def _submit_one(self, dice: random.Random, name: str, job_id: str) -> str:
        _, make, must = MIX[name]
        call = make(dice)
        own = None if call.dedup_key else job_id
        options = {"queue": dice.choice(queues.QUEUES), "job_id": own, "dedup_key": call.dedup_key, "delay_s": call.delay_s}
        return self.submit(models.Call(call.func, call.args, **options), must)

    def submit(self, call: models.Call, must: str) -> str:
        """The id that was acknowledged: of this job, or of the one that holds its key."""
        got = self.insist(lambda: queues.submit_many([call])[0])
        job = got.duplicate_of or got.job_id
        self.acked[job] = must
        return job

    def cancel(self, job: str) -> None:
        """Ask for the end of a job."""
        self.cancelled[job] = self.insist(lambda: queues.cancel(job))

    def damage(self, what: str, number: int) -> None:
        """Write something that no program of ours writes."""
        job_id = {"no-utf8": b"\xff\xfe%d" % number, "empty": b""}.get(what, f"damaged-{what}-{number}".encode())
        self.planted.add(job_id)
        client = connection.client()

        def write() -> None:
            if what == "lease":
                client.zadd(keys.LEASES, {job_id: 1})
            elif what == "scheduled":
                client.zadd(keys.RQ_SCHEDULED + queues.HIGH, {job_id: 1})
            elif what == "entry":
                client.zadd(keys.RQ_SCHEDULER_JOBS, {b"\xff" + job_id: 1, job_id: 1})
            elif what == "text":
                client.set(keys.RQ_JOB.encode() + job_id, "text")
                client.rpush(keys.queue(queues.HIGH), job_id)
            else:
                plant(job_id, **DAMAGE[what])

        self.insist(write)

    def insist(self, do: Callable[[], T]) -> T:
        """What a caller does: an error that may pass is tried again."""
        since = clock.monotonic()
        while True:
            try:
                with connection.errors_translated():
                    return do()
            except StoreUnreachable as exc:
                assert exc.retryable and clock.monotonic() - since < self.give_up_s, exc
                self.tries += 1
                clock.wait(AGAIN_S)

    def mend(self) -> None:
        """Take away what was damaged, as whoever did it would, and the limit; the quarantine is the product's."""
        with suppress(NotFound):
            limits.remove("narrow")
        with connection.client().pipeline(transaction=False) as pipe:
            for job_id in self.planted:
                pipe.delete(keys.RQ_JOB.encode() + job_id)
                pipe.zrem(keys.RQ_SCHEDULER_JOBS, job_id, b"\xff" + job_id)
                for name in queues.QUEUES:
                    pipe.zrem(keys.RQ_FAILED + name, job_id)
                pipe.delete(f"{keys.RQ}results:".encode() + job_id)
            pipe.execute()
