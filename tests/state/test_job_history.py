"""The history of jobs that ended: found by any of what is known, page by page, before and after it is packed."""

import functools
import json
from datetime import timedelta
from typing import Any

import pytest

import clock
import config
from state.engine import history, segments
from state.engine.segments import Query
from state.store import connection, constants, keys
from tests.state import NOON, contents
from topics.operations import maintenance


def tell(count: int, start: int = 0, at_ms: int | None = None, per_entry: int = 7) -> None:
    """Jobs that ended, as the settle script tells them: every tenth failed, every hundredth was cancelled."""
    rows: list[str] = []
    for number in range(start, start + count):
        outcome = "canceled||" if number % 100 == 99 else "failed|network|" if number % 10 == 9 else "finished||"
        labels = f"\t\thost{number % 13}.com\t{'odd' if number % 2 else ''}\tp{number % 3}"
        rows.append(f"kind{number % 2}|{outcome}4\t{number}\tjob-{number}{labels}\n")
        if len(rows) == per_entry or number == start + count - 1:
            at = at_ms or int(connection.now().timestamp() * 1000)
            connection.client().xadd(keys.EVENTS, {"t": at, "r": "".join(rows)})
            rows = []


def all_pages(query: Query, limit: int) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = history.page(query, limit, cursor)
        assert len(page.jobs) <= limit
        found += [one.job_id for one in page.jobs]
        cursor = page.cursor
        if not cursor:
            return found


QUERIES = {
    "all": (Query(), lambda number: True),
    "failed": (Query(outcomes=frozenset({"failed"})), lambda number: number % 10 == 9 and number % 100 != 99),
    "category": (Query(category="network"), lambda number: number % 10 == 9 and number % 100 != 99),
    "kind": (Query(kind="kind1"), lambda number: number % 2 == 1),
    "host": (Query(host="host5.com"), lambda number: number % 13 == 5),
    "host and kind": (Query(host="host5.com", kind="kind0"), lambda number: number % 13 == 5 and number % 2 == 0),
    "tag": (Query(tag="odd"), lambda number: number % 2 == 1),
    "project": (Query(project="p2"), lambda number: number % 3 == 2),
    "slow": (Query(least_ms=290), lambda number: number >= 290),
    "quick": (Query(most_ms=5), lambda number: number <= 5),
    "one job": (Query(job_id="job-77"), lambda number: number == 77),
    "no host": (Query(host="host"), lambda number: False),
    "attempts": (Query(least_attempts=2), lambda number: False),
}


@pytest.mark.parametrize("packed", ["none", "half", "all"])
@pytest.mark.parametrize("name", QUERIES)
def test_every_job_is_found_once_newest_first(store: Any, monkeypatch: pytest.MonkeyPatch, name: str, packed: str) -> None:
    monkeypatch.setattr(history, "SEGMENT", 40)
    tell(150)
    if packed != "none":
        assert history.pack(-60) > 0
    tell(150, 150)
    if packed == "all":
        history.pack(-60)
    query, is_sought = QUERIES[name]

    for limit in (1000, 17, 1):
        assert all_pages(query, limit) == [f"job-{number}" for number in range(299, -1, -1) if is_sought(number)]


def test_packing_between_two_pages_loses_and_doubles_none(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 30)
    tell(200)
    found, cursor = [], ""
    while True:
        page = history.page(Query(), 23, cursor)
        found += [one.job_id for one in page.jobs]
        cursor = page.cursor
        if not cursor:
            break
        history.pack(-60)
        tell(5, 1000 + len(found))
    assert found == [f"job-{number}" for number in range(199, -1, -1)]


def test_what_is_packed_twice_at_a_time_is_packed_once(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 30)
    tell(80)
    jobs, first, last = history._oldest("+")
    assert history._move(jobs, first, last) and not history._move(jobs, first, last)
    assert store.xlen(keys.HISTORY) == 1
    assert sorted(all_pages(Query(), 100)) == sorted(f"job-{number}" for number in range(80))


def test_events_of_the_last_minute_and_few_jobs_stay_in_the_stream(store: Any) -> None:
    tell(history.SEGMENT)
    assert history.pack() == 0  # whoever follows may lag
    assert history.pack(-60) == history.SEGMENT
    tell(20, 9000)
    assert history.pack(-60) == 0 and len(all_pages(Query(), 1000)) == history.SEGMENT + 20


