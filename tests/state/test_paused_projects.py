"""A paused project or provider: no tick takes its keywords, queued checks leave them due, and nothing is lost or saved up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
import queues
from errors import NotFound
from jobs import serp
from state.engine import dedup, pauses
from state.store import keys
from state.tracking import keywords
from tests.state import NOON, audit, job_of, keyword_of, pop, project, queued, tick, tracked, words
from topics.operations import pauses as by_hand
from worker import inline


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clock.frozen(NOON):
        yield


def taken(size: int = 500) -> dict[str, int]:
    """One batch: keywords by project."""
    tick(size)
    names = [keywords.get(keyword_of(job)).project_id for job in pop()]
    return {name: names.count(name) for name in sorted(set(names))}


def pause(scope: str, until: Any = None) -> None:
    pauses.put(scope, "owner asked", "ada", until)


def test_a_tick_takes_no_keyword_of_a_paused_project_and_all_of_them_afterwards() -> None:
    project("a"), project("b")
    words("a", 5), words("b", 5)
    pause("project:a")
    assert taken() == {"b": 5}
    audit(["a", "b"])
    pauses.remove("project:a")
    assert taken() == {"a": 5}
    audit(["a", "b"])


def test_a_pause_that_ends_by_itself_needs_nobody() -> None:
    tracked(3)
    pause("project:p", NOON + timedelta(minutes=1))
    assert taken() == {}
    clock.advance(timedelta(minutes=1))
    assert taken() == {"p": 3}


def test_many_paused_projects_before_others_starve_nobody() -> None:
    for number in range(30):
        words(project(f"p{number:02}").id, 2)
        pause(f"project:p{number:02}")
    words(project("z").id, 3)
    assert taken(3) == {"z": 3}
    for number in range(30):
        pauses.remove(f"project:p{number:02}")


def test_a_project_saves_up_no_turns_in_its_pause() -> None:
    words(project("a").id, 100), words(project("b").id, 200)
    pause("project:a")
    assert taken(50) == {"b": 50}
    pauses.remove("project:a")
    shares = taken(40)
    assert 19 <= shares["a"] <= 21, shares


def test_a_queued_check_of_a_paused_project_leaves_its_keyword_due_and_its_turn_with_the_project() -> None:
    [keyword] = tracked(1)
    tick()
    job = job_of(keyword)
    pause("project:p")
    assert inline.run_until_idle() == 1
    assert queues.Job.fetch(job, connection=pauses.connection.client()).return_value()["outcome"] == "paused"
    assert dedup.holder_of(dedup.SERP, keyword) is None and keywords.due_or_held(keywords.get(keyword)) == (
        datetime.fromtimestamp(0, UTC),
        None,
    )
    assert keywords.get(keyword).failures == 0
    assert taken() == {}
    pauses.remove("project:p")
    assert taken() == {"p": 1}


def test_a_check_that_somebody_asked_for_is_parked_and_comes_when_the_pause_ends(store: Any) -> None:
    [keyword] = tracked(1)
    pause("project:p")
    job = queues.submit(serp.track_keyword, keyword, force=True).job_id
    inline.run_until_idle()
    assert store.hget(keys.job(job), "status") == b"scheduled" and dedup.holder_of(dedup.SERP, keyword) == job
    assert by_hand.resume("project:p").released == 1
    assert store.lrange(keys.queue("default"), 0, -1) == [job.encode()]


def test_while_the_provider_is_paused_no_tick_queues_anything_and_says_so() -> None:
    tracked(3)
    pause("provider:sandbox")
    done = serp.enqueue_batch()
    assert done["outcome"] == "paused" and "owner asked" in done["reason"] and queued() == []
    pause("provider:scrapedo")
    pauses.remove("provider:sandbox")
    assert serp.enqueue_batch()["total"] == 3, "another provider is paused"
    pauses.remove("provider:scrapedo")


def test_a_job_may_be_parked_for_a_pause_for_longer_than_for_anything_else(store: Any) -> None:
    [keyword] = tracked(1)
    pause("project:p")
    job = queues.submit(serp.track_keyword, keyword, force=True).job_id
    for _ in range(60):
        inline.run_until_idle()
        assert store.hget(keys.job(job), "status") == b"scheduled"
        clock.advance(timedelta(days=1))
    pauses.remove("project:p")
    assert int(store.hget(keys.job(job), "parked_since")) >= clock.now().timestamp() - 2 * 86400


def test_jobs_parked_for_a_pause_without_an_end_learn_of_its_new_end(store: Any) -> None:
    [keyword] = tracked(1)
    by_hand.put("project:p", "r", "ada")
    job = queues.submit(serp.track_keyword, keyword, force=True).job_id
    inline.run_until_idle()
    assert store.zscore(f"{keys.RQ_SCHEDULED}default", job) == (NOON + pauses.LOOK_AGAIN).timestamp()
    by_hand.put("project:p", "r", "ada", for_s=120)
    inline.run_until_idle()
    assert store.zscore(f"{keys.RQ_SCHEDULED}default", job) == NOON.timestamp() + 120


def test_who_was_killed_between_ending_a_pause_and_letting_its_jobs_go_can_end_it_again(store: Any) -> None:
    [keyword] = tracked(1)
    by_hand.put("project:p", "r", "ada")
    job = queues.submit(serp.track_keyword, keyword, force=True).job_id
    inline.run_until_idle()
    pauses.remove("project:p")
    assert by_hand.resume("project:p") == ("project:p", None, 1)
    assert store.lrange(keys.queue("default"), 0, -1) == [job.encode()]
    with pytest.raises(NotFound):
        by_hand.resume("project:p")
