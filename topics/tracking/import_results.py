"""What an import of keywords is told, and what it says that it did."""

from dataclasses import dataclass, field

#: Bad lines that are named; more are only counted.
NAMED_BAD_LINES = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """What a user says of a file that does not say it itself. `is_list`: each line is a keyword, where no column is named.

    `tags` are given to all of its keywords. `has_ranks`: its lines hold ranks of past days, too.
    `is_trial`: what would be done is counted, and nothing is stored.
    """

    column: str | None = None
    encoding: str | None = None
    is_list: bool = False
    tags: tuple[str, ...] = ()
    is_trial: bool = False
    has_ranks: bool = False


AS_IT_SAYS = Reading()


@dataclass(slots=True)
class Imported:
    """What an import did. `bad` holds (line number, what is wrong), at most 100 of `bad_count`. `unused` are columns by name."""

    added: int = 0
    known: int = 0
    updated: int = 0  # of the known ones: volume, tags or target page changed
    bad_count: int = 0
    projects_added: int = 0
    ranks: int = 0  # of past days, put into histories
    ranks_known: int = 0  # of days that were there
    bad: list[tuple[int, str]] = field(default_factory=list)
    respelled: list[tuple[str, str]] = field(default_factory=list)  # (former text, text as typed)
    unused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def reject(self, line: int, reason: str) -> None:
        """Count a bad line."""
        self.bad_count += 1
        if len(self.bad) < NAMED_BAD_LINES:
            self.bad.append((line, reason))
