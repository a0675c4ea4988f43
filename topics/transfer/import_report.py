"""What became of the lines of an import: counts, and those that are named with their reason."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from topics.transfer.merging import Outcome, Word

#: Lines that a report names.
MOST_NAMED = 100


class Named(NamedTuple):
    """A line that a report names, and why."""

    line: int
    kind: str
    reason: str


@dataclass(slots=True)
class Report:
    """What became of the lines: counts by kind and word; of the refused and of notes the first hundred.

    `is_cut_off`: its end is missing. `is_changed`: somebody changed it since it was exported.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: list[Named] = field(default_factory=list)
    notes: list[Named] = field(default_factory=list)
    lines: int = 0
    is_cut_off: bool = True
    is_changed: bool = False
    is_dry: bool = False

    @property
    def totals(self) -> dict[str, int]:
        """Lines by word, over all kinds."""
        found: Counter[str] = Counter()
        for counts in self.counts.values():
            found.update(counts)
        return {word.value: found[word.value] for word in Word}

    def add(self, number: int, kind: str, outcome: Outcome) -> None:
        """Count what became of a line."""
        words = self.counts.setdefault(kind, {word.value: 0 for word in Word})
        words[outcome.word.value] += 1
        named = self.refused if outcome.word is Word.REFUSED else self.notes
        if outcome.why and len(named) < MOST_NAMED:
            named.append(Named(number, kind, outcome.why))

    def facts(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "totals": self.totals, "refused": [one._asdict() for one in self.refused]} | {
            "notes": [one._asdict() for one in self.notes]
        }
