"""How a worker shares its places among its queues: of ten jobs six from the first, three from the second, one from the next.

The first queue goes first, and no queue starves. Shares hold within one taking as over many. What a queue leaves goes to the
others in their order, so a system with one busy queue works as if there were no shares.
"""

from collections.abc import Sequence
from itertools import accumulate

WEIGHTS = (6, 3, 1)


class Shares:
    """The shares of so many queues, by their place. `start` is where in the round of ten it begins."""

    def __init__(self, queues: int, start: int = 0) -> None:
        self._weights = [*WEIGHTS[:queues], *[WEIGHTS[-1]] * (queues - len(WEIGHTS))]
        self._at = [start, start]  # on threads, on the loop

    def of(self, threads: int, coroutines: int) -> Sequence[tuple[int, int]]:
        """Shares of the next taking: for each queue how many of these threads, and of these coroutines, are first of all its."""
        return list(zip(self._split(0, threads), self._split(1, coroutines), strict=True))

    def _split(self, sort: int, count: int) -> list[int]:
        before, after = self._at[sort], self._at[sort] + count
        self._at[sort] = after % sum(self._weights)
        return [then - now for now, then in zip(self._until(before), self._until(after), strict=True)]

    def _until(self, jobs: int) -> list[int]:
        """Of the first so many jobs, how many are each queue's."""
        rounds, rest = divmod(jobs, sum(self._weights))
        ends = accumulate(self._weights)
        return [
            rounds * weight + min(weight, max(0, rest - (end - weight)))
            for weight, end in zip(self._weights, ends, strict=True)
        ]
