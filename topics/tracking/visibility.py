"""Visibility: how much of the searches for a project's keywords see it, in one number from 0 to 1.

    visibility = sum of weight(rank) × volume ÷ sum of volume, over the keywords whose rank is known

A keyword without a volume counts as one search. Unknown ranks are left out, and counted beside it. The weights are those that SE
Ranking publishes (2026-11); VISIBILITY_WEIGHTS has others.
"""

from dataclasses import dataclass

import config

#: What the number means, for people.
FORMULA = "sum of weight(rank) x volume / sum of volume, over keywords with a known rank; a keyword without volume counts as 1"


@dataclass(slots=True)
class Share:
    """A visibility that is being counted."""

    seen: float = 0.0
    volume: float = 0.0

    def count(self, rank: int | None, volume: int | None, weights: tuple[float, ...]) -> None:
        """Count a known rank; None = not found."""
        weighs = volume or 1
        self.volume += weighs
        if rank and rank <= len(weights):
            self.seen += weights[rank - 1] * weighs

    @property
    def value(self) -> float | None:
        """The visibility; None where no rank is known."""
        return round(self.seen / self.volume, 4) if self.volume else None


def weights() -> tuple[float, ...]:
    """The weight of each rank from 1 on; lower ranks have none."""
    return tuple(map(float, config.settings().visibility_weights.split(",")))
