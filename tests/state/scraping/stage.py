"""What the tests of turns share: one line for an ask, a visit, a step of the clock."""

from datetime import timedelta
from typing import Any

import clock
from state.scraping import gates
from state.scraping.gates import Ask, Granted, Left, Wait

HOST = "shop.example"


def ask(holder: str = "direct-1", delay_s: float = 1.0, **others: Any) -> Ask:
    return Ask(others.pop("host", HOST), holder, delay_s, **others)


def enter(holder: str = "direct-1", delay_s: float = 1.0, **others: Any) -> Granted | Wait:
    return gates.enter(ask(holder, delay_s, **others))


def granted(holder: str = "direct-1", delay_s: float = 1.0, **others: Any) -> Granted:
    turn = enter(holder, delay_s, **others)
    assert isinstance(turn, Granted), turn
    return turn


def waits(holder: str = "direct-1", delay_s: float = 1.0, **others: Any) -> Wait:
    turn = enter(holder, delay_s, **others)
    assert isinstance(turn, Wait), turn
    return turn


def leave(turn: Granted, outcome: gates.Outcome | None = "ok", sent_ago_s: float | None = 0.0, **others: Any) -> bool:
    return gates.leave(turn, Left(outcome, sent_ago_s, **others))


def visit(outcome: gates.Outcome | None = "ok", holder: str = "direct-1", **others: Any) -> None:
    """A page without delay, fetched in no time."""
    leave(granted(holder, 0.0, **others), outcome)


def step(seconds: float) -> None:
    clock.advance(timedelta(seconds=seconds))
