"""The loop of the scheduler process: rq-scheduler with one script for each occurrence in place of its lock.

Entries live in rq-scheduler's own structures, so its tools see them. Each occurrence becomes a job of its own, named after the
entry and its due time. One script compares the entry with what was seen, arms it anew and queues the job. So there is no lock:
any number of schedulers may run, be paused or be killed. Registering the table on every start changes only what changed: an
overdue run is kept, what is disabled stays so, and a row that left the table is disabled.

Jobs that other code left with rq-scheduler's own calls run too: those of enqueue_at and enqueue_in once, those of schedule and
cron as occurrences of their own (the last missed one is made up for, none overlaps); its `repeat` is refused, shown as broken.
"""

import logging
import secrets
import signal
from collections.abc import Callable, Collection, Sequence
from types import FrameType

import rq_scheduler

import clock
import config
import queues
from errors import TrawlError
from processes import children, forks
from scheduling import entries, recurrence
from scheduling.entries import Entry, registration
from state.engine import heartbeats, jobs, schedule_switches, schedules
from state.store import connection

log = logging.getLogger("trawl.scheduler")

#: Longest time between two looks while an entry stays due (s): it waits for an earlier occurrence, is paused or broken.
POLL_S = 1.0

#: Longest time for which a plan is kept, however little changes (s).
PLAN_S = 60.0

#: Entries of one look, and looks until the others get their turn: signs of life, delayed jobs.
PAGE, PAGES = 200, 50

BEAT_S, BEAT_IDLE_S, PROMOTE_S, HEAL_S, BROKEN_S, STOPS_S = 20.0, 60.0, 10.0, 60.0, 60.0, 60.0

OUTAGE_CAP_S = 5.0

#: Longest time from SIGTERM to the end (s).
STOP_S = 2.0

#: Sign of life that `status` reads.
HEARTBEAT = "scheduler"


