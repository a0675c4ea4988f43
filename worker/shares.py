"""How a worker shares its places among its queues: of ten jobs six from the first, three from the second, one from the next.

The first queue goes first, and no queue starves. Shares hold within one taking as over many. What a queue leaves goes to the
others in their order, so a system with one busy queue works as if there were no shares.
"""

import random
from itertools import accumulate

from state.leases import Portions

WEIGHTS = (6, 3, 1)


class Shares:
    """The shares of so many queues, by their place. `start` is where in the round of ten it begins."""

    def __init__(self, queues: int, start: int = 0) -> None:
        self._weights = [*WEIGHTS[:queues], *[WEIGHTS[-1]] * (queues - len(WEIGHTS))]
        self._at = self._next = (start, start)  # on threads, on the loop

    def of(self, threads: int, coroutines: int) -> Portions:
        """Shares of the next taking: for each queue how many of these threads, and of these coroutines, are first of all its.

        Where fewer can be taken than there is room for (a limit), one queue after the other must be first: it is drawn by weight.
        """
        first = random.choices(range(len(self._weights)), self._weights)[0]
        self._next = (self._at[0] + threads, self._at[1] + coroutines)
        pairs = zip(self._split(0), self._split(1), strict=True)
        return Portions(first, list(pairs))

    def took(self, count: int) -> None:
        """Go on in the round, if anything was taken: who only looks uses up nobody's share."""
        if count:
            self._at = (self._next[0] % sum(self._weights), self._next[1] % sum(self._weights))

    def _split(self, sort: int) -> list[int]:
        before, after = self._until(self._at[sort]), self._until(self._next[sort])
        return [then - now for now, then in zip(before, after, strict=True)]

    def _until(self, jobs: int) -> list[int]:
        """Of the first so many jobs, how many are each queue's."""
        rounds, rest = divmod(jobs, sum(self._weights))
        ends = zip(self._weights, accumulate(self._weights), strict=True)
        return [rounds * weight + min(weight, max(0, rest - (end - weight))) for weight, end in ends]
