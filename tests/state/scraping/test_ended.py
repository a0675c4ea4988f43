"""Batches and crawls that ended are listed where they end, for as long as they are kept."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
from errors import ArgumentError
from state.scraping import keys, ledger_looks, ledgers
from state.scraping.ledgers import Offer, Work
from state.store import constants
from tests.state import NOON

WORK = Work("jobs.scrape.lane", 60)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def opened(name: str) -> str:
    facts: dict[str, str | int | float] = {"kind": "batch", "lanes": 1, "queue": "low", "deadline_s": 60, "max_pages": 5}
    ledgers.open_new(name, facts)
    ledgers.add(name, [Offer(b"0123456789abcdef", "example.com", "p", "", "https://example.com/")])
    return name


def names(*, ended: bool, limit: int = 10, cursor: str = "") -> tuple[list[str], str]:
    found, further = ledger_looks.page(limit, cursor, ended=ended)
    return [one.id for one in found], further


def test_one_that_was_stopped_moves_to_those_that_ended_and_back() -> None:
    opened("a"), opened("b")
    ledgers.run("a", WORK)
    assert names(ended=True) == ([], "")
    ledgers.stop("a", "by hand")
    clock.advance(timedelta(seconds=1))
    ledgers.stop("b", "by hand")

    assert names(ended=False) == ([], "") and names(ended=True) == (["b", "a"], "")
    ledgers.stop("a", "again")
    assert names(ended=True) == (["b", "a"], "")
    ledgers.run("a", WORK)
    assert names(ended=False) == (["a"], "") and names(ended=True) == (["b"], "")


def test_the_list_is_read_part_by_part() -> None:
    for number in range(5):
        ledgers.stop(opened(f"l{number}"), "x")
        clock.advance(timedelta(seconds=1))
    seen, cursor = list[str](), ""
    while True:
        found, cursor = names(ended=True, limit=2, cursor=cursor)
        seen += found
        if not cursor:
            break

    assert seen == ["l4", "l3", "l2", "l1", "l0"]
    with pytest.raises(ArgumentError):
        names(ended=True, cursor="x")


def test_what_is_not_kept_any_more_leaves_the_list(store: Any) -> None:
    ledgers.stop(opened("old"), "x")
    assert 0 < store.ttl(keys.ENDED) <= ledgers.keep_s()
    clock.advance(timedelta(seconds=ledgers.keep_s() + 60))
    ledgers.stop(opened("new"), "x")

    assert store.zrange(keys.ENDED, 0, -1) == [b"new"]
    ledgers.forget("new")
    assert not store.exists(keys.ENDED)


def test_the_list_is_bounded(store: Any) -> None:
    store.zadd(keys.ENDED, {f"x{number}": NOON.timestamp() * 1000 - number - 1 for number in range(constants.MOST_ENDED)})
    ledgers.stop(opened("new"), "x")

    assert store.zcard(keys.ENDED) == constants.MOST_ENDED and store.zscore(keys.ENDED, "new")
