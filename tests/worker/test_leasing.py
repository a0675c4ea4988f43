"""When a worker asks for jobs again: not for the room that a look left, as there is nothing for it."""

from types import SimpleNamespace
from typing import Any

import pytest

from state.engine import leases
from state.engine.leases import Backlog
from worker import leasing

THREAD, ON_LOOP = SimpleNamespace(on_loop=False), SimpleNamespace(on_loop=True)
JOB = leases.Leased("j", "w-1-1", "default", {})


@pytest.mark.parametrize(
    ("started", "room", "is_due"),
    [
        ([THREAD] * 3, (0, 1), False),  # all threads are taken, and for the coroutine nothing was found
        ([THREAD] * 3, (2, 1), True),  # more may be prefetched
        ([THREAD] * 2, (1, 1), False),  # for one of three threads nothing was found
        ([THREAD] * 3 + [ON_LOOP], (0, 4), True),
        ([ON_LOOP], (3, 4), True),
        ([ON_LOOP], (3, 0), False),
        ([THREAD, None], (2, 1), True),  # one was refused: its room was not used
    ],
)
def test_a_look_is_due_only_for_a_sort_of_which_as_many_as_asked_for_were_found(
    started: list[Any], room: tuple[int, int], is_due: bool
) -> None:
    made = leasing.Leasing(lambda: ("default",), in_flight=SimpleNamespace(), shares=None)  # type: ignore[arg-type]
    request = leases.LeaseRequest(1, ("default",), 3, 1, ("f",))
    made.answered(request, leases.ExchangeResult([], [JOB] * len(started), Backlog.MORE))
    made.began(request, started, *room)
    assert made.is_due == is_due


def test_a_look_that_was_not_finished_goes_on_whatever_it_found() -> None:
    made = leasing.Leasing(lambda: ("default",), in_flight=SimpleNamespace(), shares=None)  # type: ignore[arg-type]
    request = leases.LeaseRequest(1, ("default",), 3, 1, ("f",))
    made.answered(request, leases.ExchangeResult([], [JOB], Backlog.UNFINISHED))
    made.began(request, [THREAD], 2, 1)  # type: ignore[list-item]
    assert made.is_due
