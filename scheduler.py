"""Periodic work: the table of what runs when, and the rq-scheduler process around it.

Entries live in rq-scheduler's own structures, so its tools see them. Each occurrence becomes a job of its own, named after the
entry and its due time, by one script that compares the entry with what was seen, arms it anew and queues the job. So there is no
lock: any number of schedulers may run, be paused or be killed. Registering the table on every start changes only what changed; an
overdue run is kept, what is disabled stays so, and a row that left the table is disabled.

Jobs that other code left with rq-scheduler's own calls run too: those of enqueue_at and enqueue_in once, those of schedule and
cron as occurrences of their own (the last missed one is made up for, none overlaps); its `repeat` is refused, shown as broken.
"""

import logging
import re
import secrets
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import rq_scheduler

import arguments
import clock
import config
import logs
import models
import processes
import queues
import streams
from errors import ArgumentError, ConfigError, TrawlError
from jobs import budgets, maintenance, serp
from parsing import schedule
from state import activity, connection, jobs, schedules, scripts

log = logging.getLogger("trawl.scheduler")

#: Longest time between two looks at what is due (s); they come sooner where something is due sooner.
POLL_S = 1.0

#: Entries of one look, and looks until the others get their turn: signs of life, delayed jobs.
PAGE, PAGES = 200, 50

BEAT_S, PROMOTE_S, HEAL_S, COMPLAIN_S = 5.0, 1.0, 60.0, 60.0

OUTAGE_CAP_S = 5.0

#: Longest time from SIGTERM to the end (s).
STOP_S = 2.0

#: Sign of life that `status` reads.
HEARTBEAT = "scheduler"

NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")

