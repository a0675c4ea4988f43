"""Work on all keywords that a filter takes: counted first, bounded by what was said, safe to run twice."""

from collections.abc import Iterator

import pytest

import clock
import models
from errors import ArgumentError
from jobs import serp, tracking
from state.store import connection, keys
from state.tracking import keywords, orders
from tests.state import NOON
from tests.web.pages.test_keywords import remember
from topics.operations import keyword_orders, keyword_work
from topics.operations.keyword_filters import Wanted
from topics.operations.keyword_work import Counted, Work
from topics.tracking import overview, projects

P = "example.com"


@pytest.fixture(autouse=True)
def project() -> Iterator[models.Project]:
    with clock.frozen(NOON):
        made = projects.add(P, projects.Options(depth=30))
        projects.add_keywords(P, [f"keyword {number}" for number in range(30)])
        yield made


def queued() -> int:
    return int(connection.client().llen(keys.queue("default")))


def test_a_price_is_that_of_all_that_match() -> None:
    assert keyword_work.count(P, Wanted()) == Counted(30, 90)
    assert keyword_work.count(P, Wanted(contains="keyword 1")) == Counted(11, 33)
    assert keyword_work.count(P, Wanted(tag="none")) == Counted(0, 0)


def test_a_check_queues_no_more_than_was_said_and_nothing_that_was_tried_since() -> None:
    tried = projects.find_keyword("keyword 7", P)
    connection.client().hset(keys.keyword(tried.id), mapping={"s": int(NOON.timestamp()) + 1})

    assert keyword_work.everything(P, Wanted(), Work("check", track=serp.track_keyword, asked_at=NOON)) == {
        "changed": 29,
        "of": 30,
    }
    assert queued() == 29


def test_a_job_that_runs_twice_queues_nothing_twice() -> None:
    arguments = (P, {"archived": False}, "check", "", NOON.isoformat(), 12)

    assert tracking.change_keywords(*arguments)["changed"] == 12
    assert tracking.change_keywords(*arguments)["of"] == 12 and queued() == 12


def test_what_leaves_the_filter_while_it_is_changed_is_met_once() -> None:
    assert keyword_work.everything(P, Wanted(), Work("archive")) == {"changed": 30, "of": 30}
    assert keyword_work.everything(P, Wanted(), Work("archive")) == {"changed": 0, "of": 0}
    assert keyword_work.everything(P, Wanted(archived=True), Work("unarchive")) == {"changed": 30, "of": 30}
    assert keyword_work.everything(P, Wanted(), Work("remove", most=4)) == {"changed": 4, "of": 4}
    assert keywords.count_of(P) == 26


@pytest.mark.real_redis  # the in-memory one takes long for so much
def test_thousands_are_met_once_each() -> None:
    projects.add_keywords(P, [f"more {number}" for number in range(3000)])

    assert keyword_work.everything(P, Wanted(contains="more"), Work("archive")) == {"changed": 3000, "of": 3000}
    assert keyword_work.everything(P, Wanted(archived=None), Work("tag", "all")) == {"changed": 3030, "of": 3030}
    assert keyword_work.everything(P, Wanted(archived=True), Work("remove")) == {"changed": 3000, "of": 3000}


@pytest.mark.parametrize(("action", "value"), [("burn", ""), ("tag", " "), ("untag", ""), ("target", "see notes"), ("tag", ",")])
def test_work_that_cannot_be_meant_is_refused(action: str, value: str) -> None:
    with pytest.raises(ArgumentError):
        Work(action, value)


def test_an_order_that_was_replaced_is_read_on_for_some_minutes() -> None:
    overview.make(P)
    first = keyword_orders.begin(P, "text", "")
    assert first
    before = keyword_orders.read(P, first, 30)
    overview.make(P)

    assert keyword_orders.read(P, first, 30) == before
    newest = orders.latest(P)
    assert newest and newest.version != first.version and newest.keywords == newest.tracked == 30
    lives = [connection.client().ttl(key) for key in connection.client().scan_iter(f"trawl:orders:{P}:{first.version}:*")]
    assert lives and all(0 < one <= orders.REPLACED_S for one in lives)


def test_the_orders_of_a_project_go_with_it() -> None:
    overview.make(P)
    projects.remove(P)

    assert not list(connection.client().scan_iter(f"trawl:orders:{P}*"))


def test_a_move_is_between_the_days_that_were_asked_for() -> None:
    remember("moved", {20: 30, 8: 12, 0: 9})
    for days, moved, fits in ((7, "entered_10", True), (20, "entered_20", True), (1, "up", False), (7, "down", False)):
        found = keyword_work.count(P, Wanted(moved=moved, days=days)).keywords
        assert (found == 1) is fits, (days, moved)
