"""What `manage.py doctor` looks at in the store, one class of damage after the other; with `repair` it is mended at once.

Most of it is what only a foreign hand, a lost write or a defect can do; the rest is what no process does while none runs. Every
single thing is looked at in one step of the server's, so that a system at work shows nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import clock
import config
import queues
import scheduler
from commands import output
from models import Stop
from scheduling import entries, loop
from state.engine import dedup, heartbeats, jobs, limits, schedules
from state.repair import eligibility, orphans, overdue
from state.store import connection, keys, server
from state.tracking import keywords
from topics.operations import stops
from worker import consumer
from worker.rq import follow_up

#: Ids shown of each class.
EXAMPLES = 5

#: Ids remembered of each class, so that none is counted twice.
REMEMBERED = 100_000

#: A fail-over is told of for a day (s).
RECENT_S = 86400.0

#: No look at the store can show this: a promoted replica holds an earlier state of it, whole and without contradiction.
LOST_TAIL = (
    "Fail-over {ago} ago; {where}. What the primary before it had not passed on is lost: jobs submitted in its last moments may "
    "be missing (submit them again; with dedup keys nothing runs twice), jobs that ended then run again, counters may be behind."
)

#: Name → what is wrong with them, what --fix does. In the order in which they are shown.
CLASSES = {
    "waiting jobs": ("queued, and in no queue", "puts them at the front of their queue"),
    "running jobs": ("started, and under no lease", "puts them at the front of their queue"),
    "delayed jobs": ("delayed, and in no list that anybody moves", "lets them run now"),
    "overdue jobs": ("due for a minute and not moved: does a worker or scheduler run?", "moves them to their queue"),
    "queue entries": ("in a queue, and the job is gone", "removes them"),
    "claims": ("claimed, and no living job holds the claim", "frees them; keywords are due again"),
    "leases": ("leased, and the job is gone or the lease has no end", "ends the lease"),
    "overdue leases": ("out for a minute and nobody took the job back: does a worker run?", "takes the jobs back"),
    "run records": ("recorded by RQ as running, and over", "removes the records"),
    "workers": ("registered, and dead", "removes them from RQ's lists"),
    "follow-ups": ("ended, and what waits for them was not started: does a worker run?", "starts it"),
    "keywords": ("tracked, and in no batch, or archived and in one", "puts them where they belong"),
    "due times": ("due or archived, and no keyword", "removes them"),
    "project records": ("not listed, weighed or given a folder as they say themselves", "writes what the project says"),
    "folders": ("kept for a project that is gone or has another", "frees them"),
    "projects": ("active and without a turn, or the other way", "puts them where they belong"),
    "schedule": ("in the table, and broken or gone from rq-scheduler's set", "writes and arms them"),
}


@dataclass(slots=True)
class Report:
    """What was found. `found` is empty where the store was not looked through: what is refused or broken comes first."""

    server: list[server.Verdict]
    broken: dict[str, str] = field(default_factory=dict)
    repaired: dict[str, "Tally"] = field(default_factory=dict)
    found: dict[str, "Tally"] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing is left to be done. A warning of the server's is no more than that."""
        stopped = any(stop.wrong for stop in self.stops) or any(verdict.stops for verdict in self.server)
        return not (self._is_refused or self.broken or stopped or any(tally.count for tally in self.found.values()))

    @property
    def is_readable(self) -> bool:
        """Whether the store may be looked through."""
        return not (self._is_refused or any(verdict.stops for verdict in self.server))

    @property
    def _is_refused(self) -> bool:
        return any(verdict.grade == "refused" for verdict in self.server)


@dataclass(slots=True)
class Tally:
    """How many of a class were found, and some of them."""

    count: int = 0
    ids: set[str] = field(default_factory=set)

    @property
    def examples(self) -> list[str]:
        """Some, always the same of the same."""
        return sorted(self.ids)[:EXAMPLES]

    def add(self, found: Iterable[str]) -> None:
        """Count these, each once."""
        new = set(found) - self.ids
        self.count += len(new)
        if len(self.ids) < REMEMBERED:
            self.ids |= new

    def add_late(self, late: overdue.Late) -> None:
        """Count what is late."""
        self.count += late.count
        self.ids.update(late.examples)


