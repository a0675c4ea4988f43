"""A turn that is asked for with the step: one round trip a page; given back where nothing is sent, so no place stays taken."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

import errors
from jobs import scrape
from state.scraping import gates
from state.scraping import keys as own_keys
from state.store import scripts
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Answer, Site, page
from topics.scraping import crawl, progress, robots_rules, stored
from topics.scraping.early_turns import Early

pytestmark = pytest.mark.usefixtures("polite")

ASK = gates.Ask("a.example", "direct-1", 0.0)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The names of the scripts of each round trip."""
    trips: list[list[str]] = []
    each = scripts.run_each

    def run_each(calls: Sequence[scripts.Call]) -> list[Any]:
        trips.append([name.partition("/")[2] for name, *_ in calls])
        return each(calls)

    monkeypatch.setattr(scripts, "run_each", run_each)
    yield trips


def asked(ask: gates.Ask = ASK) -> Early:
    early = Early(ask)
    early.answered(scripts.run_together([early.call()])[0])
    return early


def in_flight(store: Any) -> int:
    return sum(store.zcard(key) for key in store.keys(f"{own_keys.GATES}*:in_flight"))


def crawled(site: Site, work_off: Work, pages: int, **options: Any) -> progress.Progress:
    names = [f"/p/{number}" for number in range(pages)]
    site.pages["/"] = page("Home", *names)
    site.pages |= {name: page(name, "/") for name in names}
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK | options)
    problems = [one for one in work_off() if isinstance(one, Exception) and not isinstance(one, errors.NotNow)]
    assert not problems, problems
    return progress.of(made.job_id)


@pytest.mark.parametrize("reuse", [True, False])
def test_a_page_costs_one_round_trip_where_its_host_has_no_delay(
    site: Site, work_off: Work, store: Any, sent: Any, reuse: bool
) -> None:
    seen = crawled(site, work_off, 30, concurrency=1, reuse=reuse)
    assert seen.counts["done"] == 31
    steps = [trip for trip in sent if "step" in trip]
    assert len([trip for trip in steps if trip == ["step", "pass_on"]]) >= 25
    assert len([trip for trip in sent if trip == ["enter"]]) <= 6  # of robots.txt, and of the first page of each job
    assert len(steps) + len([trip for trip in sent if "enter" in trip and "step" not in trip]) <= 1.2 * 31
    assert in_flight(store) == 0


def test_a_page_that_is_kept_is_asked_for_with_its_validators_in_one_round_trip(site: Site, work_off: Work, sent: Any) -> None:
    def answer(headers: Mapping[str, str]) -> Answer:
        if headers.get("If-None-Match") == '"v1"':
            return Answer(status=304, headers={"ETag": '"v1"'})
        return Answer(page("Kept", "/p/0"), headers={"ETag": '"v1"'})

    assert crawled(site, work_off, 20, concurrency=1).counts["done"] == 21
    site.pages |= {f"/p/{number}": answer for number in range(20)}
    for is_unchanged in (False, True):
        sent.clear()
        made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK | {"concurrency": 1})
        work_off()
        found = [one for one in stored.records(made.job_id) if "/p/" in one["url"] and one["outcome"] == "done"]
        assert found and {one["unchanged"] for one in found} == {is_unchanged}
        trips = [trip for trip in sent if {"step", "enter", "recall"} & set(trip)]
        assert len(trips) <= 1.2 * 21 + 2


def test_with_a_delay_no_turn_is_taken_before_its_page_is_known(site: Site, work_off: Work, sent: Any) -> None:
    assert crawled(site, work_off, 3, reuse=False, delay_between_requests=0.01).counts["done"] == 4
    assert not [trip for trip in sent if "step" in trip and "enter" in trip]


def test_a_turn_is_given_back_where_robots_forbids_the_page(site: Site, work_off: Work, store: Any) -> None:
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /p/1\n", kind="text/plain")
    seen = crawled(site, work_off, 5, reuse=False, concurrency=1)
    assert (seen.counts["done"], seen.counts["skipped"]) == (5, {"robots": 1}) and in_flight(store) == 0


def test_robots_are_fetched_again_in_a_turn_of_their_own(site: Site, work_off: Work, store: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(robots_rules, "KEPT_S", -1.0)  # forgotten at once
    assert crawled(site, work_off, 5, reuse=False, concurrency=1).counts["done"] == 6
    assert in_flight(store) == 0


def test_a_turn_is_taken_once_and_only_for_what_was_asked(store: Any) -> None:
    early = asked()
    assert early.take(gates.Ask("b.example", "direct-1", 0.0)) is None and in_flight(store) == 1
    granted = early.take(ASK)
    assert isinstance(granted, gates.Granted) and early.take(ASK) is None
    early.give_back()
    assert in_flight(store) == 1 and gates.leave(granted, gates.Left())


def test_a_turn_that_nobody_takes_is_given_back_and_costs_the_host_nothing(store: Any) -> None:
    with asked():
        assert in_flight(store) == 1
    assert in_flight(store) == 0
    assert isinstance(gates.enter(gates.Ask("a.example", "direct-2", 0.0)), gates.Granted)


def test_who_withdraws_from_a_line_is_not_waited_for(store: Any) -> None:
    def ask(holder: str) -> gates.Granted | gates.Wait:
        return gates.enter(gates.Ask("a.example", holder, 30.0))

    granted = ask("direct-1")
    assert isinstance(granted, gates.Granted) and isinstance(ask("direct-2"), gates.Wait)
    second, third = ask("direct-2"), ask("direct-3")
    assert isinstance(second, gates.Wait) and isinstance(third, gates.Wait) and third.in_s > second.in_s + 20
    gates.withdraw("a.example", "direct-2")
    gates.withdraw("a.example", "direct-3")
    fourth = ask("direct-4")
    assert isinstance(fourth, gates.Wait) and abs(fourth.in_s - second.in_s) < 1
