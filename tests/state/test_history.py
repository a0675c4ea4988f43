"""Rank history: 6 bytes a day that read back as what was put in, in the order of days, known before unknown."""

from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

import models
from state.store import connection, keys
from state.tracking import history, keywords, outcomes
from tests.state import DAY, NOON, ranked, tracked

TODAY = NOON.date()

days = st.dates(date(2020, 1, 1), date(2199, 1, 1))
counts = st.integers(0, 255)
marks = {"sandbox": st.booleans(), "approximate": st.booleans(), "cited": st.booleans()}
known = st.builds(models.Rank, days, st.just(models.RankState.RANKED), counts, rank=st.integers(1, 255), **marks)
absent = st.builds(models.Rank, days, st.just(models.RankState.NOT_FOUND), counts, **marks)
unknown = st.builds(
    models.Rank, days, st.just(models.RankState.UNKNOWN), counts, reason=st.sampled_from(history.REASONS), sandbox=st.booleans()
)


def record(word: str, *ranks: models.Rank) -> list[models.Rank]:
    """Store ranks in this order; the history afterwards."""
    for rank in ranks:
        outcomes.finish(keywords.get(word), None, DAY, outcomes.CheckOutcome("reparsed", rank))
    return history.of(word)


def unknown_on(day: date, reason: str = "captcha") -> models.Rank:
    return models.Rank(day, models.RankState.UNKNOWN, reason=reason)


@given(st.lists(known | absent | unknown, max_size=20))
def test_what_is_packed_reads_back(ranks: list[models.Rank]) -> None:
    packed = b"".join(history.pack(rank) for rank in ranks)
    assert len(packed) == 6 * len(ranks)
    assert history.unpack(packed) == ranks


@given(known)
def test_url_and_title_read_back_through_the_pages(rank: models.Rank) -> None:
    page = history.page_of(
        models.Rank(rank.day, rank.state, rank=rank.rank, url="https://example.com/ä?a=\u2028", title="Ein\u00a0Titel")
    )
    [read] = history.unpack(history.pack(rank)[:5] + bytes([1]), [b"x\ty", page.encode()])
    assert (read.url, read.title) == ("https://example.com/ä?a=\u2028", "Ein\u00a0Titel")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(known | absent | unknown, min_size=1, max_size=12, unique_by=lambda rank: rank.day))
def test_days_recorded_in_any_order_are_kept_oldest_first(ranks: list[models.Rank]) -> None:
    connection.client().flushall()
    [word] = tracked()
    assert record(word, *ranks) == sorted(ranks, key=lambda rank: rank.day)
    assert connection.client().strlen(keys.ranks(word)) == 6 * len(ranks)


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2020, 9, 12), date(2020, 9, 13), date(2026, 4, 21), date(2026, 4, 22)])
def test_neighbouring_days_keep_their_order_over_every_byte_border(day: date) -> None:
    [word] = tracked()
    later = day + timedelta(days=1)
    assert [rank.day for rank in record(word, ranked(day=later), ranked(day=day), ranked(day=later))] == [day, later]


def test_a_known_rank_stands_against_a_later_unknown_of_the_same_day() -> None:
    [word] = tracked()
    assert record(word, ranked(4), unknown_on(TODAY)) == [ranked(4)]
    absent_today = models.Rank(TODAY, models.RankState.NOT_FOUND, 10)
    assert record(word, absent_today, unknown_on(TODAY)) == [absent_today]


def test_a_known_rank_replaces_the_unknown_of_the_same_day() -> None:
    [word] = tracked()
    assert record(word, unknown_on(TODAY), ranked(4)) == [ranked(4)]


def test_the_later_of_two_known_ranks_of_a_day_stands() -> None:
    [word] = tracked()
    assert record(word, ranked(4), ranked(2)) == [ranked(2)]
    assert record(word, models.Rank(TODAY, models.RankState.NOT_FOUND, 100))[0].state is models.RankState.NOT_FOUND


def test_the_later_of_two_unknowns_of_a_day_stands() -> None:
    [word] = tracked()
    assert record(word, unknown_on(TODAY, "captcha"), unknown_on(TODAY, "network")) == [unknown_on(TODAY, "network")]


def test_a_day_in_the_middle_can_be_replaced() -> None:
    [word] = tracked()
    week = [TODAY + timedelta(days=number) for number in range(7)]
    record(word, *(ranked(5, day=day) for day in week))
    after = record(word, ranked(1, day=week[3]), unknown_on(week[4]))
    assert [rank.rank for rank in after] == [5, 5, 5, 1, 5, 5, 5] and [rank.day for rank in after] == week


