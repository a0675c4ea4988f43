"""A soak: workers, schedulers and submitters under every fault at once, for minutes, and then the audit.

    python -m tests.faults.soak --minutes 10 --seed 7

The seed decides which fault comes when; how far the work has got by then is the machine's. It ends by itself, also when something
hangs, and ends only what it started. A failure says how to repeat it.
"""

import heapq
import itertools
import random
import shutil
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

import clock
import queues
from scheduling import loop
from state.store import connection, keys
from tests.faults import audit, harness, leftovers, schedule, work
from tests.faults.fault_plan import Fault, plan
from tests.faults.load import Load
from tests.faults.stage import SCHEDULERS, WORKERS, Stage, share
from tests.faults.twins import Twins
from tests.local.real import left_over, until

#: The last faults come so long before the end.
CALM_S = 8.0

#: How long everything that was begun may take to be over, on a busy machine.
SETTLE_S = 150.0

TELL_EVERY_S, LOOK_S = 10.0, 0.05

#: What programs say when a fault met them; told, so that a soak in which nothing happened is seen.
TOLD = ("lost lease", "Rescued jobs of a dead worker", "Job crashed", "does not answer", "A worker was", "were missed")

FINAL = (b"finished", b"failed", b"stopped", b"canceled")


class Failed(AssertionError):
    """The soak found something; says what, and how to repeat it."""