Tell = Callable[[int], None]


def served() -> list[str]:
    """Our queues, with those in which jobs wait for a place of their kind."""
    return [*queues.QUEUES, *limits.lists(queues.QUEUES)]


def examine(repair: bool) -> Report:
    """Look at the server and through the store; with `repair` mend what is found, and look again at what is left."""
    report = Report(connection.examine())
    if config.settings().allow_unsafe_redis:
        report.server = [replace(one, grade="warning") if one.grade == "refused" else one for one in report.server]
    if not report.is_readable:
        return report
    with connection.errors_translated():
        report.broken = orphans.broken(served())
        if report.broken:
            return report
        if repair:
            with output.progress("Repairing", orphans.size()) as tell:
                report.repaired = Examination(True, tell).run()
        with output.progress("Looking through the store", orphans.size()) as tell:
            report.found = Examination(False, tell).run()
        report.stops = stops.every()
        report.notes = list(_notes(repair, report.stops))
    return report


class Examination:
    """One look through the whole store. Memory stays small however large it is; time grows with it."""

    def __init__(self, repair: bool, tell: Tell = lambda done: None) -> None:
        self.repair = repair
        self.found = {name: Tally() for name in CLASSES}
        self._tell = tell
        self.queues = served()

    def run(self) -> dict[str, Tally]:
        """What was found, by class. Leases come first: what they free shows in what comes after."""
        self._look_at_leases()
        self._scan()
        self._look_at_projects(eligibility.listed_ids())
        for page in eligibility.forget_folders(self.repair):
            self._add("folders", page)
        for name in self.queues:
            self._look_at_queue(name)
        for namespace in dedup.namespaces():
            self._look_at_claims(namespace)
        self._add("workers", orphans.forget_workers(self.queues, self.repair))
        self._look_at_late("follow-ups", overdue.follow_ups, follow_up.catch_up)
        for project_id in eligibility.project_ids():
            for page in eligibility.forget_due(project_id, self.repair):
                self._add("due times", page)
            if eligibility.rejoin_project(project_id, self.repair):
                self._add("projects", [project_id])
        self._look_at_schedule()
        return self.found

    def _add(self, name: str, ids: Iterable[str]) -> None:
        self.found[name].add(ids)

    def _look_at_leases(self) -> None:
        self._add("leases", orphans.unlease(self.repair))
        self._look_at_late("overdue leases", overdue.leases, _take_back)

    def _scan(self) -> None:
        """All keys once: what they say of jobs, runs and keywords."""
        waiting: set[str] = set()
        seen = 0
        for page in orphans.pages():
            likely = orphans.triage(page.jobs, self.queues)
            self._add("running jobs", orphans.revive(likely.started, self.repair))
            self._add("delayed jobs", orphans.reschedule(likely.delayed, self.repair))
            self._add("run records", orphans.forget_runs(page.records, self.queues, self.repair))
            self._add("keywords", eligibility.rejoin(page.keywords, self.repair))
            self._look_at_projects(page.projects)
            waiting.update(likely.waiting)
            if len(waiting) >= orphans.AT_ONCE:
                self._look_at_waiting(waiting)
            seen += page.seen
            self._tell(seen)
        self._look_at_waiting(waiting)

    def _look_at_projects(self, project_ids: Iterable[str]) -> None:
        for project_id in project_ids:
            self._add("project records", (f"{project_id} ({what})" for what in eligibility.relist(project_id, self.repair)))

    def _look_at_schedule(self) -> None:
        rows = {entry.id: entry for entry in scheduler.table()}
        found = {name: wrong_time for name, wrong_time in stops.amiss(stops.now()).items() if name in rows}
        self._add("schedule", map(entries.name_of, found))
        for name, wrong_time in found.items() if self.repair else ():
            wanted = entries.registration(rows[name], int(clock.now().timestamp()))
            schedules.register([wanted])
            schedules.enable(name)
            if wrong_time:
                schedules.redate(name, wanted.changed_due)

    def _look_at_waiting(self, waiting: set[str]) -> None:
        self._add("waiting jobs", orphans.requeue(orphans.sift(waiting, self.queues), self.repair))

    def _look_at_queue(self, name: str) -> None:
        for page in orphans.unlist(name, self.repair):
            self._add("queue entries", page)
        for runs in orphans.registered_runs(name):
            self._add("run records", orphans.forget_runs(runs, self.queues, self.repair))
        self._look_at_late("overdue jobs", lambda: overdue.jobs(name), lambda: jobs.promote(name))

    def _look_at_claims(self, namespace: str) -> None:
        owner = dedup.direct_owner() if self.repair else ""
        for page in keywords.chunked(dedup.members(namespace), orphans.CHUNK):
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
        keywords.release(dedup.Claim(member, owner, clock.now()))
    else:
        dedup.release(namespace, member, owner)


