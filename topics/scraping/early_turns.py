"""A turn at a host that is asked for before it is known which page it is for: together with the step that gives the page.

So a page costs one round trip. It is for hosts without a delay, where a turn that is given back costs nobody anything.
"""

from collections.abc import Sequence
from typing import Any, Self

import clock
from state.engine import leases
from state.scraping import gates, passed_turns
from state.store import scripts


class Early:
    """One such turn. As a context, it is given back at the end unless it was taken. `before`: the turn that it follows."""

    def __init__(self, ask: gates.Ask, before: passed_turns.Ended | None = None) -> None:
        self.ask, self._token, self._asked_at = ask, leases.token(), clock.monotonic()
        self._before = before
        self._answer: gates.Granted | gates.Wait | None = None

    def call(self) -> scripts.Call:
        """The question, which ends the turn before."""
        return self._before.pass_call(self._token) if self._before else gates.enter_call(self.ask, self._token)

    def answered(self, reply: Sequence[Any]) -> None:
        """Its answer."""
        self._answer = gates.entered(self.ask, self._token, reply, self._asked_at)

    def take(self, ask: gates.Ask) -> gates.Granted | gates.Wait | None:
        """The answer, once; None where something else was asked for, or it was given back."""
        if ask != self.ask:
            return None
        answer, self._answer = self._answer, None
        return answer

    def give_back(self) -> None:
        """Nothing is sent in this turn: one round trip where it was granted, and not taken."""
        answer, self._answer = self._answer, None
        if isinstance(answer, gates.Granted):
            gates.leave(answer, gates.Left())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()
