"""The programs and the server of a soak: what always runs, is struck, and is started anew."""

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import clock
from tests import patience
from tests.faults import audit, harness

#: What runs all the time; of the workers, how many processes.
WORKERS = {"workers 0": 2, "workers 1": 1}
SCHEDULERS = ("scheduler 0", "scheduler 1")
THREADS = 6

#: Deaths of its own process that poison a job: we cause fewer.
KILLS_OF_A_CHILD = 2

WORKER_SETTINGS = {"TRAWL_TEST_NO_BACKOFF": "1", "SHUTDOWN_TIMEOUT": "3"}


@dataclass
class Slot:
    """One of the programs that always run."""

    program: harness.Program
    started_at: float

    @property
    def was_up(self) -> bool:
        """Whether it came as far as to work."""
        return bool(self.program.said("Ready to process jobs") or self.program.said("Scheduler is up"))

    @property
    def told(self) -> str:
        """The end of its log."""
        return self.program.log.read_text(errors="replace")[-600:]


@dataclass
class Stage:
    """`wrong`: what was seen that must not be, one line each. `table`: the schedule that a scheduler starts with."""

    scene: harness.Env
    result_ttl_s: int
    wrong: list[str]
    table: list[dict[str, Any]] = field(default_factory=lambda: audit.BEFORE)
    slots: dict[str, Slot] = field(default_factory=dict)
    retired: list[Slot] = field(default_factory=list)
    schedulers: list[harness.Program] = field(default_factory=list)
    frozen: set[str] = field(default_factory=set)
    redis_is_away: bool = False
    _redis_back_at: float = 0.0
    _child_kills: Counter[str] = field(default_factory=Counter)

    def start(self, name: str) -> None:
        """Start the program of that name."""
        env = {"TRAWL_TEST_RESULT_TTL_S": str(self.result_ttl_s), "LOG_LEVEL": "INFO"}
        if name in WORKERS:
            argv = ["worker", "--processes", str(WORKERS[name]), "--threads", str(THREADS)]
            program = self.scene.program(*argv, **env, **WORKER_SETTINGS)
        else:
            program = self.scene.program("scheduler", TRAWL_TEST_TABLE=json.dumps(self.table), **env)
            self.schedulers.append(program)
        self.slots[name] = Slot(program, clock.monotonic())

    def all_up(self) -> bool:
        """Whether every program works."""
        return all(slot.was_up for slot in self.slots.values())

    def keep(self) -> None:
        """Start anew what ended by itself. Nothing may, but for a program that never got to Redis when it began."""
        for name, slot in list(self.slots.items()):
            code = slot.program.process.poll()
            if code is None:
                continue
            if not self._never_got_to_redis(slot):
                self.wrong.append(f"{name} ended by itself with {code}: {slot.told}")
            if not self.redis_is_away:
                self.start(name)

    def _never_got_to_redis(self, slot: Slot) -> bool:
        return not slot.was_up and (self.redis_is_away or self._redis_back_at > slot.started_at)

    def at_hand(self, names: Any) -> list[str]:
        """Those that can be struck: what is frozen is left alone until it thaws, for what it does then is what matters."""
        return [name for name in names if name not in self.frozen]

    # --- strikes ---

    def kill(self, name: str) -> None:
        """kill -9 to the parent of that program; another one takes its place."""
        program = self.slots[name].program
        program.send(signal.SIGKILL, [program.pid])
        program.process.wait(patience.HANG_S)
        self.start(name)

    def restart(self, name: str) -> None:
        """As a deploy does: the new one begins, the old one is asked to end."""
        old = self.slots[name]
        self.retired.append(old)
        self.start(name)
        old.program.process.terminate()

    def freeze(self, name: str) -> Callable[[], None]:
        """Let it stand still; what is returned lets it go on."""
        program = self.slots[name].program
        self.frozen.add(name)
        program.send(signal.SIGSTOP)

        def thaw() -> None:
            self.frozen.discard(name)
            program.send(signal.SIGCONT)

        return thaw

    def strike_worker(self, signum: int, who: float) -> None:
        """A signal to one of the worker processes."""
        found = [(self.slots[name].program, pid) for name in self.at_hand(WORKERS) for pid in _workers(self.slots[name].program)]
        if found:
            program, victim = share(found, who)
            program.send(signum, [victim])

    def kill_child(self, who: float) -> None:
        """kill -9 to the process of an isolated job, but not so often that it would count as poison."""
        rows, found = harness.processes(), []
        for program in (self.slots[name].program for name in self.at_hand(WORKERS)):
            zygotes = [pid for worker in _workers(program) for pid in harness.children(worker, rows=rows)]
            found += [(program, pid) for zygote in zygotes for pid in harness.children(zygote, rows=rows)]
        jobs = {line.pid: line.job for line in self.scene.ledger.lines("start")}
        known = [one for one in found if one[1] in jobs and self._child_kills[jobs[one[1]]] < KILLS_OF_A_CHILD]
        if known:
            program, victim = share(known, who)
            self._child_kills[jobs[victim]] += 1
            program.send(signal.SIGKILL, [victim])

    def strike_redis(self, signum: int) -> Callable[[], None]:
        """SIGSTOP or SIGKILL; what is returned brings it back."""
        self.redis_is_away = True
        self.scene.server.send(signum)

        def bring_back() -> None:
            if signum == signal.SIGKILL:
                self.scene.server.start()
            else:
                self.scene.server.send(signal.SIGCONT)
            self.redis_is_away, self._redis_back_at = False, clock.monotonic()

        return bring_back

    # --- the end ---

    def stop(self, names: Any) -> None:
        """Ask these to end politely, and see that they do."""
        for name in names:
            self._stop(name, self.slots[name])

    def stop_replaced(self) -> None:
        """See that those whose place was taken have ended politely."""
        for slot in self.retired:
            self._stop("a program that was replaced", slot)

    def _stop(self, name: str, slot: Slot) -> None:
        slot.program.process.terminate()
        try:
            code = slot.program.process.wait(patience.HANG_S)
        except subprocess.TimeoutExpired:
            self.wrong.append(f"{name} does not end: {slot.told}")
            return
        asked_too_early = not slot.was_up and code == -signal.SIGTERM
        if code and not asked_too_early and not self._never_got_to_redis(slot):
            self.wrong.append(f"{name} ended with {code}: {slot.told}")


def share(found: Any, who: float) -> Any:
    """The one that a share from 0 to 1 names."""
    return found[int(who * 0.999 * len(found))]


def _workers(program: harness.Program) -> list[int]:
    return program.workers() if program.process.poll() is None else []
