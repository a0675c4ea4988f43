"""Ledgers and the frontier: what is sent twice counts once, a late lane changes nothing, lanes sleep and wake, pages recover."""

from datetime import timedelta
from typing import Any

import pytest

import clock
from state.scraping import frontier, ledgers, pages
from state.scraping import keys as own_keys
from state.scraping.frontier import End, Lane, Page, Told, Wait
from state.store import connection, constants, keys, scripts
from tests.state import NOON

WORK = ledgers.Work("jobs.scrape.crawl_pages", 900)
ID = "abc"


def offers(*names: str, host: str = "a.example", reason: str = "", pattern: str = "") -> list[ledgers.Offer]:
    return [ledgers.Offer(name.encode(), host, pattern, reason, f"https://{host}/{name}") for name in names]


def opened(*names: str, lanes: int = 2, max_pages: int = 100, **fields: Any) -> None:
    """A ledger with these pages, whose lanes have jobs."""
    facts = {"kind": "crawl", "url": "https://a.example/", "config": "{}", "queue": "default", "lanes": lanes}
    assert ledgers.open_new(ID, facts | {"max_pages": max_pages, "deadline_s": 1000} | fields)
    ledgers.add(ID, offers(*names))
    ledgers.run(ID, WORK)


def sent(call: scripts.Call) -> Page | Wait | End:
    return frontier.answer_of(call, scripts.run_together([call])[0])


def step(lane: int, told: Told = frontier.NOTHING, held: str = "", round_: int = 1, **options: Any) -> Page | Wait | End:
    return sent(frontier.step_call(Lane(ID, lane, round_), WORK, told, held, frontier.Asked(**options)))


def page(lane: int = 1, **given: Any) -> Page:
    found = step(lane, **given)
    assert isinstance(found, Page), found
    return found


def ledger() -> ledgers.Ledger:
    found = ledgers.read(ID)
    assert found is not None
    parts = found.done + sum(found.skipped.values()) + sum(found.failed.values()) + found.pending
    assert found.found == parts, found
    return found


def queued() -> list[str]:
    return [job.decode() for job in connection.client().lrange(keys.queue("default"), 0, -1)]


def test_a_page_that_is_added_twice_counts_once() -> None:
    opened("a", "b")
    assert ledgers.add(ID, offers("a", "b", "c")) == 3
    assert (ledger().found, ledger().pending) == (3, 3)


def test_a_step_that_is_sent_twice_gives_the_same_page_and_counts_once() -> None:
    opened("a", "b", "c")
    first = page()
    call = frontier.step_call(Lane(ID, 1, 1), WORK, Told("done", b"{}"), first.token)
    once, twice = sent(call), sent(call)
    assert isinstance(once, Page) and isinstance(twice, Page) and once.url.endswith("/b")
    assert (once.n, once.token) == (twice.n, twice.token)
    assert (ledger().done, ledger().in_flight, ledger().pending) == (1, 1, 2)


def test_a_last_step_that_is_sent_twice_says_twice_that_the_ledger_is_over() -> None:
    opened("a")
    call = frontier.step_call(Lane(ID, 1, 1), WORK, Told("done", b"{}"), page().token)
    assert (sent(call), sent(call)) == (End("over"), End("over")), "else nobody packs the last records"


def test_a_lane_that_was_taken_over_changes_nothing_any_more() -> None:
    opened("a", "b")
    late = page()
    again = page()  # the job of the lane runs again, as after a crash
    assert again.url == late.url
    assert step(1, Told("done", b"late"), late.token) == End("lost")
    assert ledger().done == 0
    step(1, Told("done", b"{}"), again.token)
    assert ledger().done == 1


def test_a_job_of_an_earlier_round_is_refused() -> None:
    opened("a", "b", "c")
    first = page()
    assert step(1, Told("done", b"{}"), first.token, goes_on=False) == End("handed")
    assert queued()[-1] == f"{ID}-1-2"
    assert step(1) == End("lost")
    assert isinstance(step(1, round_=2), Page)


def test_a_lane_that_is_handed_over_holds_no_page() -> None:
    opened("a", "b", "c", lanes=1)
    first = page()
    assert step(1, Told("done", b"{}"), first.token, goes_on=False) == End("handed")
    assert ledger().in_flight == 0
    second = page(round_=2)
    assert step(1, Told("retry", delay_ms=60_000), second.token, round_=2, goes_on=False) == End("handed")
    assert ledger().in_flight == 0
    third = page(round_=3)
    assert third.url.endswith("/c")  # the one that is tried again waits for its time
    assert ledger().in_flight == 1


def test_a_page_is_taken_again_after_a_crash_but_not_for_ever() -> None:
    opened("a")
    for _ in range(3):
        assert page().url.endswith("/a")
    assert isinstance(step(1), End)
    assert (ledger().failed, ledger().state) == ({"system": 1}, "over")