def _unread(queue: str) -> int:
    """Jobs of a queue that failed lately because whoever took them could not read their call."""
    count = 0
    for job_id in overdue.latest_failed(queue):
        try:
            [job] = queues.Job.fetch_many([job_id], connection=connection.client())
            result = job.latest_result() if job else None
        except (ValueError, TypeError, KeyError):  # a record that somebody damaged
            continue
        count += bool(result and "DeserializationError" in (result.exc_string or ""))
    return count


def _notes(repair: bool, told: list[Stop]) -> Iterator[str]:
    """What is no damage and people may want to know."""
    if (ago_s := connection.promoted_ago_s()) is not None and ago_s < RECENT_S:
        yield LOST_TAIL.format(where=connection.where(), ago=output.span(ago_s))
    names = {stop.name for stop in told}
    if "no worker" not in names and not overdue.living_workers():
        yield "No worker runs: `python manage.py worker` starts one."
    if "no scheduler" not in names and not heartbeats.last_beat(loop.HEARTBEAT):
        yield "No scheduler runs: `python manage.py scheduler` starts one."
    for name, count in overdue.strange_queues(served()).items():
        yield f"The queue {name} is not ours and holds {output.many(count, 'job')}: no worker of Trawl serves it."
    for name, count in overdue.intermediate(served()).items():
        what = f"{name} holds {output.many(count, 'job')}: a stock RQ worker has them in hand, or died with them."
        yield f"{what} If none runs: {connection.cli()} LMOVE {name} {name.removesuffix(':intermediate')} RIGHT LEFT, for each."
    if unread := sum(_unread(name) for name in queues.QUEUES):
        jobs_ = output.many(unread, "job")
        says = f"A stock RQ worker failed {jobs_} because it reads no JSON (DeserializationError)."
        again = connection.rq_command("requeue --all --queue QUEUE")
        yield f"{says} Start it with `-S rq.serializers.JSONSerializer`, then `{again}`."
    if reasons := overdue.quarantined():
        some = ", ".join(f"{reason} ({count:,})" for reason, count in reasons.most_common(EXAMPLES))
        yield f"In quarantine, and kept: {reasons.total():,}: {some}. `{connection.cli()} HGETALL {keys.QUARANTINE}` shows them."
    if ended := sum(overdue.entries(name, remove=repair) for name in served()):
        done = "removed" if repair else "harmless; --fix removes them"
        entries = f"{ended:,} {'entry' if ended == 1 else 'entries'}"
        yield f"RQ's registries {'held' if repair else 'hold'} {entries} of jobs that ended long ago: {done}."


def _take_back() -> int:
    """Whoever idles is told: the doctor runs none of them."""
    count = consumer.rescue_lost("doctor")
    if count:
        jobs.wake_others(count)
    return count
