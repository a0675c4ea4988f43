"""The batch, as the system that Trawl replaces promised it: its eight tests, by name and meaning."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

import clock
import config
import models
from errors import NetworkError
from jobs import serp
from state.engine import dedup, payload
from state.tracking import keywords, projects
from tests import fakes
from tests.state import NOON, audit, due_in, project, queued, scraped, tracked, words
from worker import inline


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def test_a_batch_takes_at_most_500_keywords() -> None:
    tracked(620)
    first = serp.enqueue_batch()
    second = serp.enqueue_batch()
    assert (first["total"], second["total"]) == (500, 120)
    assert len(queued()) == len(set(queued())) == 620
    assert config.Settings.model_fields["serp_batch_size"].default == 500


def test_a_keyword_that_is_being_processed_is_not_queued_again() -> None:
    tracked(5)
    assert serp.enqueue_batch()["total"] == 5
    assert serp.enqueue_batch()["total"] == 0
    with clock.frozen(NOON + timedelta(hours=1)):  # past the time its due times were put off for
        assert serp.enqueue_batch()["total"] == 0
    assert len(queued()) == 5
    audit()


def test_never_scraped_goes_to_high_and_everything_else_to_default() -> None:
    new, old, without_rank = tracked(3)
    scraped(old)
    scraped(without_rank, rank=models.Rank(NOON.date(), models.RankState.NOT_FOUND, scanned=10))
    result = serp.enqueue_batch()
    assert queued("high") == [new]
    assert sorted(queued("default")) == sorted([old, without_rank]), "having no rank is not a reason for the high queue"
    assert (result["high"], result["default"]) == (1, 2)


@pytest.mark.parametrize("answer", [fakes.serp(fakes.others(10)), NetworkError("no answer")], ids=["success", "failure"])
def test_the_processing_flag_is_set_before_queuing_and_reset_on_success_and_on_failure(
    answer: fakes.Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked(3)
    seen_while_processing = []

    def answering(text: str, start: int) -> fakes.Answer:
        seen_while_processing.append(dedup.count())
        return answer

    fakes.use(monkeypatch, answering)
    serp.enqueue_batch()
    assert {claim.member for claim in dedup.held()} == set(queued())
    inline.run_until_idle()
    assert seen_while_processing == [3, 2, 1]
    assert dedup.count() == 0
    audit()


def test_keywords_of_an_inactive_project_are_left_out() -> None:
    project("on"), project("off", active=False)
    on, off = words("on", 2), words("off", 2)
    serp.enqueue_batch()
    assert sorted(queued()) == sorted(on)
    projects.set_active("off", True)
    serp.enqueue_batch()
    assert sorted(queued()) == sorted(on + off)


def test_archived_keywords_are_left_out() -> None:
    kept, rests = tracked(2)
    keywords.set_archived(rests, True)
    serp.enqueue_batch()
    assert queued() == [kept]
    keywords.set_archived(rests, False)
    serp.enqueue_batch()
    assert sorted(queued()) == sorted([kept, rests])


def test_scraped_exactly_24_hours_ago_is_due_and_one_second_less_is_not() -> None:
    exactly, less = tracked(2)
    scraped(exactly, timedelta(hours=24))
    scraped(less, timedelta(hours=24) - timedelta(seconds=1))
    serp.enqueue_batch()
    assert queued() == [exactly]
    clock.advance(timedelta(seconds=1))
    serp.enqueue_batch()
    assert queued() == [exactly, less]


def test_the_result_of_a_batch_has_its_counts_and_its_log_line_begins_with_enqueued_batch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    new, old = tracked(2)
    scraped(old)
    project("q")
    words("q", 3)
    with caplog.at_level("INFO", logger="trawl.serp"):
        result = serp.enqueue_batch()
    ms = result.pop("ms")
    assert result == {"outcome": "enqueued", "total": 5, "high": 4, "default": 1, "projects": 2, "freed": 0}
    assert isinstance(ms, int) and ms >= 0
    assert serp.enqueue_batch()["outcome"] == "enqueued", "a batch of nothing has the same shape"
    line = caplog.records[0]
    assert line.getMessage().startswith("Enqueued batch") and (line.total, line.held_back) == (5, False)  # type: ignore[attr-defined]
    assert new in due_in("p") and payload.to_json(result, "the result of a job must be JSON")
