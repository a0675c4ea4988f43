"""The keywords of a project in the orders that lists offer: computed with the overview, kept for a day."""

from collections.abc import Sequence
from datetime import datetime

import models
from state.tracking import orders
from state.tracking.history import Brief
from state.tracking.orders import Order
from topics.tracking import changes

#: What lists are sorted by. `changes`: places won since so many days before the last check.
CHANGES = {"change_1": 1, "change_7": 7, "change_30": 30}
NAMES = ("rank", *CHANGES, "volume", "text")

#: A project of more keywords is listed in stored order only: its orders would take more than 100 MB while they are made.
MOST = 300_000

#: Behind every rank. What is unknown has no place: it is last in both directions.
NOT_FOUND = 1000


class Orders:
    """Values of keywords that come one after the other, then their orders."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.values: dict[str, list[int | str | None]] = {name: [] for name in NAMES}

    def count(self, keyword: models.Keyword, past: Sequence[Brief]) -> None:
        """Take a keyword with its last ranks, oldest first."""
        if len(self.ids) > MOST:
            return
        self.ids.append(keyword.id)
        self.values["rank"].append(_place(past[-1]) if past else None)
        for name, days in CHANGES.items():
            self.values[name].append(changes.of_briefs(past, days))
        self.values["volume"].append(keyword.volume)
        self.values["text"].append(keyword.text.casefold())

    def keep(self, project_id: str, at: datetime) -> None:
        """Keep the orders in place of those before; nothing for a project of too many keywords."""
        if len(self.ids) <= MOST:
            orders.keep(project_id, {name: self._order(values) for name, values in self.values.items()}, at)

    def _order(self, values: list[int | str | None]) -> Order:
        """Rising; what has no value is at the end."""
        valued = [(value, keyword_id) for value, keyword_id in zip(values, self.ids, strict=True) if value is not None]
        rest = [keyword_id for value, keyword_id in zip(values, self.ids, strict=True) if value is None]
        valued.sort()  # the values of one order are of one type
        return Order([keyword_id for _, keyword_id in valued] + rest, len(valued))


def _place(rank: Brief) -> int | None:
    return NOT_FOUND if rank.state is models.RankState.NOT_FOUND else rank.rank
