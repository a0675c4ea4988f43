"""What an import would do: each keyword looked up, and nothing stored."""

from collections.abc import Mapping, Sequence

import models
import spelling
import wording
from state.tracking import details, texts
from topics.tracking import asking, paying
from topics.tracking.adding import Added


class Trial:
    """Counts what `adding.store` would add. Twice the same in one file is one keyword."""

    def __init__(self) -> None:
        self._new: dict[str, int] = {}  # project → keywords that would be added
        self._seen: set[tuple[str, str]] = set()

    def store(self, project_id: str, checked: Sequence[str], described: Mapping[str, details.Details]) -> Added:
        """The counts of a chunk. `described` changes none of them."""
        added = 0
        for text, place in zip(checked, texts.find(project_id, checked), strict=True):
            key = project_id, spelling.key(text)
            if place is None and key not in self._seen:
                added += 1
            self._seen.add(key)
        self._new[project_id] = self._new.get(project_id, 0) + added
        return Added(added, len(checked) - added)

    def price(self, projects: Mapping[str, models.Project]) -> str:
        """What one check of each new keyword buys at most, in words; empty where there is none."""
        pages = sum(count * asking.pages_of(projects[project_id].depth) for project_id, count in self._new.items())
        if not pages:
            return ""
        credits = paying.price(pages, list(self._new))["credits_at_most"]
        return f"A check of what is new buys at most {wording.pluralize(pages, 'page')}, {credits:,g} credits."
