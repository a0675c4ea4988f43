"""The look through the whole store for what lost its other half, one class of damage after the other; repaired if asked.

Every single thing is looked at in one step of the server's, so that a system at work shows nothing, and mending is safe while
everything runs. `manage.py doctor` looks further (doctor/examination.py).
"""

from collections.abc import Callable, Iterable

import chunks
import clock
import queues
from state.engine import dedup, jobs, limits
from state.repair import eligibility, orphans, overdue, project_records, walk
from state.tracking import outcomes
from topics.upkeep.tallies import CLASSES, Tally

#: Takes how many are done.
Done = Callable[[int], None]


def served() -> list[str]:
    """Our queues, with those in which a concurrency limit blocks jobs."""
    return [*queues.QUEUES, *limits.lists(queues.QUEUES)]


class Look:
    """One look through the whole store. Memory stays small however large it is; time grows with it."""

    def __init__(self, repair: bool, done: Done = lambda count: None) -> None:
        self.repair = repair
        self.found = {name: Tally() for name in CLASSES}
        self._done = done
        self.queues = served()

    def run(self) -> dict[str, Tally]:
        """What was found, by class. Leases come first: what they free shows in what comes after."""
        self.look_at_leases()
        self._scan()
        self._look_at_projects(project_records.listed_ids())
        for page in project_records.free_folders(self.repair):
            self.add("folders", page)
        for name in self.queues:
            self._look_at_queue(name)
        for namespace in dedup.namespaces():
            self._look_at_claims(namespace)
        self.add("workers", orphans.drop_workers(self.queues, self.repair))
        self.look_at_follow_ups()
        for project_id in project_records.project_ids():
            for page in eligibility.drop_due_times(project_id, self.repair):
                self.add("due times", page)
            if project_records.restore_project(project_id, self.repair):
                self.add("projects", [project_id])
        self.look_at_schedule()
        return self.found

    def add(self, name: str, ids: Iterable[str]) -> None:
        """Count these under their class."""
        self.found[name].add(ids)

    def look_at_leases(self) -> None:
        """Leases of jobs that are gone, and those without an end."""
        self.add("leases", orphans.drop_stale_leases(self.repair))

    def look_at_follow_ups(self) -> None:
        """For who can start them."""

    def look_at_schedule(self) -> None:
        """For who knows the table."""

    def _scan(self) -> None:
        """All keys once: what they say of jobs, runs and keywords."""
        waiting: set[str] = set()
        seen = 0
        for page in walk.pages():
            likely = orphans.triage(page.jobs, self.queues)
            self.add("running jobs", orphans.requeue_started(likely.started, self.repair))
            self.add("delayed jobs", orphans.reschedule(likely.delayed, self.repair))
            self.add("run records", orphans.drop_run_records(page.records, self.queues, self.repair))
            self.add("keywords", eligibility.restore_keywords(page.keywords, self.repair))
            self._look_at_projects(page.projects)
            waiting.update(likely.queued)
            if len(waiting) >= orphans.AT_ONCE:
                self._look_at_waiting(waiting)
            seen += page.seen
            self._done(seen)
        self._look_at_waiting(waiting)

    def _look_at_projects(self, project_ids: Iterable[str]) -> None:
        for project_id in project_ids:
            self.add(
                "project records",
                (f"{project_id} ({what})" for what in project_records.mend_project_records(project_id, self.repair)),
            )

    def _look_at_waiting(self, waiting: set[str]) -> None:
        self.add("waiting jobs", orphans.requeue_queued(orphans.sift(waiting, self.queues), self.repair))

    def _look_at_queue(self, name: str) -> None:
        for page in orphans.drop_dead_entries(name, self.repair):
            self.add("queue entries", page)
        for runs in orphans.registered_runs(name):
            self.add("run records", orphans.drop_run_records(runs, self.queues, self.repair))
        self.look_at_late("overdue jobs", lambda: overdue.jobs(name), lambda: jobs.promote(name))

    def _look_at_claims(self, namespace: str) -> None:
        owner = dedup.direct_owner() if self.repair else ""
        for page in chunks.of(dedup.members(namespace), orphans.CHUNK):
            found = dedup.take_over(namespace, page, owner)
            self.add("claims", (f"{namespace}:{member}" for member in found))
            for member in found if self.repair else ():
                _free(namespace, member, owner)

    def look_at_late(self, name: str, look: Callable[[], overdue.Late], mend: Callable[[], object]) -> None:
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
