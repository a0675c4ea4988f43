"""Keywords added with what is known of them: new ones get it, and so do those that are there. For typed lists and for files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import chunks
from state.tracking import details, keywords, texts
from state.tracking.details import Details
from topics.tracking import projects

NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Added:
    """What became of texts. `updated`: those of the known ones whose tags, volume or target page changed.

    `respelled`: (former text, text as typed) of those that an older version had stored folded.
    """

    added: int = 0
    known: int = 0
    updated: int = 0
    respelled: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: "Added") -> "Added":
        return Added(
            self.added + other.added,
            self.known + other.known,
            self.updated + other.updated,
            self.respelled + other.respelled,
        )


def add(project_id: str, wanted: Sequence[tuple[str, Details]]) -> Added:
    """Add keywords as they were typed, each with its details. Safe to repeat.

    All texts are checked before one is added. Raises ArgumentError naming the first that cannot be one, NotFound for the project.
    """
    checked = [(projects.checked_keyword(text), one) for text, one in wanted]
    done = Added()
    for chunk in chunks.of(checked, keywords.CHUNK):
        done += store(project_id, [text for text, _ in chunk], {text: one for text, one in chunk if one})
    return done


def store(project_id: str, checked: Sequence[str], described: Mapping[str, Details]) -> Added:
    """Store a chunk of checked texts, some with details. Details of known keywords go first: then all that is missing is new."""
    updated, missing = 0, dict(described)
    if described:
        there = dict(zip(described, texts.find(project_id, list(described)), strict=True))
        updated = details.write_many(project_id, {place[0]: described[text] for text, place in there.items() if place}).changed
        missing = {text: described[text] for text, place in there.items() if not place}
    done = keywords.add_typed(project_id, checked)
    if missing:
        made = zip(missing, texts.find(project_id, list(missing)), strict=True)
        details.write_many(project_id, {place[0]: described[text] for text, place in made if place})
    return Added(done.added, done.known, updated, done.respelled)