def test_changes_that_are_no_end_are_forgotten_when_they_are_packed(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 2)
    for outcome in ("parked", "finished", "retry", "finished"):
        store.xadd(keys.EVENTS, {"t": 1, "r": f"k|{outcome}||0\t0\t{outcome}\n"})
    assert history.pack(-60) == 2 and store.xlen(keys.EVENTS) == 0
    assert all_pages(Query(), 10) == ["finished", "finished"]


def test_old_jobs_and_those_above_the_most_are_forgotten_the_oldest_first(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 10)
    tell(100, per_entry=10)
    assert history.pack(-60) == 100
    assert history.trim(days=30, most=45) == 50  # in whole segments
    assert len(all_pages(Query(), 1000)) == 50 and len(store.keys(f"{keys.HISTORY}:*")) == 5
    assert history.trim(days=0, most=10**6) == 50
    assert all_pages(Query(), 10) == [] and store.keys(f"{keys.HISTORY}:*") == [] and store.xlen(keys.HISTORY) == 0


def test_a_time_window_is_by_when_jobs_ended(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 10)
    with clock.frozen(NOON):
        for hour in range(5):
            tell(10, hour * 10, per_entry=10)
            history.pack(-(10**9))
            clock.advance(timedelta(hours=1))
        at = int(NOON.timestamp() * 1000)
        found = all_pages(Query(since_ms=at + 3600_000, until_ms=at + 3 * 3600_000), 7)
    assert found == [f"job-{number}" for number in range(29, 9, -1)]


def test_the_work_for_one_page_is_bounded_and_the_next_ones_find_it(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 10)
    monkeypatch.setattr(history, "MOST_ROWS", 20)
    monkeypatch.setattr(history, "MOST_SEGMENTS", 2)
    tell(200, per_entry=10)
    history.pack(-60)
    tell(100, 200, per_entry=10)
    query, read = Query(least_ms=1, most_ms=1, kind="kind1"), []
    real = segments.decode
    monkeypatch.setattr(segments, "decode", lambda data, query: read.append(1) or real(data, query))
    found, cursor = [], ""
    while not found:
        read.clear()
        page = history.page(query, 5, cursor)
        found, cursor = page.jobs, page.cursor
        assert len(read) <= 2 and (found or cursor)
    assert [one.job_id for one in found] == ["job-1"]
    assert all_pages(Query(job_id="job-3"), 5) == ["job-3"] and all_pages(Query(), 50) == [f"job-{n}" for n in range(299, -1, -1)]


def test_a_segment_that_is_gone_is_left_out(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 10)
    tell(30, per_entry=10)
    history.pack(-60)
    store.delete(sorted(store.keys(f"{keys.HISTORY}:*"))[1])
    assert len(all_pages(Query(), 100)) == 20