class Scheduler(rq_scheduler.Scheduler):  # type: ignore[misc]  # rq-scheduler has no types
    """rq-scheduler with one script for each occurrence in place of its lock, and a loop that nothing ends but a signal."""

    job_class = queues.Job

    def __init__(self, log_stops: Callable[[], None] = lambda: None) -> None:
        super().__init__(connection=connection.client(), interval=POLL_S, queue_name=queues.HIGH)
        self.stopping = False
        self._table: dict[str, Entry] = {}
        self._token, self._sent = secrets.token_hex(6), 0
        self._due: dict[str, float] = {}
        self._log_stops = log_stops
        self._logged_at: dict[bytes, float] = {}
        self._idle_s = config.settings().idle_poll_interval
        self._planned: tuple[float | None, float] | None = None  # next due time, and until when it holds

    def register(self, entries: Sequence[Entry]) -> int:
        """Write what is new or changed, disable what left the table; returns how many entries that touched.

        Raises ConfigError, before anything is written, where an entry could never work.
        """
        now = int(connection.now().timestamp())
        wanted = [registration(entry, now) for entry in entries]
        self._table = {entry.id: entry for entry in entries}
        gone = sorted(schedules.registered() - set(self._table))
        return schedules.register(wanted) + sum(schedule_switches.disable(entry, schedule_switches.REMOVED) for entry in gone)

    def heal(self, entries: Sequence[Entry]) -> int:
        """Write entries whose hash is gone, due as they were; whatever else differs stays as it is. Returns how many."""
        if schedules.are_written([entry.id for entry in entries]):
            return 0
        now = int(connection.now().timestamp())
        healed = schedules.register([registration(entry, now) for entry in entries], only_missing=True)
        if healed:
            self._planned = None
            log.warning("Wrote entries of the schedule anew: somebody deleted them", extra={"count": healed})
        return healed

    def enqueue_jobs(self) -> float:
        """Everything that is due; one broken entry never stops the others. Returns the seconds until the next look."""
        passed = 0
        for _ in range(PAGES):
            look = schedules.due_entries(passed, PAGE)
            stay = self._work_off(look)
            passed += stay
            if stay == len(look.entries) < PAGE or self.stopping:
                return self._plan(look, stay=passed)
        self._planned = None
        return 0.0

    def _plan(self, look: schedules.DuePage, stay: int) -> float:
        """Seconds until the next look. Where no entry stays due, it is enough to see until then that the entries are the same."""
        until = look.next_due - look.now if look.next_due is not None else PLAN_S
        self._planned = None if stay else (look.next_due, clock.monotonic() + min(until, PLAN_S))
        return min(POLL_S if stay else self._idle_s, max(0.001, until))

    def _rest_of_plan(self) -> float:
        """Seconds until the next look, 0 where it is due or where somebody changed the entries; one plain command."""
        if self._planned is None or (rest_s := self._planned[1] - clock.monotonic()) <= 0:
            return 0.0
        return min(self._idle_s, rest_s) if schedules.next_due() == self._planned[0] else 0.0

    def _work_off(self, look: schedules.DuePage) -> int:
        """Decide what one look found; returns how many entries stay due as they are."""
        ready: list[schedules.Occurrence] = []
        stay = 0
        for seen in look.entries:
            try:
                one = entries.occurrence(seen, look.now)
                if one:
                    ready.append(one)
                elif not self._restore(seen):
                    stay += 1
            except (*entries.BROKEN, connection.ResponseError) as exc:
                self._log_broken(seen.id, exc)
                stay += 1
        self._sent += 1
        replies = schedules.enqueue_occurrences(ready, f"{self._token}-{self._sent}", recurrence.ON_TIME_S)
        for one, reply in zip(ready, replies, strict=True):
            if isinstance(reply, connection.ResponseError):
                self._log_broken(one.entry.id, reply)
            elif isinstance(reply, Exception):
                raise reply
            stay += reply in ("waits", "paused") or isinstance(reply, Exception)
            self._log_outcome(one, reply, look.now)
        return stay

    def _restore(self, seen: schedules.DueEntry) -> bool:
        """Queue a job that does not come again, or write an entry anew whose hash is gone; returns whether that did anything."""
        entry = self._table.get(seen.id.decode())
        if entry and seen.gone:
            return bool(self.heal([entry]))
        outcome = schedules.enqueue_once(seen)
        log.info("A job of rq-scheduler's is due", extra={"job": seen.id.decode(), "outcome": outcome})
        return True

    def _log_outcome(self, one: schedules.Occurrence, outcome: str | Exception, now: float) -> None:
        step, entry = one.step, one.entry.id.decode()
        if outcome == "queued" and one.job and step.run is not None:
            log.info("Occurrence queued", extra={"entry": entry, "job": one.job.id, "late_s": round(now - step.run, 1)})
        elif outcome == "overlaps":
            log.info("Occurrence left out: an earlier one is not over", extra={"entry": entry})
        if step.missed and outcome in ("queued", "overlaps", "missed"):
            log.warning("Occurrences were missed", extra={"entry": entry, "count": step.missed})

    def _log_broken(self, entry: bytes, problem: Exception) -> None:
        now = clock.monotonic()
        if now - self._logged_at.get(entry, -BROKEN_S) >= BROKEN_S:
            self._logged_at = {name: at for name, at in self._logged_at.items() if now - at < BROKEN_S} | {entry: now}
            log.error("The entry %s is broken: %s", entry.decode(errors="replace"), problem)

    def run_forever(self) -> int:
        """Look, and sleep until something is due or for IDLE_POLL_INTERVAL, until it is asked to end. Returns the exit code."""
        forks.stop_on_signal(self._stop)
        outage_s = 0.0
        while not self.stopping:
            try:
                with connection.errors_translated():
                    wait_s = self._look()
                outage_s = 0.0
            except (TrawlError, connection.ResponseError) as exc:
                wait_s = outage_s = min(max(POLL_S, 2 * outage_s), OUTAGE_CAP_S)
                log.warning("%s Trying again in %g s.", exc, outage_s)
            children.reap_orphans()
            clock.wait(wait_s)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return 0

    def _look(self) -> float:
        """What is due, and what is done every few seconds; seconds until the next look."""
        beat_s = min(BEAT_IDLE_S, max(BEAT_S, self._idle_s))
        self._every("beat", beat_s, lambda: heartbeats.beat(HEARTBEAT, beat_s))
        self._every("promote", max(PROMOTE_S, self._idle_s), _promote)
        self._every("stops", max(STOPS_S, self._idle_s), self._log_stops)
        self._every("enable", max(PROMOTE_S, self._idle_s), lambda: _enable_over(self._table))
        self._every("heal", HEAL_S, lambda: self.heal(list(self._table.values())))
        return self._rest_of_plan() or self.enqueue_jobs()

    def _every(self, name: str, every_s: float, do: Callable[[], object]) -> None:
        if clock.monotonic() >= self._due.get(name, 0.0):
            self._due[name] = clock.monotonic() + every_s  # before: one that fails holds nothing else up
            do()

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        """End after what is being done, soon also where Redis does not answer."""
        self.stopping = True
        signal.signal(signal.SIGALRM, _end)
        signal.setitimer(signal.ITIMER_REAL, STOP_S)


def _end(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)  # in the middle of a wait for Redis


def _enable_over(table: Collection[str]) -> None:
    """Enable entries whose time has come that were disabled for a while; not those whose row left the table meanwhile."""
    gone = schedules.registered() - set(table) if (over := schedule_switches.over()) else set()
    for entry in over:
        if entry not in gone and schedule_switches.enable(entry, only_over=True):
            log.info("Enabled again: its time was over", extra={"entry": entry})


def _promote() -> None:
    """Move delayed jobs that are due; workers do so too, and sooner."""
    if jobs.any_delayed(*queues.QUEUES):
        jobs.promote(*queues.QUEUES)
