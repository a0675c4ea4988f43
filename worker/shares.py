"""How a worker shares its places among its queues: of ten jobs six from the first, three from the second, one from the next.

The first queue goes first, and no queue starves. Shares hold within one taking as over many. What a queue leaves goes to the
others in their order, so a system with one busy queue works as if there were no shares.
"""

import random

from state.engine.leases import Portions

WEIGHTS = (6, 3, 1)


class Shares:
    """The shares of so many queues, by their place. `start` is where in the round of ten it begins."""

    def __init__(self, queues: int, start: int = 0) -> None:
        self._weights = [*WEIGHTS[:queues], *[WEIGHTS[-1]] * (queues - len(WEIGHTS))]
        turns = [queue for queue, weight in enumerate(self._weights) for _ in range(weight)]
        self._turns = turns
        self._until = [[turns[:count].count(queue) for queue in range(queues)] for count in range(len(turns) + 1)]
        self._at = self._next = (start % len(turns), start % len(turns))  # on threads, on the loop

    def of(self, threads: int, coroutines: int) -> Portions:
        """Shares of the next taking: for each queue how many of these threads, and of these coroutines, are first of all its.

        Where fewer can be taken than there is room for (a limit), one queue after the other must be first: it is drawn by weight.
        """
        self._next = (self._at[0] + threads, self._at[1] + coroutines)
        first = self._turns[int(random.random() * len(self._turns))]
        return Portions(first, self._split(0, threads), self._split(1, coroutines))

    def took(self, count: int) -> None:
        """Go on in the round, if anything was taken: who only looks uses up nobody's share."""
        if count:
            self._at = (self._next[0] % len(self._turns), self._next[1] % len(self._turns))

    def _split(self, sort: int, count: int) -> list[int]:
        if not count:
            return [0] * len(self._weights)
        rounds, rest = divmod(self._next[sort], len(self._turns))
        before, after = self._until[self._at[sort]], self._until[rest]
        return [rounds * weight + then - now for weight, now, then in zip(self._weights, before, after, strict=True)]
