"""One round trip for what many threads send at the same time: who comes first sends for all that wait.

While a round trip is under way, others gather. One of them then sends for all of these. A thread that is alone sends at once.
Each returns only when its own calls were answered. Where Redis does not answer, those that gathered meanwhile are told so, too:
they waited as long already.
"""

import threading
from collections.abc import Sequence
from typing import Any

import redis

from state.store import scripts


class _Turn:
    """Calls that wait to be sent, then their replies or their error. `gate`: what it waits at; None where it is alone."""

    __slots__ = ("calls", "error", "gate", "replies")

    def __init__(self, calls: Sequence[scripts.Call]) -> None:
        self.calls = calls
        self.gate: threading.Lock | None = None
        self.replies: list[Any] | None = None
        self.error: BaseException | None = None

    @property
    def is_over(self) -> bool:
        return self.replies is not None or self.error is not None


class Together:
    """The calls of one kind of this process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: list[_Turn] = []
        self._is_sending = False

    def ask(self, call: scripts.Call) -> Any:
        """The reply to a call. Raises what its script raised, and what Redis raised for all that were sent with it."""
        [reply] = self.ask_each([call])
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def ask_each(self, calls: Sequence[scripts.Call]) -> list[Any]:
        """The replies to these calls, which run one after the other; in place of a reply the error of a script that failed."""
        turn = _Turn(calls)
        with self._guard:
            self._waiting.append(turn)
            if self._is_sending:
                turn.gate = threading.Lock()
                turn.gate.acquire()
            self._is_sending = True
        if turn.gate is not None:
            turn.gate.acquire()
        if not turn.is_over:
            self._send()
        if turn.error is not None:
            raise turn.error
        return turn.replies or []

    def _send(self) -> None:
        with self._guard:
            turns, self._waiting = self._waiting, []
        try:
            replies = iter(scripts.run_each([call for turn in turns for call in turn.calls]))
            for turn in turns:
                turn.replies = [next(replies) for _ in turn.calls]
        except BaseException as exc:
            for turn in turns:
                turn.error = exc
        finally:
            self._pass_on(turns)

    def _pass_on(self, turns: list[_Turn]) -> None:
        """Wake those who were answered, and one of those who gathered meanwhile: it sends next."""
        with self._guard:
            if turns and isinstance(turns[0].error, redis.ConnectionError | redis.TimeoutError):
                for turn in self._waiting:
                    turn.error = turns[0].error
                turns, self._waiting = [*turns, *self._waiting], []
            following = self._waiting[:1]
            self._is_sending = bool(following)
        for turn in (*turns, *following):
            if turn.gate is not None:
                turn.gate.release()


class Trips(Together):
    """The round trips of a process whose threads nobody interrupts. Elsewhere each caller sends by itself.

    A job may be ended at any moment, while others would wait for what it sends.
    """

    is_shared = False

    def ask_each(self, calls: Sequence[scripts.Call]) -> list[Any]:
        """As Together's."""
        return super().ask_each(calls) if self.is_shared else scripts.run_each(calls)


trips = Trips()


def share() -> None:
    """From now on the threads of this process share round trips: for one that answers people."""
    trips.is_shared = True
