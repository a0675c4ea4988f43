"""Request slots: never more than the limit, given back, and taken from the dead."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
from errors import ProviderBusy
from state.store import connection, keys
from state.tracking import request_slots
from tests.state import NOON


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def test_no_more_than_the_limit_are_taken() -> None:
    assert [request_slots.take("x", f"job{number}", 3) for number in range(5)] == [True, True, True, False, False]
    assert request_slots.in_use("x") == 3 and request_slots.in_use("y") == 0


def test_a_slot_given_back_is_free_and_another_holders_is_not() -> None:
    request_slots.take("x", "one", 1)
    request_slots.give_back("x", "two")
    assert not request_slots.take("x", "two", 1)
    request_slots.give_back("x", "one")
    assert request_slots.take("x", "two", 1)


def test_taking_again_renews_the_lease_even_when_all_are_taken() -> None:
    assert request_slots.take("x", "one", 1)
    clock.advance(timedelta(seconds=request_slots.LEASE_S - 1))
    assert request_slots.take("x", "one", 1) and request_slots.in_use("x") == 1
    clock.advance(timedelta(seconds=request_slots.LEASE_S - 1))
    assert not request_slots.take("x", "two", 1)


def test_the_slot_of_a_dead_holder_is_free_when_its_lease_ends() -> None:
    request_slots.take("x", "dead", 1)
    clock.advance(timedelta(seconds=request_slots.LEASE_S) - timedelta(milliseconds=1))
    assert not request_slots.take("x", "next", 1)
    clock.advance(timedelta(milliseconds=1))
    assert request_slots.take("x", "next", 1) and request_slots.in_use("x") == 1


def test_slots_have_a_lifetime(store: Any) -> None:
    request_slots.take("x", "one", 1)
    assert 0 < store.ttl(keys.slots("x")) <= 600


def test_the_block_waits_for_a_slot_and_gives_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    request_slots.take("x", "other", 1)
    waits = []

    def other_ends(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            request_slots.give_back("x", "other")

    monkeypatch.setattr(clock, "wait", other_ends)
    with pytest.raises(ZeroDivisionError), request_slots.slot("x", "mine", limit=1, wait_s=60):
        assert connection.client().zscore(keys.slots("x"), "mine")
        raise ZeroDivisionError
    assert len(waits) == 3 and request_slots.in_use("x") == 0


def test_the_block_gives_up_with_the_name_of_the_setting() -> None:
    request_slots.take("x", "other", 1)
    with pytest.raises(ProviderBusy, match="SERP_CONCURRENCY"), request_slots.slot("x", "mine", limit=1, wait_s=0):
        raise AssertionError("there was no slot")
    assert request_slots.in_use("x") == 1