def test_a_lane_without_work_sleeps_and_is_woken_by_new_links() -> None:
    opened("a", lanes=3)
    assert queued() == [f"{ID}-1-1"]
    first = page()
    step(1, Told("done", b"{}", offers=offers("b", "c", "d")), first.token)
    assert sorted(queued()) == sorted([f"{ID}-1-1", f"{ID}-2-1", f"{ID}-3-1"])
    assert {page(lane).url[-1] for lane in (2, 3)} == {"c", "d"}


def test_a_ledger_is_over_when_the_last_page_is() -> None:
    opened("a", "b")
    one, other = page(1), page(2)
    assert step(1, Told("done", b"{}"), one.token) == End("asleep")
    assert ledger().state == "running"
    assert step(2, Told("failed:data", b"{}"), other.token) == End("over")
    assert (ledger().state, ledger().done, ledger().failed) == ("over", 1, {"data": 1})
    assert not connection.client().zcard(own_keys.LEDGERS)


def test_a_page_is_tried_again_after_its_delay() -> None:
    opened("a", lanes=1)
    first = page()
    waits = step(1, Told("retry", delay_ms=60_000), first.token)
    assert isinstance(waits, Wait) and (ledger().pending, ledger().in_flight) == (1, 0)
    connection.client().zadd(own_keys.ledger(ID, "later"), {"1": 0})
    assert page().attempts == 1


def test_a_host_that_waits_leaves_its_turn_to_another() -> None:
    opened("a", "b", lanes=1)
    ledgers.add(ID, offers("x", host="b.example"))
    first = page()
    other = page(held=first.token, told=Told("wait", delay_ms=60_000))
    assert other.url == "https://b.example/x"
    waits = step(1, Told("done", b"{}"), other.token)
    assert isinstance(waits, Wait) and ledger().pending == 2


def test_a_stopped_ledger_gives_no_page_and_goes_on_where_it_was() -> None:
    opened("a", "b")
    held = page()
    assert ledgers.stop(ID, "by hand") == "running"
    assert step(1, Told("done", b"{}"), held.token) == End("over")
    assert (ledger().state, ledger().pending) == ("stopped", 1)
    assert ledgers.run(ID, WORK) >= 1
    lane = int(queued()[-1].split("-")[1])
    round_ = int(queued()[-1].split("-")[2])
    assert page(lane, round_=round_).url.endswith("/b")
    assert ledgers.run(ID, WORK) == -2 and ledgers.run("none", WORK) == -1 and ledgers.stop("none", "") is None


def test_a_pattern_whose_pages_are_never_new_is_a_trap() -> None:
    opened("start", lanes=1)
    ledgers.add(ID, offers(*(f"f{number}" for number in range(40)), pattern="?facet"))
    held = page()
    while isinstance(held, Page):
        word = "done" if held.url.endswith("start") else "skipped:canonical"
        answer = step(1, Told(word, b"{}"), held.token)
        held = answer  # type: ignore[assignment]
    assert ledger().skipped == {"canonical": 20, "trap": 20}


@pytest.mark.parametrize("name", ["abc", "abc-1", "abc-x-1", "ab:c-1-1", ""])
def test_what_names_no_lane_is_refused(name: str) -> None:
    from errors import ArgumentError

    with pytest.raises(ArgumentError):
        frontier.lane_of(name)


def test_records_are_packed_by_one_caller_at_a_time_and_only_once() -> None:
    opened("a", "b")
    one, other = page(1), page(2)
    step(1, Told("done", b"one"), one.token)
    step(2, Told("done", b"two"), other.token)
    packing = pages.take_records(ID)
    assert [record for _, record in packing.records] == [b"one", b"two"]
    assert pages.take_records(ID).records == []
    assert not pages.put_segment(ID, pages.Packing("other", packing.records), "records/x")
    assert pages.put_segment(ID, packing, "records/x") and pages.put_segment(ID, packing, "records/x")
    assert pages.records(ID) == [] and pages.segments(ID) == ["records/x"]


def test_a_page_that_was_told_before_its_lane_is_handed_over_is_not_told_again() -> None:
    opened("a", "b", "c", lanes=1)
    first = page()
    assert step(1, Told("done", b"{}"), first.token, goes_on=False) == End("handed")
    second = page(round_=2)
    assert (ledger().done, ledger().in_flight, ledger().pending) == (1, 1, 2)
    assert step(1, Told("retry", delay_ms=3_600_000), second.token, round_=2, goes_on=False) == End("handed")
    third = page(round_=3)
    assert third.url != second.url and (ledger().in_flight, ledger().pending) == (1, 2)
    waits = step(1, Told("done", b"{}"), third.token, round_=3)
    assert isinstance(waits, Wait) and (ledger().in_flight, ledger().pending) == (0, 1)  # the one that is tried again in an hour


