"""How Trawl works, told by running it. Read the tests in order."""

import io
from datetime import timedelta

import pytest

import clock
import models
import queues
from errors import ArgumentError, BlockedError
from jobs import serp
from sandbox import server
from state.engine import dedup
from state.tracking import batches, history, keywords
from state.tracking import projects as stored_projects
from topics.operations import status
from topics.tracking import check, projects, ranks, records
from worker import inline

DAY = timedelta(days=1)


@queues.job(queue="low", kind="story", timeout_s=10, retries=0)
def shout(word: str) -> str:
    """A job is a plain function."""
    return word.upper()


def only_keyword(text: str = "python tutorial") -> str:
    """The id of the one keyword of a new project."""
    project = projects.add("example.com")
    projects.add_keywords(project.id, [text])
    return next(keywords.ids_of(project.id))


def test_01_a_job_is_a_function_that_waits_in_a_queue() -> None:
    submission = queues.submit(shout, "hello")

    assert shout("hello") == "HELLO"
    assert submission.queue == "low"
    assert status.now().queue_depths == {"high": 0, "default": 0, "low": 1}
    assert inline.run_until_idle() == 1
    assert status.now().queue_depths["low"] == 0


def test_02_arguments_that_json_would_change_are_refused_at_once() -> None:
    with pytest.raises(ArgumentError, match="tuple"):
        queues.submit(shout, ("a", "b"))

    assert status.now().queue_depths["low"] == 0


def test_03_work_that_a_job_does_already_is_not_queued_again() -> None:
    first = queues.submit(shout, "hello", dedup_key="greeting")
    second = queues.submit(shout, "hello", dedup_key="greeting")

    assert second.duplicate_of == second.job_id == first.job_id
    assert inline.run_until_idle() == 1


def test_04_a_project_is_a_domain_and_its_keywords() -> None:
    project = projects.add("https://www.Example.com/")
    added = projects.add_keywords(project.id, ["Python  Tutorial", "python tutorial", "C++", "C#"])

    assert project.domain == "example.com"
    assert added == (3, 1)


def test_05_a_tick_queues_what_is_due_and_new_keywords_go_first() -> None:
    keyword_id = only_keyword()

    outcome = serp.enqueue_batch()

    assert (outcome["high"], outcome["default"]) == (1, 0)
    assert [claim.member for claim in dedup.held()] == [keyword_id]
    assert serp.enqueue_batch()["total"] == 0


def test_06_a_check_ends_with_a_rank_and_the_page_it_was_read_from() -> None:
    keyword_id = only_keyword()

    serp.enqueue_batch()
    inline.run_until_idle()

    rank = history.of(keyword_id)[-1]
    assert rank.state is models.RankState.RANKED
    assert rank.rank and rank.rank >= 1
    assert rank.url and "example.com" in rank.url
    assert str(rank) == f"ranked {rank.rank} (sandbox)"
    assert dedup.count() == 0


def test_07_a_rank_is_never_a_guess(provider: server.Sandbox) -> None:
    keyword_id = only_keyword()
    serp.track_keyword(keyword_id)
    clock.advance(DAY)
    provider.force("captcha")

    with pytest.raises(BlockedError, match="captcha"):
        serp.track_keyword(keyword_id)

    yesterday, today = history.of(keyword_id)
    assert yesterday.state is models.RankState.RANKED
    assert str(today) == "unknown: captcha (sandbox)"
    assert ranks.summary([yesterday, today]).best == yesterday
    assert ranks.line([yesterday, today], today.day, days=2)[-1] == ranks.GAP


def test_08_a_failed_check_is_tried_again_within_minutes(provider: server.Sandbox) -> None:
    keyword_id = only_keyword()
    provider.force("captcha")
    with pytest.raises(BlockedError):
        serp.track_keyword(keyword_id)

    next_attempt = keywords.next_due(keyword_id)
    assert next_attempt and timedelta(0) < next_attempt - clock.now() < timedelta(minutes=10)

    clock.advance(timedelta(minutes=10))
    assert serp.enqueue_batch()["high"] == 1
    inline.run_until_idle()
    assert history.of(keyword_id)[-1].state is not models.RankState.UNKNOWN


def test_09_the_next_check_is_a_day_after_the_slot_not_after_the_run() -> None:
    keyword_id = only_keyword()
    serp.track_keyword(keyword_id)
    clock.advance(DAY + timedelta(minutes=20))

    assert serp.track_keyword(keyword_id)["outcome"] != "skipped_recent"

    due = keywords.next_due(keyword_id)
    assert due and due - clock.now() == DAY - timedelta(minutes=20)
    assert serp.track_keyword(keyword_id)["outcome"] == "skipped_recent"


def test_10_a_small_project_does_not_wait_for_a_big_one() -> None:
    big, small = projects.add("example.com"), projects.add("example.org")
    projects.add_keywords(big.id, [f"word {n}" for n in range(1000)])
    projects.add_keywords(small.id, [f"word {n}" for n in range(5)])

    batches.take(50, batches.Work("jobs.serp.track_keyword", 60), max_depth=1000)

    owners = [keywords.get(claim.member).project_id for claim in dedup.held()]
    assert owners.count(small.id) == 5
    assert owners.count(big.id) == 45


def test_11_pages_and_ranks_are_stored_in_files_that_a_person_can_read() -> None:
    keyword_id = only_keyword("C++")
    serp.track_keyword(keyword_id)
    keyword = keywords.get(keyword_id)
    project = stored_projects.get(keyword.project_id)

    key = records.key_of(project, keyword.text, clock.now().date())
    stored = records.get(check.tools().store, key)

    assert key.startswith("example.com/c_") and key.endswith("/2026-03-02.json")
    assert stored and stored.keyword == "C++" and stored.organic[0].rank == 1
    page = records.page_body(check.tools().store, stored.pages[0])
    assert check.read(page, "html", stored.pages[0].url).organic[0].url == stored.organic[0].url


def test_12_ranks_leave_as_csv_with_their_state_in_words() -> None:
    keyword_id = only_keyword()
    serp.track_keyword(keyword_id)
    sheet = io.StringIO()

    assert ranks.write(sheet, "csv", ranks.rows("example.com")) == 1

    header, row = sheet.getvalue().splitlines()
    assert header.startswith("project,domain,keyword_id,keyword,day,state,rank,says,url")
    assert f"example.com,example.com,{keyword_id},python tutorial,2026-03-02," in row
