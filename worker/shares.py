"""How a worker shares its threads and coroutines among its queues: of ten jobs six from the first, three from the second, one
from the next.

The first queue goes first, and no queue starves. The shares hold within one lease request and over many. What one queue leaves
goes to the others in their order. So a system with one busy queue works as if there were no shares.
"""

import random

from state.engine.leases import Portions

WEIGHTS = (6, 3, 1)

THREADS, COROUTINES = 0, 1


class Shares:
    """The shares of so many queues, each known by its index. `start`: where in the round of ten turns to begin."""

    def __init__(self, queues: int, start: int = 0) -> None:
        self._weights = [*WEIGHTS[:queues], *[WEIGHTS[-1]] * (queues - len(WEIGHTS))]
        turns = [queue for queue, weight in enumerate(self._weights) for _ in range(weight)]
        self._turns = turns
        self._turns_before = [[turns[:count].count(queue) for queue in range(queues)] for count in range(len(turns) + 1)]
        self._position = self._next = (start % len(turns), start % len(turns))  # of threads, of coroutines

    def of(self, threads: int, coroutines: int) -> Portions:
        """Shares of the next lease request: for each queue, how many of these threads and coroutines are its own first.

        A concurrency limit may allow fewer jobs than there is room for. Then one queue is first, drawn by weight.
        """
        self._next = (self._position[THREADS] + threads, self._position[COROUTINES] + coroutines)
        first = self._turns[int(random.random() * len(self._turns))]
        return Portions(first, self._split(THREADS, threads), self._split(COROUTINES, coroutines))

    def took(self, count: int) -> None:
        """Go on in the round if jobs were leased: a request that found none uses up no share."""
        if count:
            self._position = (self._next[THREADS] % len(self._turns), self._next[COROUTINES] % len(self._turns))

    def _split(self, sort: int, count: int) -> list[int]:
        if not count:
            return [0] * len(self._weights)
        rounds, rest = divmod(self._next[sort], len(self._turns))
        before, after = self._turns_before[self._position[sort]], self._turns_before[rest]
        return [rounds * weight + then - now for weight, now, then in zip(self._weights, before, after, strict=True)]