def test_several_lanes_wait_each_for_another_host_that_is_ready_soon() -> None:
    opened("a", "b", lanes=4)
    ledgers.add(ID, [*offers("x", "y", host="b.example"), *offers("p", "q", host="c.example")])
    first = [page(lane, gap_ms=300) for lane in (1, 2, 3)]
    assert {one.url.split("/")[2] for one in first} == {"a.example", "b.example", "c.example"}
    waits = [step(lane, Told("done", b"{}"), one.token, gap_ms=300) for lane, one in enumerate(first, 1)]
    assert all(isinstance(one, Wait) and 0 <= one.in_s <= 0.3 for one in waits)
    assert not isinstance(step(4, gap_ms=300), Wait)  # no fourth host is ready soon


def test_for_hosts_that_are_ready_late_one_lane_waits_and_the_others_sleep() -> None:
    opened("a", "b", lanes=3)
    ledgers.add(ID, offers("x", "y", host="b.example"))
    first = [page(lane, gap_ms=60_000) for lane in (1, 2)]
    answers = [step(lane, Told("done", b"{}"), one.token, gap_ms=60_000) for lane, one in enumerate(first, 1)]
    assert isinstance(answers[0], Wait) and answers[0].in_s > 50 and answers[1] == End("asleep")


def test_pages_that_waited_for_their_host_are_not_counted_as_requests() -> None:
    """Else a crawl of one page whose host is busy would be cut for its many requests."""
    opened("a", max_pages=1, lanes=1)
    held = page()
    for _ in range(120):
        answer = step(1, Told("wait", delay_ms=0), held.token)
        held = answer if isinstance(answer, Page) else page()
    found = ledger()
    assert (found.state, found.pending, found.in_flight) == ("running", 1, 1)


def test_a_lane_that_watches_takes_what_is_left_so_no_other_is_woken() -> None:
    opened("a", "b", "c", lanes=6)  # three begin, and each of the first two pages wakes another
    ledgers.add(ID, offers("x", host="b.example"))
    first, _ = page(1, gap_ms=300), page(2, gap_ms=300)
    assert isinstance(step(3, gap_ms=300), Wait)
    before = queued()
    clock.advance(timedelta(seconds=1))
    assert isinstance(step(1, Told("done", b"{}"), first.token, gap_ms=300), Page)
    assert queued() == before


def test_at_a_single_host_lanes_wait_in_the_line_of_its_gate_only() -> None:
    opened("a", "b", "c", lanes=2)
    assert {page(lane, gap_ms=60_000).url for lane in (1, 2)} == {"https://a.example/a", "https://a.example/b"}


def test_links_are_followed_from_three_pages_with_the_same_text_and_from_no_other() -> None:
    opened("a", "b", "c", "d", "e", lanes=1)
    held, took = page(), []
    for number in range(4):
        told = Told("done", b"{}", content="the same", offers=offers(f"new{number}"))
        answer = step(1, told, held.token)
        assert isinstance(answer, Page)
        held = answer
        took.append(held.took_links)
    assert took == [True, True, True, False] and ledger().found == 8


def test_a_crawl_that_only_tries_again_is_cut_at_a_number_of_requests() -> None:
    opened("a", "b", max_pages=1, lanes=1)
    held: Page | Wait | End = page()
    asked = 0
    while isinstance(held, Page) and asked < 200:
        asked += 1
        held = step(1, Told("retry", delay_ms=0), held.token)
    assert asked == 5 * 1 + 100 and held == End("over")
    assert connection.client().hget(own_keys.ledger(ID), "cut") == b"requests"


def test_one_caller_packs_records_until_it_is_given_up() -> None:
    opened("a", lanes=1)
    held = page()
    step(1, Told("done", b"{}"), held.token)
    assert len(pages.take_records(ID).records) == 1 and pages.take_records(ID).records == []
    clock.advance(timedelta(milliseconds=constants.PACKING_MS))
    assert len(pages.take_records(ID).records) == 1


def test_a_ledger_whose_lanes_all_sleep_though_pages_are_left_gets_one_lane() -> None:
    opened("a", "b", lanes=2)
    lanes = own_keys.ledger(ID, "lanes")
    connection.client().hset(lanes, mapping={"1": "1 s 0 -", "2": "1 s 0 -"})
    before = len(queued())
    assert ledgers.revive(ID, WORK) == 1 and len(queued()) == before + 1


def test_a_lane_that_begins_is_a_job_that_came() -> None:
    with clock.frozen(NOON):
        opened("a", "b", "c", lanes=2)
    [name] = [raw.decode() for raw in connection.client().scan_iter(f"{keys.FLOW}*")]
    [(what, number)] = connection.client().hgetall(name).items()
    assert what.endswith(b"|in|default") and int(number) == connection.client().llen(keys.queue("default")) == 2
