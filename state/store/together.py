"""One round trip for what many threads send at the same time: who comes first sends for all that wait.

While a round trip is under way, others gather. One of them then sends for all of these. A thread that is alone sends at once.
Each returns only when its own call was answered.
"""

import threading
from typing import Any

from state.store import scripts


class _Turn:
    """One call that waits to be sent, then its reply or its error."""

    def __init__(self, call: scripts.Call) -> None:
        self.call, self.woken = call, threading.Event()
        self.is_answered = False
        self.reply: Any = None
        self.error: BaseException | None = None


class Together:
    """The calls of one kind of this process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: list[_Turn] = []
        self._is_sending = False

    def ask(self, call: scripts.Call) -> Any:
        """The reply to a call. Raises what its script raised, and what Redis raised for all that were sent with it."""
        turn = _Turn(call)
        with self._guard:
            self._waiting.append(turn)
            is_alone, self._is_sending = not self._is_sending, True
        if not is_alone:
            turn.woken.wait()
        if not turn.is_answered:
            self._send()
        if turn.error is not None:
            raise turn.error
        return turn.reply

    def _send(self) -> None:
        with self._guard:
            turns, self._waiting = self._waiting, []
        try:
            for turn, reply in zip(turns, scripts.run_each([turn.call for turn in turns]), strict=True):
                turn.reply, turn.error = reply, reply if isinstance(reply, BaseException) else None
        except BaseException as exc:
            for turn in turns:
                turn.error = exc
        finally:
            self._pass_on(turns)

    def _pass_on(self, turns: list[_Turn]) -> None:
        """Wake those who were answered, and one of those who gathered meanwhile: it sends next."""
        with self._guard:
            following = self._waiting[:1]
            self._is_sending = bool(following)
        for turn in turns:
            turn.is_answered = True
        for turn in (*turns, *following):
            turn.woken.set()