@dataclass
class Soak:
    """One run. `wrong`: what was found, one line each."""

    scene: harness.Env
    seed: int
    minutes: float
    say: Callable[[str], object] = print
    wrong: list[str] = field(default_factory=list)
    strikes: Counter[str] = field(default_factory=Counter)
    due_at_first: dict[str, int] = field(default_factory=dict)
    load: Load = field(init=False)
    stage: Stage = field(init=False)
    _begun: float = 0.0
    _last: str = "-"
    _to_come: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.load = Load(self.seed)
        self.stage = Stage(self.scene, round(self.minutes * 60 + 3600), self.wrong)

    @property
    def server(self) -> Twins:
        """The server, which can do more than others."""
        assert isinstance(self.scene.server, Twins)
        return self.scene.server

    def run(self) -> None:
        """From an empty store to the audit. Raises Failed."""
        self.say(f"soak of {self.minutes:g} min, seed {self.seed}")
        before = self._start_level()
        for name in (*WORKERS, *SCHEDULERS):
            self.stage.start(name)
        until(self.stage.all_up, SETTLE_S)
        self._begun = clock.monotonic()
        self.load.begin()
        self._inject_faults()
        self.load.end()
        self.wrong += [f"a submitter broke: {exc!r}" for exc in self.load.broken]
        settled = self._settle()
        self._audit()
        if settled:
            self._end_level(before)
        if self.wrong:
            raise Failed(self._report())
        self.say(f"nothing wrong; seed {self.seed}")

    # --- before ---

    def _start_level(self) -> leftovers.Level:
        """Let one job of each sort leave its permanent traces, and register the schedule; then what the store holds."""
        loop.Scheduler().register(schedule.entries(audit.BEFORE))
        self.due_at_first = {name: int(due) for name, due in schedule.armed().items()}
        first, funcs = Load(self.seed), (work.nap, work.nap_apart, work.nap_on_loop)
        ids = [job for func in funcs for job in harness.submit(func, 0.0, times=3, names=queues.QUEUES)]
        ids += [queues.submit(work.nap, 0.0, queue=name, dedup_key=f"soak:{name}", delay_s=0.1).job_id for name in queues.QUEUES]
        first.damage("no-data", 0)
        program = self.scene.worker(1, 4)
        self.scene.settled(set(ids), SETTLE_S).verify()
        until(lambda: not connection.client().exists(*map(keys.queue, queues.QUEUES)))
        assert program.stop(60) == 0
        first.mend()
        leftovers.cut_short()
        return leftovers.measure(self.scene.server)

    # --- the faults ---

    def _inject_faults(self) -> None:
        """Bring about what the seed decided, one after the other; keep programs running; tell of it."""
        seconds = self.minutes * 60
        for fault in plan(self.seed, seconds - CALM_S):
            self._at(fault.at_s, lambda fault=fault: self._strike(fault))
        to_tell = TELL_EVERY_S
        while (now_s := self._now_s()) < seconds or self._to_come:
            if self._to_come and self._to_come[0][0] <= now_s:
                heapq.heappop(self._to_come)[2]()
            else:
                self.stage.keep()
                clock.wait(LOOK_S)
            if now_s >= to_tell:
                self._tell(now_s)
                to_tell += TELL_EVERY_S

    def _now_s(self) -> float:
        return harness.seconds_since(self._begun)

    def _at(self, at_s: float, do: Callable[[], object]) -> None:
        heapq.heappush(self._to_come, (at_s, next(self._number), do))

    def _end_after(self, wait_s: float, end: Callable[[], bool]) -> None:
        """End a fault as soon as it can be ended: its server may be paused, and goes on only later in this very loop."""
        self._after(wait_s, lambda: end() or self._end_after(1.0, end))

    def _after(self, lasts_s: float, do: Callable[[], object]) -> None:
        self._at(self._now_s() + lasts_s, do)

    def _strike(self, fault: Fault) -> None:
        """One fault, on one of those that live."""
        stage, who = self.stage, fault.who
        names = stage.at_hand(SCHEDULERS if fault.name.endswith("scheduler") else WORKERS)
        needs_redis = fault.name.endswith("redis") or fault.name in ("fail over", "full")
        if (needs_redis and (stage.redis_is_away or self.server.is_full)) or not names:  # we are late: one outage at a time
            self._after(1.0, lambda: self._strike(fault))
            return
        self.strikes[fault.name] += 1
        self._last = f"{fault.name} at {fault.at_s:.0f} s" + (f" for {fault.lasts_s:.0f} s" if fault.lasts_s else "")
        if fault.name in ("poison", "timeout", "damage", "limit", "doctor"):
            self.load.ask(fault.name, who)
        elif fault.name in ("pause redis", "kill redis"):
            signum = signal.SIGKILL if fault.name == "kill redis" else signal.SIGSTOP
            self._after(fault.lasts_s, stage.strike_redis(signum))
        elif fault.name == "fail over":
            self._after(fault.lasts_s, self.server.fail_over())
        elif fault.name == "full":
            self._end_after(fault.lasts_s, self.server.fill())
        elif fault.name == "silence":
            self.server.silence()
        elif fault.name in ("freeze workers", "freeze scheduler"):
            self._after(fault.lasts_s, stage.freeze(share(names, who)))
        elif fault.name in ("kill worker", "stop worker"):
            stage.strike_worker(signal.SIGKILL if fault.name == "kill worker" else signal.SIGTERM, who)
        elif fault.name in ("kill supervisor", "kill scheduler"):
            stage.kill(share(names, who))
        elif fault.name in ("restart workers", "restart scheduler"):
            stage.restart(share(names, who))
        elif fault.name == "kill child":
            stage.kill_child(who)
        else:
            self._deploy()

    def _deploy(self) -> None:
        """Another table; one that is frozen ends when it thaws."""
        self.stage.table = audit.AFTER
        for name in SCHEDULERS:
            self.stage.restart(name)

    def _tell(self, at: float) -> None:
        ledger = self.scene.ledger
        done = f"{len(self.load.acked)} jobs acknowledged, {ledger.count('start')} runs begun, {ledger.count('end')} ended"
        self.say(f"{at:4.0f} s: {done}; {self.strikes.total()} faults, last {self._last}; wrong: {len(self.wrong)}")

    # --- after it ---

    def _settle(self) -> bool:
        """Let everything come to its end, and every program stop politely. Says whether it did."""
        self.load.mend()
        self._wait("not every program came up", lambda: self.stage.keep() or self.stage.all_up())
        begun, left = clock.monotonic(), set(self.load.acked)
        over = self._wait("jobs are not over", lambda: self._over(left))
        if not over:
            self.wrong += [audit.story(job, self.scene.ledger) for job in sorted(left)[:5]]
        else:
            self._wait("overdue entries stay", lambda: min(schedule.armed().values()) > connection.now().timestamp())
        self.stage.stop(SCHEDULERS)
        over = over and self._wait("work is left", self._nothing_waits)
        self.say(f"all is over {harness.seconds_since(begun):.1f} s after the last fault")
        self.stage.stop(WORKERS)
        self.stage.stop_replaced()
        self._wait("processes are left", lambda: not left_over(str(self.scene.ledger.path)))
        return over

    def _wait(self, otherwise: str, condition: Callable[[], object]) -> bool:
        try:
            until(condition, SETTLE_S)
        except AssertionError as exc:
            self.wrong.append(f"{otherwise}: {exc}")
            return False
        return True

    def _over(self, left: set[str]) -> bool:
        """Take out of `left` what is over."""
        ids = sorted(left)[:2000]
        with connection.client().pipeline(transaction=False) as pipe:
            for job in ids:
                pipe.hget(keys.job(job), "status")
            over = {job for job, status in zip(ids, pipe.execute(), strict=True) if status in FINAL}
        left -= over
        return not left

    def _nothing_waits(self) -> bool:
        client = connection.client()
        waiting = sum(client.zcard(keys.RQ_SCHEDULED + name) + client.llen(keys.queue(name)) for name in queues.QUEUES)
        return not waiting and not client.zcard(keys.LEASES)

    def _audit(self) -> None:
        logs = [program.log for program in self.stage.schedulers]
        occurrences, wrong = audit.of_schedule(self.scene.ledger, logs, self.due_at_first)
        self.wrong += wrong
        counts, wrong = audit.of_jobs(self.load, self.scene.ledger, occurrences)
        self.wrong += wrong
        told = f"{len(self.load.acked)} jobs and {len(occurrences)} occurrences: {dict(counts)}"
        self.say(f"{told}; {len(self.load.cancelled)} cancels, {self.load.tries} calls tried again")
        self.say(f"faults: {dict(self.strikes)}")
        said = Counter({words: sum(program.said(words) for program in self.scene.programs) for words in TOLD})
        self.say(f"workers and schedulers said: {dict(said)}")

    def _end_level(self, before: leftovers.Level) -> None:
        freed = leftovers.cut_short()["freed"]
        if freed:
            self.wrong.append(f"{freed} claims were not freed with their jobs")
        after = leftovers.measure(self.scene.server)
        self.wrong += leftovers.compare(before, after, audit.NEW_KEYS)
        self.say(f"memory {before.memory_bytes:,} bytes before, {after.memory_bytes:,} after; {len(after.lasting)} keys stay")

    def _report(self) -> str:
        named = [job for job in self.load.acked if any(job in line for line in self.wrong)][:5]
        stories = [audit.story(job, self.scene.ledger) for job in named]
        return "\n".join([f"{len(self.wrong)} things are wrong:", *self.wrong[:40], *stories, again(self.seed, self.minutes)])