@pytest.mark.parametrize("broken", ["data", "type", "summary", "field", "json"])
def test_what_somebody_broke_hides_no_other_job(store: Any, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    monkeypatch.setattr(history, "SEGMENT", 10)
    tell(30, per_entry=10)
    history.pack(-60)
    segment = sorted(store.keys(f"{keys.HISTORY}:*"))[2]
    if broken == "data":
        store.set(segment, b"\x00broken", keepttl=True)
    elif broken == "type":
        store.delete(segment)
        store.hset(segment, "a", 1)
        store.expire(segment, 60)
    else:
        [(entry, _)] = store.xrevrange(keys.HISTORY, count=1)
        store.xdel(keys.HISTORY, entry)
        fields = {"summary": {"k": "x", "s": "{}", "b": b"\0"}, "field": {"x": 1}, "json": {"k": "x", "s": "[1", "b": b""}}[
            broken
        ]
        store.xadd(keys.HISTORY, fields)
    assert all_pages(Query(), 100) == [f"job-{number}" for number in range(19, -1, -1)]
    assert all_pages(Query(host="host3.com"), 100) == ["job-16", "job-3"]
    assert history.trim(0, 10**6) >= 20 and all_pages(Query(), 10) == []


def test_a_segment_lives_as_long_as_the_setting_says(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 10)
    tell(10)
    with config.overridden(history_days=2.0):
        history.pack(-60)
    [segment] = store.keys(f"{keys.HISTORY}:*")
    assert 0 < store.ttl(segment) <= 2 * 86400


def test_a_server_whose_clock_went_back_still_packs(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 1)
    store.xadd(keys.HISTORY, {"k": "x", "s": json.dumps({**EMPTY, "first": [1, 0, 0]}), "b": b"\0"}, id="9999999999999-0")
    tell(3, per_entry=3)
    assert history.pack(-60) == 3 and len(all_pages(Query(), 10)) == 3


EMPTY = {"n": 0, "from": 0, "to": 0, "heads": [], "most_ms": 0, "most_attempts": 0}


def test_the_filter_never_hides_what_is_there_and_seldom_shows_what_is_not(store: Any) -> None:
    items = {f"host\thost{number}.com" for number in range(1000)}
    bloom = segments._bloom(items)
    assert all(segments._is_in(bloom, Query(host=f"host{number}.com")) for number in range(1000))
    wrong = sum(segments._is_in(bloom, Query(host=f"other{number}.com")) for number in range(10_000))
    assert len(bloom) == 2500 and wrong < 30


def test_reading_changes_nothing(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 10)
    tell(25)
    history.pack(-60)
    before = contents(store)
    for query, _ in QUERIES.values():
        all_pages(query, 10)
    history.find("job-3")
    assert contents(store) == before


def test_without_a_scheduler_workers_pack_what_grew_long_and_one_at_a_time(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 40)
    monkeypatch.setattr(history, "LONG", 30)
    tell(200)
    assert maintenance.pack_long_history() == 0, "it is short yet"
    tell(200, 200)
    taken = [history.is_long(), history.is_long()]
    assert taken == [True, False], "the second leaves it to the first"
    store.delete(keys.PACKING)
    monkeypatch.setattr(history, "pack", functools.partial(history.pack, -60))
    assert maintenance.pack_long_history() >= 360 and store.xlen(keys.EVENTS) < 30
    assert len(all_pages(Query(), 100)) == 400


def test_a_stream_that_is_about_to_drop_jobs_is_told_of(
    store: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(constants, "MOST_EVENTS", "10")
    tell(200)
    maintenance.pack_long_history()
    assert "will not be in it" in caplog.text


def test_a_broken_stream_stops_no_worker(store: Any) -> None:
    store.set(keys.EVENTS, "broken", ex=60)
    assert maintenance.pack_long_history() == 0


def test_jobs_are_found_though_the_clock_of_the_server_was_set_back_after_them() -> None:
    """Entries stand in their order, their times nearly: an older time does not mean that all before it are older."""
    noon_ms = int(NOON.timestamp() * 1000)
    tell(1, start=0, at_ms=noon_ms)
    tell(1, start=1, at_ms=noon_ms - 300_000)
    assert all_pages(Query(since_ms=noon_ms - 60_000), 10) == ["job-0"]


def test_a_failed_job_is_found_by_its_id_and_its_host_after_it_is_packed() -> None:
    tell(history.SEGMENT)
    assert history.pack(keep_s=-1) == history.SEGMENT
    failed = frozenset({"failed"})
    assert all_pages(Query(outcomes=failed, job_id="job-9"), 10) == ["job-9"]
    assert all_pages(Query(outcomes=failed, host="host9.com"), 500)[-1] == "job-9"
    assert all_pages(Query(outcomes=failed, job_id="job-8"), 10) == []


def test_a_segment_that_holds_nothing_of_what_is_sought_is_not_unpacked() -> None:
    tell(20, at_ms=1_000_000)
    jobs = history.page(Query(), 50).jobs[::-1]
    raw, bloom, _ = segments.encode(jobs)
    summary = json.loads(raw)
    assert segments.may_hold(summary, bloom, Query(since_ms=1_000_000, until_ms=1_000_001, least_ms=19, least_attempts=1))
    nothing = [
        Query(until_ms=1_000_000),
        Query(since_ms=1_000_001),
        Query(least_ms=20),
        Query(least_attempts=2),
        Query(kind="other"),
    ]
    assert not any(segments.may_hold(summary, bloom, query) for query in nothing)


def test_changes_that_are_no_end_of_a_job_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those alone no segment is ever made: they leave the stream all the same."""
    monkeypatch.setattr(history, "SEGMENT", 5)
    client = connection.client()
    for number in range(60):
        client.xadd(keys.EVENTS, {"t": 1_000_000, "r": f"kind|rescued||0\t0\tjob-{number}\n"})
    assert history.pack(keep_s=-1) == 0 and client.xlen(keys.EVENTS) < 60
