"""The keywords at which a domain wins most of us."""

import heapq
from collections.abc import Sequence
from typing import Any

import models


class Beaten:
    """The keywords at which a domain wins most of us: what its rank weighs beyond ours, times volume; so many at most."""

    def __init__(self, weights: Sequence[float], most: int) -> None:
        self.weights, self.most = weights, most
        self._found: list[tuple[float, str, dict[str, Any]]] = []

    def take(self, keyword: models.Keyword, theirs: int | None, ours: int | None) -> None:
        """Count one keyword; None = not seen there."""
        if theirs is None or (ours is not None and ours <= theirs):
            return
        lost = (self._weight(theirs) - self._weight(ours)) * (keyword.volume or 1)
        row = {"id": keyword.id, "keyword": keyword.text, "volume": keyword.volume, "theirs": theirs, "ours": ours}
        entry = (round(lost, 2), keyword.id, row)
        if len(self._found) < self.most:
            heapq.heappush(self._found, entry)
        else:
            heapq.heappushpop(self._found, entry)

    def rows(self) -> list[dict[str, Any]]:
        """The most worth winning first; `worth`: weighted searches a month that the domain is seen by and we are not."""
        return [{**row, "worth": lost} for lost, _, row in sorted(self._found, key=lambda one: (-one[0], one[1]))]

    def _weight(self, rank: int | None) -> float:
        return self.weights[rank - 1] if rank and rank <= len(self.weights) else 0.0