def test_the_same_page_is_kept_once_and_a_year_takes_2_2_kilobytes() -> None:
    [word] = tracked()
    record(word, *(ranked(3, day=TODAY + timedelta(days=number)) for number in range(365)))
    redis = connection.client()
    assert redis.strlen(keys.ranks(word)) == 6 * 365 and redis.llen(keys.pages(word)) == 1


def of_days(count: int, start: int = 0, **fields: object) -> list[models.Rank]:
    """Ranks of following days, each of a page of its own."""
    return [
        ranked(1 + number % 99, TODAY + timedelta(days=number), url=f"https://example.com/{number}", **fields)
        for number in range(start, start + count)
    ]


def test_a_full_list_of_pages_loses_the_oldest_page_and_never_the_newest_or_a_rank() -> None:
    [word] = tracked()
    ranks = of_days(260)
    read = record(word, *ranks)
    assert read[6:] == ranks[6:]
    assert [(rank.rank, rank.url, rank.title, rank.page_dropped) for rank in read[:6]] == [
        (rank.rank, None, None, True) for rank in ranks[:6]
    ]
    assert str(read[0]) == "ranked 1 (page no longer kept)" and connection.client().llen(keys.pages(word)) == 254


def test_a_page_that_a_newer_rank_needs_is_not_the_oldest() -> None:
    [word] = tracked()
    read = record(word, *of_days(254), ranked(1, TODAY + timedelta(days=254), url="https://example.com/0"), *of_days(1, 255))
    assert (read[0].url, read[-1].url, read[1].url) == ("https://example.com/0", "https://example.com/255", None)


def test_a_page_of_no_rank_any_more_goes_first() -> None:
    [word] = tracked()
    read = record(word, *of_days(254), ranked(1, TODAY + timedelta(days=253), url="https://example.com/other"))
    assert not any(rank.page_dropped for rank in read) and read[-1].url == "https://example.com/other"
    assert record(word, *of_days(1, 254))[0].page_dropped, "now each page has its rank"


def test_an_older_day_that_is_recorded_late_takes_no_page_of_a_newer_one() -> None:
    [word] = tracked()
    read = record(word, *of_days(254, start=1), ranked(5, TODAY, url="https://example.com/late"))
    assert read[0].url == "https://example.com/late" and read[1].page_dropped
    assert [rank.url for rank in read[2:]] == [rank.url for rank in of_days(253, start=2)]


def test_a_title_that_changes_daily_takes_no_room_and_the_newest_is_shown() -> None:
    [word] = tracked()
    read = record(word, *(ranked(3, TODAY + timedelta(days=number), url="u", title=f"T {number}") for number in range(300)))
    assert {rank.title for rank in read} == {"T 299"} and connection.client().llen(keys.pages(word)) == 1
    assert record(word, ranked(2, TODAY, url="u", title="old"))[-1].title == "T 299", "a late record changes no title"


def test_an_address_that_begins_like_another_is_another() -> None:
    [word] = tracked()
    read = record(word, ranked(1, TODAY, url="https://example.com/a"), ranked(1, TODAY + DAY, url="https://example.com/a/b"))
    assert [rank.url for rank in read] == ["https://example.com/a", "https://example.com/a/b"]


def test_a_history_that_an_older_version_filled_keeps_its_newest_pages() -> None:
    [word] = tracked()
    redis = connection.client()
    redis.rpush(keys.pages(word), *(f"https://example.com/?srsltid={number}\tT" for number in range(254)))
    old = b"".join(history.pack(rank)[:5] + bytes([min(number, 255)]) for number, rank in enumerate(of_days(255)))
    redis.set(keys.ranks(word), old[:-1] + b"\xff")
    assert history.of(word)[-1].url is None and history.of(word)[0].url == "https://example.com/?srsltid=0"
    read = record(word, *of_days(1, 300))
    assert read[-1].url == "https://example.com/300" and read[0].page_dropped and read[1].url == "https://example.com/?srsltid=1"


def test_numbers_above_a_byte_are_cut_and_unheard_of_reasons_become_unknown() -> None:
    [read] = history.unpack(history.pack(models.Rank(TODAY, models.RankState.NOT_FOUND, 1000)))
    assert read.scanned == 255
    [read] = history.unpack(history.pack(unknown_on(TODAY, "sunspots")))
    assert read.reason == "unknown"


def test_half_a_record_at_the_end_is_left_out() -> None:
    assert history.unpack(history.pack(ranked(1)) + b"\x01\x02") == [ranked(1, url=None, title=None)]


def test_histories_of_many_come_in_the_order_asked_for() -> None:
    first, second, third = tracked(3)
    record(first, ranked(1)), record(third, ranked(3))
    assert history.of_many([third, second, first]) == [[ranked(3)], [], [ranked(1)]]
    assert history.of("nosuchword") == []
