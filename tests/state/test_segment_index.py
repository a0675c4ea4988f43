"""The index of the history as a process keeps it: what is new and what was forgotten is seen at once, and little is asked for."""

from typing import Any

import pytest

from state.engine import history, segment_index
from state.engine.segments import Query
from state.store import connection, keys
from tests import counting
from tests.state.test_job_history import all_pages, tell

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 10)
    monkeypatch.setattr(segment_index, "ENTRIES", 6)


def names() -> list[str]:
    return [one.name for one in segment_index.newest_first()]


def truth() -> list[str]:
    return [one.name for one in segment_index.after("+")]


def filled(count: int, start: int = 0) -> None:
    tell(count, start, per_entry=5)
    history.pack(-60)


def test_what_was_packed_since_is_known_whether_little_or_much() -> None:
    for count, start in ((30, 0), (10, 30), (400, 40), (0, 0)):
        filled(count, start)
        assert names() == truth() and len(truth()) == (start + count or 440) // 10


def test_what_was_forgotten_is_known_no_more() -> None:
    filled(200)
    assert len(names()) == 20
    history.trim(1, 50)
    assert names() == truth() and len(truth()) < 20
    assert len(all_pages(Query(), 30)) == len(truth()) * 10


def test_a_server_that_was_emptied_or_filled_anew_is_not_taken_for_the_old_one() -> None:
    filled(200)
    assert len(names()) == 20
    connection.client().flushdb()
    assert names() == []
    filled(50, 1000)
    assert names() == truth() and len(truth()) == 5
    assert history.find("job-7") is None and history.find("job-1007") is not None


def test_another_store_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    filled(50)
    assert len(names()) == 5
    monkeypatch.setattr(connection, "client", lambda: _Empty())
    assert names() == []


class _Empty:
    """A server that holds nothing."""

    def pipeline(self, transaction: bool) -> "_Empty":
        return self

    def __enter__(self) -> "_Empty":
        return self

    def __exit__(self, *_: Any) -> None: ...

    def xrevrange(self, *_: Any, **__: Any) -> list[Any]:
        return []

    xrange = xrevrange

    def execute(self, raise_on_error: bool) -> list[Any]:
        return [[], [], []]


def test_a_broken_entry_or_index_hides_the_others_from_nobody() -> None:
    filled(50)
    connection.client().xadd(keys.HISTORY, {"k": "x"})
    assert names() == truth() and len(truth()) == 5
    filled(50, 50)
    assert names() == truth() and len(truth()) == 10
    connection.client().delete(keys.HISTORY)
    connection.client().set(keys.HISTORY, "x")
    assert names() == []


def test_what_is_nowhere_costs_the_same_with_many_segments_as_with_few() -> None:
    trips = []
    for start in (0, 100, 1000):
        filled(900 if start else 100, start)
        history.page(Query(host="nobody.example"))
        with counting.asked() as count:
            assert history.page(Query(host="nobody.example")).jobs == []
        trips.append(count.trips)
    assert len(truth()) == 190 and trips[0] == trips[1] == trips[2] <= 3


def test_a_job_of_long_ago_is_found_in_two_round_trips_among_many_segments() -> None:
    filled(900)
    assert history.find("job-7") is not None
    for number in (8, 450, 899):
        with counting.asked() as count:
            found = history.find(f"job-{number}")
        assert found is not None and found.job_id == f"job-{number}" and count.trips == 2


def test_what_is_packed_while_the_events_are_read_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the segments and the second part of the events, jobs move from these into a new segment."""
    monkeypatch.setattr(history, "ENTRIES", 4)
    tell(60, per_entry=5)
    read = segment_index.entries

    def packed_first(*args: Any) -> Any:
        monkeypatch.setattr(segment_index, "entries", read)
        history.pack(-60)
        return read(*args)

    monkeypatch.setattr(segment_index, "entries", packed_first)
    found = history.page(Query(), 100)
    assert segment_index.entries is read and sorted(one.job_id for one in found.jobs) == sorted(f"job-{n}" for n in range(60))


def test_segments_that_were_read_in_vain_come_together() -> None:
    filled(390)
    assert len(names()) == 39
    with counting.asked() as count:
        assert all_pages(Query(kind="kind0", tag="odd", project="p1"), 50) == []  # each is there, all at once are nowhere
    assert count.trips <= 7
