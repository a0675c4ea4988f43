"""What an import of companies did, line by line."""

from dataclasses import dataclass, field
from typing import Any

from state.leads.companies import Put

#: Bad lines that are named.
NAMED_BAD_LINES = 100


@dataclass(slots=True)
class Imported:
    """What an import did. `known`: companies that were there; `bad`: (line, what is wrong), at most 100 of `bad_count`."""

    added: int = 0
    known: int = 0
    changed: int = 0  # of the known ones: a fact has another value now
    joined: int = 0  # lines about a company of an earlier line of the file
    bad_count: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set, repr=False)

    def count(self, made: Put) -> None:
        """Count a line that was taken."""
        if made.id in self._seen:
            self.joined += 1
            return
        self._seen.add(made.id)
        self.added += made.was_new
        self.known += not made.was_new
        self.changed += not made.was_new and bool(made.changed)

    def told(self) -> dict[str, Any]:
        """As plain data."""
        plain = {name: getattr(self, name) for name in ("added", "known", "changed", "joined", "bad_count", "unused", "notes")}
        return plain | {"bad": [{"line": line, "reason": reason} for line, reason in self.bad]}

    def reject(self, line: int, reason: str) -> None:
        """Count a bad line."""
        self.bad_count += 1
        if len(self.bad) < NAMED_BAD_LINES:
            self.bad.append((line, reason))