def again(seed: int, minutes: float) -> str:
    """How to have the same soak once more."""
    return f"Repeat it with: make soak MINUTES={minutes:g} SEED={seed}"


def bound_s(minutes: float) -> float:
    """After so long a soak is ended from outside: something hangs."""
    return minutes * 60 * 1.5 + 4 * SETTLE_S


@contextmanager
def bounded(seed: int, minutes: float) -> Iterator[None]:
    """A block that ends, in the main thread, whatever hangs in it."""

    def end(signum: int, frame: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, SETTLE_S)  # should the ending hang too
        raise Failed(f"The soak hangs: it was ended after {bound_s(minutes):.0f} s. {again(seed, minutes)}")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, bound_s(minutes))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run(folder: Path, seed: int, minutes: float, say: Callable[[str], object] = print) -> None:
    """One soak in this folder. Raises Failed."""
    with bounded(seed, minutes), harness.opened(folder, Twins()) as scene:
        soak = Soak(scene, seed, minutes, say)
        try:
            soak.run()
        except Failed:
            raise
        except Exception as exc:
            raise Failed("\n".join([*soak.wrong, f"the soak broke: {exc!r}", again(seed, minutes)])) from exc
        finally:
            soak.load.give_up()
            for program in scene.programs:
                program.send(signal.SIGCONT)


@click.command()
@click.option("--minutes", type=click.FloatRange(0.5, 24 * 60), default=10, help="How long faults come. [default: 10]")
@click.option("--seed", type=int, help="The faults to have again. [default: by chance]")
def main(minutes: float, seed: int | None) -> None:
    """Run a soak, with a line every ten seconds."""
    folder = Path(tempfile.mkdtemp(prefix="trawl-soak-"))
    try:
        run(folder, random.randrange(1 << 30) if seed is None else seed, minutes, click.echo)
    except Failed as exc:
        click.echo(f"{exc}\nLedger and logs: {folder}")
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
