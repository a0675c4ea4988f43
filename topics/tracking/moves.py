"""What moved between two days: winners and losers between two ranks, and what entered or left. Unknown ranks move nothing."""

import heapq
from typing import Any

import models
from state.tracking.history import Brief


class Moves:
    """The largest moves, at most so many of each kind; and how many there were."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.counts = {"up": 0, "down": 0, "same": 0, "new": 0, "lost": 0}
        self._largest: dict[str, list[tuple[int, str, dict[str, Any]]]] = {"up": [], "down": [], "new": [], "lost": []}

    def take(self, keyword: models.Keyword, before: Brief | None, after: Brief | None) -> None:
        """Count one keyword, where both ranks are known."""
        if not before or not after or models.RankState.UNKNOWN in (before.state, after.state):
            return
        if before.rank and after.rank:
            won = before.rank - after.rank
            kind = "up" if won > 0 else "down" if won < 0 else "same"
        elif before.rank or after.rank:
            kind, won = ("new", 101 - after.rank) if after.rank else ("lost", 101 - (before.rank or 0))
        else:
            return
        self.counts[kind] += 1
        if kind != "same":
            self._keep(kind, abs(won), keyword, before, after)

    def _keep(self, kind: str, size: int, keyword: models.Keyword, before: Brief, after: Brief) -> None:
        row = {"id": keyword.id, "keyword": keyword.text, "before": before.rank, "after": after.rank}
        entry = (size, keyword.id, row)
        found = self._largest[kind]
        if len(found) < self.most:
            heapq.heappush(found, entry)
        else:
            heapq.heappushpop(found, entry)

    def facts(self) -> dict[str, Any]:
        """All of it, as plain data: the largest move first."""
        named = {"up": "winners", "down": "losers", "new": "new", "lost": "lost"}
        rows = {named[kind]: [row for _, _, row in sorted(found, reverse=True)] for kind, found in self._largest.items()}
        return {"counts": self.counts, **rows}
