"""What an import does with a line, and by which rule it decides between what is here and what the file says.

    keep      what is here stays; what is missing here is added (days of a history, tags, an empty field)
    replace   what the file says counts; what only we have stays
    newer     whichever was changed last counts, where that is known; otherwise what is here stays

In all three no rank of a day is lost: a known rank wins over an unknown one. The state of the checks (when the last one was,
when the next is due) is that of the later check.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from errors import DataError

Record = dict[str, Any]
T = TypeVar("T")


#: What reading a damaged value raises.
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, struct.error)

#: The field of a record that stands for one that is damaged in the store: what names it.
DAMAGED = "damaged"


class Rule(StrEnum):
    """Which of two that differ counts."""

    KEEP = "keep"
    REPLACE = "replace"
    NEWER = "newer"


class Word(StrEnum):
    """What becomes of a line. `kept`: ours differs and stays."""

    NEW = "new"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    REFUSED = "refused"


class Outcome(NamedTuple):
    """What became of a line; `why` names the remedy where it was refused."""

    word: Word
    why: str = ""


NEW, MERGED, UNCHANGED, KEPT = (Outcome(word) for word in (Word.NEW, Word.MERGED, Word.UNCHANGED, Word.KEPT))


@dataclass(frozen=True, slots=True)
class Merging:
    """How lines are taken. `owner`: whose everything becomes, None = as the file says. `holder`: the same, of saved views."""

    rule: Rule = Rule.KEEP
    is_dry: bool = False
    owner: str | None = None
    holder: str | None = None
    is_admin: bool = True
    numbers: dict[int, int] = field(default_factory=dict)  # network in the file → network here
    coming: set[str] = field(default_factory=set)  # projects that a dry run would add

    def theirs_win(self, ours_at: float, theirs_at: float) -> bool:
        """Whether the file counts, where both sides say something; times are of the last change."""
        return self.rule is Rule.REPLACE or (self.rule is Rule.NEWER and theirs_at > ours_at)

    def owner_of(self, told: str) -> str:
        """Whose a thing becomes."""
        return told if self.owner is None else self.owner


def refused(why: str) -> Outcome:
    """A line that is not taken."""
    return Outcome(Word.REFUSED, why.rstrip("."))


def each(records: Sequence[T], put: Callable[[T], Outcome]) -> list[Outcome]:
    """What becomes of each; one that fails is refused, and the others go on. An error of the store or network is raised."""
    return [_one(record, put) for record in records]


def _one(record: T, put: Callable[[T], Outcome]) -> Outcome:
    try:
        return put(record)
    except DataError as exc:
        return refused(str(exc))
    except UNREADABLE as exc:
        return unreadable(exc)


def unreadable(exc: Exception) -> Outcome:
    """A line whose values cannot be read."""
    return refused(f"it holds what cannot be read ({str(exc)[:200] or type(exc).__name__})")


def changed(merging: Merging, is_there: bool, is_equal: bool, write: Callable[[], object]) -> Outcome:
    """The outcome of a thing that is written whole, where the file counts: `write` runs unless it is a dry run."""
    if is_there and is_equal:
        return UNCHANGED
    if not merging.is_dry:
        write()
    return MERGED if is_there else NEW


def told(items: Iterable[T], name: Callable[[T], str], record: Callable[[T], Record]) -> Iterator[Record]:
    """The record of each; of one that is damaged in the store what names it, and why: one must not keep the others back."""
    for item in items:
        try:
            yield record(item)
        except (*UNREADABLE, DataError) as exc:
            yield {DAMAGED: name(item), "why": str(exc)[:200] or type(exc).__name__}


def lean(facts: Record) -> Record:
    """A record without what is empty or false: a million lines are shorter by it. A zero stays."""
    return {name: value for name, value in facts.items() if value is not False and value not in (None, "", [], {}, ())}
