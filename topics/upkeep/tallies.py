"""What each class of damage in the store means, and how many were found."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from state.repair import overdue

#: Ids shown of each class.
EXAMPLES = 5

#: Ids remembered of each class, so that none is counted twice.
REMEMBERED = 100_000

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
