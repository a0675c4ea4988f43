"""The figures of one moment: right, and read without a trace."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
from errors import NetworkError
from jobs import serp
from state.engine import heartbeats
from state.tracking import halts, keywords
from tests import fakes
from tests.state import DAY, NOON, project, scraped, tracked, words
from topics.operations import status


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def test_the_figures_are_those_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, failing, resting, due, recent = tracked(5)
    words(project("off", active=False).id, 3)
    scraped(fresh, timedelta(hours=5))
    scraped(recent, DAY)
    keywords.set_archived(resting, True)
    provider, _ = fakes.use(monkeypatch, NetworkError("no answer"))
    with pytest.raises(NetworkError):
        serp.track_keyword(failing)
    provider.answers = fakes.serp(fakes.others(10))
    serp.track_keyword(recent)
    seen = status.now()
    assert (seen.projects, seen.keywords, seen.eligible, seen.processing) == (2, 7, 1, 0)
    assert (seen.scraped_last_hour, seen.failed, seen.halted, seen.scheduler_beat) == (1, 1, None, None)
    assert serp.enqueue_batch()["total"] == 1, f"{due} alone was eligible"
    halts.halt("sandbox", "no credits")
    heartbeats.beat("scheduler")
    seen = status.now()
    assert (seen.processing, seen.eligible, seen.queue_depths) == (1, 0, {"high": 1, "default": 0, "low": 0})
    assert (seen.halted, seen.scheduler_beat, seen.workers, seen.busy_workers) == ("no credits", NOON, 0, 0)


def test_a_keyword_that_is_checked_often_counts_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    often, once = tracked(2)
    fakes.use(monkeypatch)
    for minutes in (0, 0, 20, 35):
        clock.advance(timedelta(minutes=minutes))
        serp.track_keyword(often, force=True)
    serp.track_keyword(once)
    assert status.now().scraped_last_hour == 2
    clock.advance(timedelta(minutes=59))
    assert status.now().scraped_last_hour == 2, "with its last check"
    serp.track_keyword(often, force=True)
    clock.advance(timedelta(minutes=1))
    assert status.now().scraped_last_hour == 1


def test_reading_the_figures_changes_nothing(store: Any) -> None:
    tracked(5)
    serp.enqueue_batch()
    before = {key: (store.dump(key), store.pttl(key) < 0) for key in store.scan_iter()}
    status.now()
    assert {key: (store.dump(key), store.pttl(key) < 0) for key in store.scan_iter()} == before
