"""What `manage.py doctor` looks at in the store, one class of damage after the other; with `repair` it is mended at once.

Most of it is what only a foreign hand, a lost write or a defect can do; the rest is what no process does while none runs. Every
single thing is looked at in one step of the server's, so that a system at work shows nothing.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import chunks
import clock
import config
import queues
import scheduler
from doctor import notes
from doctor.report import CLASSES, Report, Tally
from scheduling import entries
from state.engine import dedup, jobs, limits, schedule_switches, schedules
from state.repair import eligibility, orphans, overdue, walk
from state.store import connection
from state.tracking import outcomes
from topics.operations import stops
from worker import rescue
from worker.rq import follow_up

#: Takes how many are done.
Done = Callable[[int], None]

#: Given words and a total, shows how far the block has come.
Progress = Callable[[str, int], AbstractContextManager[Done]]


def served() -> list[str]:
    """Our queues, with those in which a concurrency limit blocks jobs."""
    return [*queues.QUEUES, *limits.lists(queues.QUEUES)]


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


class Examination:
    """One look through the whole store. Memory stays small however large it is; time grows with it."""

    def __init__(self, repair: bool, done: Done = lambda count: None) -> None:
        self.repair = repair
        self.found = {name: Tally() for name in CLASSES}
        self._done = done
        self.queues = served()

    def run(self) -> dict[str, Tally]:
        """What was found, by class. Leases come first: what they free shows in what comes after."""
        self._look_at_leases()
        self._scan()
        self._look_at_projects(eligibility.listed_ids())
        for page in eligibility.free_folders(self.repair):
            self._add("folders", page)
        for name in self.queues:
            self._look_at_queue(name)
        for namespace in dedup.namespaces():
            self._look_at_claims(namespace)
        self._add("workers", orphans.drop_workers(self.queues, self.repair))
        self._look_at_late("follow-ups", overdue.follow_ups, follow_up.catch_up)
        for project_id in eligibility.project_ids():
            for page in eligibility.drop_due_times(project_id, self.repair):
                self._add("due times", page)
            if eligibility.restore_project(project_id, self.repair):
                self._add("projects", [project_id])
        self._look_at_schedule()
        return self.found

    def _add(self, name: str, ids: Iterable[str]) -> None:
        self.found[name].add(ids)

    def _look_at_leases(self) -> None:
        self._add("leases", orphans.drop_stale_leases(self.repair))
        self._look_at_late("overdue leases", overdue.leases, _take_back)

    def _scan(self) -> None:
        """All keys once: what they say of jobs, runs and keywords."""
        waiting: set[str] = set()
        seen = 0
        for page in walk.pages():
            likely = orphans.triage(page.jobs, self.queues)
            self._add("running jobs", orphans.requeue_started(likely.started, self.repair))
            self._add("delayed jobs", orphans.reschedule(likely.delayed, self.repair))
            self._add("run records", orphans.drop_run_records(page.records, self.queues, self.repair))
            self._add("keywords", eligibility.restore_keywords(page.keywords, self.repair))
            self._look_at_projects(page.projects)
            waiting.update(likely.queued)
            if len(waiting) >= orphans.AT_ONCE:
                self._look_at_waiting(waiting)
            seen += page.seen
            self._done(seen)
        self._look_at_waiting(waiting)

    def _look_at_projects(self, project_ids: Iterable[str]) -> None:
        for project_id in project_ids:
            self._add(
                "project records",
                (f"{project_id} ({what})" for what in eligibility.mend_project_records(project_id, self.repair)),
            )

    def _look_at_schedule(self) -> None:
        rows = {entry.id: entry for entry in scheduler.table()}
        found = {name: wrong_time for name, wrong_time in stops.amiss(stops.now()).items() if name in rows}
        self._add("schedule", map(entries.name_of, found))
        for name, wrong_time in found.items() if self.repair else ():
            wanted = entries.registration(rows[name], int(clock.now().timestamp()))
            schedules.register([wanted])
            schedule_switches.enable(name)
            if wrong_time:
                schedules.redate(name, wanted.changed_due)

    def _look_at_waiting(self, waiting: set[str]) -> None:
        self._add("waiting jobs", orphans.requeue_queued(orphans.sift(waiting, self.queues), self.repair))

    def _look_at_queue(self, name: str) -> None:
        for page in orphans.drop_dead_entries(name, self.repair):
            self._add("queue entries", page)
        for runs in orphans.registered_runs(name):
            self._add("run records", orphans.drop_run_records(runs, self.queues, self.repair))
        self._look_at_late("overdue jobs", lambda: overdue.jobs(name), lambda: jobs.promote(name))

    def _look_at_claims(self, namespace: str) -> None:
        owner = dedup.direct_owner() if self.repair else ""
        for page in chunks.of(dedup.members(namespace), orphans.CHUNK):
            found = dedup.take_over(namespace, page, owner)
            self._add("claims", (f"{namespace}:{member}" for member in found))
            for member in found if self.repair else ():
                _free(namespace, member, owner)

    def _look_at_late(self, name: str, look: Callable[[], overdue.Late], mend: Callable[[], object]) -> None:
        """Mend in the portions of the engine; ends also where something cannot be mended."""
        late = look()
        self.found[name].add_late(late)
        while self.repair and late.count:
            mend()
            before, late = late, look()
            if late.count >= before.count:
                return


def _free(namespace: str, member: str, owner: str) -> None:
    """Free a claim we adopted; its keyword is due again."""
    if namespace == dedup.SERP:
        outcomes.release(dedup.Claim(member, owner, clock.now()))
    else:
        dedup.release(namespace, member, owner)


def _take_back() -> int:
    """Idle workers are woken up: the doctor runs no job."""
    count = rescue.rescue_lost("doctor")
    if count:
        jobs.wake_others(count)
    return count
