"""What `manage.py doctor` looks at in the store, one class of damage after the other; with `repair` it is mended at once.

Most of it is what only a foreign hand, a lost write or a defect can do; the rest is what no process does while none runs. Every
single thing is looked at in one step of the server's, so that a system at work shows nothing.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import clock
import config
import scheduler
from doctor import notes
from doctor.report import Report
from scheduling import entries
from state.engine import jobs, schedule_switches, schedules
from state.repair import orphans, overdue, walk
from state.store import connection
from topics.operations import stops
from topics.upkeep.repair import Done, Look, served
from topics.upkeep.tallies import Tally
from worker import rescue
from worker.rq import follow_up

#: Given words and a total, shows how far the block has come.
Progress = Callable[[str, int], AbstractContextManager[Done]]


def _no_progress(words: str, total: int) -> AbstractContextManager[Done]:
    return nullcontext(lambda count: None)


def examine(repair: bool, progress: Progress = _no_progress) -> Report:
    """Look at the server and through the store; with `repair` mend what is found, and look again at what is left."""
    report = _of_server()
    if not report.is_readable:
        return report
    with connection.errors_translated():
        report.broken = orphans.broken(served())
        if report.broken:
            return report
        if repair:
            report.repaired = _look_through(True, progress, "Repairing")
        report.found = _look_through(False, progress, "Looking through the store")
        report.stops = stops.every()
        report.notes = list(notes.every(repair, served(), report.stops))
    return report


def glance() -> Report:
    """Look at the server, the stops and the types of keys, not through the store: it takes no longer where that is large."""
    report = _of_server()
    if report.is_readable:
        with connection.errors_translated():
            report.broken = orphans.broken(served())
            report.stops = stops.every()
    return report


def _of_server() -> Report:
    report = Report(connection.examine())
    if config.settings().allow_unsafe_redis:
        report.server = [replace(one, grade="warning") if one.grade == "refused" else one for one in report.server]
    return report


def _look_through(repair: bool, progress: Progress, words: str) -> dict[str, Tally]:
    with progress(words, walk.size()) as done:
        return Examination(repair, done).run()


class Examination(Look):
    """The same look, and at what takes a worker's hand or the table of the schedule to mend."""

    def look_at_leases(self) -> None:
        """Those of jobs that nobody took back, too."""
        super().look_at_leases()
        self.look_at_late("overdue leases", overdue.leases, _take_back)

    def look_at_follow_ups(self) -> None:
        """What waits for a job that ended, and was not started."""
        self.look_at_late("follow-ups", overdue.follow_ups, follow_up.catch_up)

    def look_at_schedule(self) -> None:
        """Entries of the table that are gone from the store, or broken there."""
        rows = {entry.id: entry for entry in scheduler.table()}
        found = {name: wrong_time for name, wrong_time in stops.amiss(stops.now()).items() if name in rows}
        self.add("schedule", map(entries.name_of, found))
        for name, wrong_time in found.items() if self.repair else ():
            wanted = entries.registration(rows[name], int(clock.now().timestamp()))
            schedules.register([wanted])
            schedule_switches.enable(name)
            if wrong_time:
                schedules.redate(name, wanted.changed_due)


def _take_back() -> int:
    """Idle workers are woken up: the doctor runs no job."""
    count = rescue.rescue_lost("doctor")
    if count:
        jobs.wake_others(count)
    return count