#: What reading an entry raises that somebody else wrote, or damaged.
BROKEN = (TrawlError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a job without arguments but `kwargs`, every so many seconds or by cron (five fields, in `zone`).

    `missed`: what becomes of occurrences that were due while no scheduler ran. skip: none is made up for; one: the last is; all:
    each is, up to `at_most`. `overlap`: what becomes of one that is due while the one before is not over. skip: it is left out;
    queue_one: it waits, further ones are left out (with missed="all" they wait too); allow: both run. `pass_due` gives the job
    its due time (seconds since 1970) as `due_s`.
    """

    name: str
    func: Callable[..., Any]
    every_s: int | None = None
    cron: str | None = None
    zone: str = "UTC"
    missed: str = "one"
    at_most: int = schedule.AT_MOST
    overlap: str = "skip"
    pass_due: bool = False
    kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its id among rq-scheduler's entries."""
        return f"schedule-{self.name}"

    @property
    def when(self) -> str:
        """When it runs, in words."""
        return f"every {self.every_s} s" if self.cron is None else f"{self.cron} {self.zone}"


def table() -> list[Entry]:
    """SCHEDULE: what runs when, by the settings of this process."""
    return [
        Entry("enqueue-keyword-scrapes", serp.enqueue_batch, config.settings().serp_enqueue_interval, pass_due=True),
        Entry("sweep", maintenance.sweep, 60),
        Entry("begin-budget-month", budgets.begin_month, cron="0 0 1 * *", pass_due=True),
        Entry("clean-up-jobs", maintenance.clean_up, cron="10 3 * * *"),
        Entry("record-statistics", maintenance.record_statistics, cron="0 * * * *", missed="skip", pass_due=True),
        Entry("check-health", maintenance.check_health, cron="*/30 * * * *", missed="skip"),
        Entry("compact-store", maintenance.compact_store, cron="40 4 * * sun"),
    ]


def registration(entry: Entry, now: int) -> schedules.Registration:
    """An entry as it is stored. Raises ConfigError where it could never work."""
    rules = {"missed": entry.missed, "at_most": entry.at_most, "overlap": entry.overlap, "pass_due": entry.pass_due}
    try:
        if not NAME.fullmatch(entry.name):
            raise ArgumentError("its name must be up to 100 letters, digits, - and _")
        meta = schedule.meta(entry.every_s, entry.cron, entry.zone, **rules)
        example = {**entry.kwargs, "due_s": now} if entry.pass_due else entry.kwargs
        job = queues.prepare(models.Call(entry.func, (), example))
        following = schedule.read(meta).calendar.after(now, now)
    except ArgumentError as exc:
        raise ConfigError(f"The entry {entry.name!r:.60} of the schedule cannot run: {exc}") from None
    spec = queues.spec_of(entry.func)
    fields = {"data": arguments.to_json([spec.path, None, [], entry.kwargs], entry.name), "meta": meta, "origin": job.queue}
    fields |= {"description": entry.name, "timeout": str(spec.timeout_s), "result_ttl": "-1", "status": "scheduled"}
    by_interval = entry.cron is None
    return schedules.Registration(entry.id, fields, now if by_interval else following, following, by_interval)


def occurrence(seen: schedules.Due, now: float) -> schedules.Occurrence | None:
    """What to do about an entry that is due, or by hand (`due` b""); None = it is gone, or does not come again.

    Raises one of BROKEN where it cannot be read.
    """
    entry_id = seen.id.decode()
    if not queues.JOB_ID.fullmatch(entry_id):
        raise ArgumentError("its id must be up to 200 letters, digits, - and _")
    if seen.wrong:
        raise ArgumentError(seen.wrong)
    if seen.gone or not (seen.ours or (seen.meta and schedule.is_periodic(seen.meta))):
        return None
    rules = schedule.read(seen.meta or b"")
    due = float(seen.due or now)
    if not 0 <= due < 1 << 40:
        raise ArgumentError(f"it is due at {due:g}, which is no time")
    step = schedule.step(rules, int(due), now, seen.waited) if seen.due else models.Step(int(now), 0)
    path, args, kwargs = arguments.of_job(seen.data or b"")
    run = int(now) if step.run is None else step.run
    call = models.Call(queues.function(path), tuple(args), {**kwargs, "due_s": run} if rules.pass_due else kwargs)
    name = f"{entry_id}-{run}" if seen.due else f"{entry_id}-by-hand-{secrets.token_hex(4)}"
    call = models.Call(call.func, call.args, call.kwargs, queue=(seen.queue or b"").decode() or None, job_id=name)
    return schedules.Occurrence(seen, rules.overlap, step, queues.prepare(call))


def as_seen(record: schedules.Record, due: bytes = b"") -> schedules.Due:
    """An entry as if it were due then (default: out of turn)."""
    data, meta, queue = (record.fields.get(name) for name in (b"data", b"meta", b"origin"))
    return schedules.Due(record.id.encode(), due, data, meta, queue, ours=record.ours)


class Scheduler(rq_scheduler.Scheduler):  # type: ignore[misc]  # rq-scheduler has no types
    """rq-scheduler with one script for each occurrence in place of its lock, and a loop that nothing ends but a signal."""

    job_class = queues.Job

    def __init__(self) -> None:
        super().__init__(connection=connection.client(), interval=POLL_S, queue_name=queues.HIGH)
        self.stopping = False
        self._table: dict[str, Entry] = {}
        self._token, self._sent = secrets.token_hex(6), 0
        self._due: dict[str, float] = {}
        self._complained: dict[bytes, float] = {}

    def register(self, entries: Sequence[Entry]) -> int:
        """Write what is new or changed, disable what left the table; says how many entries that touched.

        Raises ConfigError, before anything is written, where an entry could never work.
        """
        now = int(connection.now().timestamp())
        wanted = [registration(entry, now) for entry in entries]
        self._table = {entry.id: entry for entry in entries}
        gone = sorted(schedules.registered() - set(self._table))
        return schedules.register(wanted) + sum(schedules.disarm(entry, schedules.REMOVED) for entry in gone)

    def heal(self, entries: Sequence[Entry]) -> int:
        """Write entries whose hash is gone, due as they were; whatever else differs stays as it is. Says how many."""
        now = int(connection.now().timestamp())
        healed = schedules.register([registration(entry, now) for entry in entries], only_missing=True)
        if healed:
            log.warning("Wrote entries of the schedule anew: somebody deleted them", extra={"count": healed})
        return healed

    def enqueue_jobs(self) -> float:
        """Everything that is due; one broken entry never stops the others. Returns the seconds until the next look."""
        passed = 0
        for _ in range(PAGES):
            look = schedules.look(passed, PAGE)
            stay = self._work_off(look)
            passed += stay
            if stay == len(look.entries) < PAGE or self.stopping:
                until = look.next_due - look.now if look.next_due is not None else POLL_S
                return min(POLL_S, max(0.001, until))
        return 0.0

    def _work_off(self, look: schedules.Look) -> int:
        """Decide what one look found; says how many entries stay due as they are."""
        ready: list[schedules.Occurrence] = []
        stay = 0
        for seen in look.entries:
            try:
                one = occurrence(seen, look.now)
                if one:
                    ready.append(one)
                elif not self._revive(seen):
                    stay += 1
            except (*BROKEN, connection.ResponseError) as exc:
                self._complain(seen.id, exc)
                stay += 1
        self._sent += 1
        for one, reply in zip(ready, schedules.occur(ready, f"{self._token}-{self._sent}", schedule.ON_TIME_S), strict=True):
            if isinstance(reply, connection.ResponseError):
                self._complain(one.entry.id, reply)
            elif isinstance(reply, Exception):
                raise reply
            stay += reply == "waits" or isinstance(reply, Exception)
            self._tell(one, reply, look.now)
        return stay

    def _revive(self, seen: schedules.Due) -> bool:
        """One that does not come again goes to its queue, one whose hash is gone is written anew. Says if that did anything."""
        entry = self._table.get(seen.id.decode())
        if entry and seen.gone:
            return bool(self.heal([entry]))
        outcome = schedules.hand_over(seen)
        log.info("A job of rq-scheduler's is due", extra={"job": seen.id.decode(), "outcome": outcome})
        return True

    def _tell(self, one: schedules.Occurrence, outcome: str | Exception, now: float) -> None:
        step, entry = one.step, one.entry.id.decode()
        if outcome == "queued" and one.job and step.run is not None:
            log.info("Occurrence queued", extra={"entry": entry, "job": one.job.id, "late_s": round(now - step.run, 1)})
        elif outcome == "overlaps":
            log.info("Occurrence left out: an earlier one is not over", extra={"entry": entry})
        if step.missed and outcome in ("queued", "overlaps", "missed"):
            log.warning("Occurrences were missed", extra={"entry": entry, "count": step.missed})

    def _complain(self, entry: bytes, problem: Exception) -> None:
        now = clock.monotonic()
        if now - self._complained.get(entry, -COMPLAIN_S) >= COMPLAIN_S:
            self._complained = {name: at for name, at in self._complained.items() if now - at < COMPLAIN_S} | {entry: now}
            log.error("The entry %s is broken: %s", entry.decode(errors="replace"), problem)

    def run_forever(self) -> int:
        """Look, and sleep until something is due or for a second, until SIGTERM or SIGINT. Returns the exit code."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        outage_s = 0.0
        while not self.stopping:
            try:
                with connection.errors_translated():
                    wait_s = self._look()
                outage_s = 0.0
            except (TrawlError, connection.ResponseError) as exc:
                wait_s = outage_s = min(max(POLL_S, 2 * outage_s), OUTAGE_CAP_S)
                log.warning("%s Trying again in %g s.", exc, outage_s)
            processes.reap_orphans()
            clock.wait(wait_s)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return 0

    def _look(self) -> float:
        """What is due, and our chores; seconds until the next look."""
        self._every("beat", BEAT_S, lambda: activity.beat(HEARTBEAT))
        self._every("promote", PROMOTE_S, lambda: jobs.promote(*queues.QUEUES))
        self._every("heal", HEAL_S, lambda: self.heal(list(self._table.values())))
        return self.enqueue_jobs()

    def _every(self, chore: str, every_s: float, do: Callable[[], object]) -> None:
        if clock.monotonic() >= self._due.get(chore, 0.0):
            self._due[chore] = clock.monotonic() + every_s  # before: one that fails holds nothing else up
            do()

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        """End after what is being done, soon also where Redis does not answer."""
        self.stopping = True
        signal.signal(signal.SIGALRM, _end)
        signal.setitimer(signal.ITIMER_REAL, STOP_S)


def _end(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)  # in the middle of a wait for Redis


def run() -> int:
    """The scheduler process; returns its exit code. Any number may run."""
    streams.forgive()
    logs.setup()
    logging.getLogger("rq_scheduler").setLevel(logging.WARNING)
    with connection.errors_translated():
        for line in connection.refuse_unsafe():
            log.warning("%s", line)
        scripts.load()
        scheduler = Scheduler()
        touched = scheduler.register(table())
    log.info("Scheduler is up", extra={"entries": len(table()), "changed": touched})
    return scheduler.run_forever()
