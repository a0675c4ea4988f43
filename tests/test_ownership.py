"""Whose a job is: written at its submit, inherited by what it submits, found again in lists and in the history."""

from typing import Any

import pytest

import queues
from errors import ArgumentError
from state.engine import history, owned, segments
from state.engine.segments import Query
from state.scraping import ledgers
from state.store import connection, keys
from topics.operations import history as ended_jobs
from topics.operations import job_records, jobs, listing
from topics.scraping import crawl, views
from worker import inline


@queues.job(queue="low", kind="test", dedup_key="thing:{name}")
def thing(name: str) -> str:
    """Does nothing."""
    return name


@queues.job(queue="low", kind="test", dedup_key="keyword:{name}", shared=True)
def shared_thing(name: str) -> str:
    """Does nothing."""
    return name


@queues.job(queue="low", kind="test")
def parent() -> str:
    """Submits another job."""
    return queues.submit(thing, "child").job_id


@queues.job(queue="low", kind="test", retries=0)
def fails() -> None:
    """Fails."""
    raise ArgumentError("no")


def ids(owner: str, *statuses: str, **options: Any) -> list[str]:
    return [job.id for job in listing.list_jobs(statuses, owner=owner, **options).jobs]


def test_a_job_belongs_to_who_submitted_it_and_others_to_nobody() -> None:
    with queues.owned_by("key1"):
        mine = queues.submit(thing, "a").job_id
    nobodys = queues.submit(thing, "b").job_id

    assert jobs.get_job_status(mine).owner == "key1"
    assert jobs.get_job_status(nobodys).owner == ""
    with pytest.raises(ArgumentError, match="letters, digits"), queues.owned_by("no owner"):
        pass


def test_a_running_job_hands_its_owner_on() -> None:
    with queues.owned_by("key1"):
        queues.submit(parent)
    assert inline.run_until_idle() == 2
    assert len(ids("key1", "completed")) == 2
    assert queues.current_owner() == ""


def test_one_owners_job_stands_for_no_other_owners_but_a_shared_key_stands_for_all() -> None:
    first = queues.submit(thing, "a")
    with queues.owned_by("key1"):
        second, again = queues.submit(thing, "a"), queues.submit(thing, "a")
        shared = queues.submit(shared_thing, "a")
    with queues.owned_by("key2"):
        third = queues.submit(thing, "a")
        assert queues.submit(shared_thing, "a").duplicate_of == shared.job_id
    assert len({first.job_id, second.job_id, third.job_id}) == 3
    assert again.duplicate_of == second.job_id


def test_lists_hold_an_owners_jobs_only_page_by_page_live_ones_before_ended_ones() -> None:
    with queues.owned_by("key1"):
        done = [queues.submit(thing, str(number)).job_id for number in range(5)]
        inline.run_until_idle()
        waiting = [queues.submit(thing, str(number)).job_id for number in range(5)]
    with queues.owned_by("key2"):
        queues.submit(thing, "other")

    assert set(ids("key1")) == set(waiting)
    assert ids("nobody") == []
    pages, cursor = [], ""
    while True:
        page = listing.list_jobs(["pending", "completed"], 3, cursor, owner="key1")
        pages += [job.id for job in page.jobs]
        cursor = page.cursor
        if not cursor:
            break
    assert len(pages) == 10 and set(pages[:5]) == set(waiting) and set(pages[5:]) == set(done)
    for wrong in ("x", "1.2", "h1", "-1"):
        with pytest.raises(ArgumentError, match="no cursor"):
            listing.list_jobs(owner="key1", cursor=wrong)


def test_a_job_that_ended_or_was_cancelled_leaves_the_list_of_those_that_live(store: Any) -> None:
    with queues.owned_by("key1"):
        queues.submit(thing, "a")
        queues.submit(fails)
        cancelled = queues.submit(thing, "c", delay_s=60).job_id
    jobs.cancel_job(cancelled)
    inline.run_until_idle()

    assert not store.exists(keys.OWNED + "key1")
    assert ids("key1", "cancelled") == [cancelled]
    assert len(ids("key1", "failed", "cancelled", "completed")) == 3


def test_what_rqs_tools_deleted_is_taken_out_of_the_list_when_cleaning_up(store: Any) -> None:
    with queues.owned_by("key1"):
        gone, stays = queues.submit(thing, "a").job_id, queues.submit(thing, "b").job_id
    store.delete(keys.job(gone))
    assert owned.prune() == 1 and ids("key1") == [stays]
    store.delete(keys.job(stays))
    assert owned.prune() == 1 and not store.exists(keys.OWNERS)


def test_a_job_that_is_run_again_stays_its_owners() -> None:
    with queues.owned_by("key1"):
        failed = queues.submit(fails).job_id
    inline.run_until_idle()
    with queues.owned_by("admin1"):
        again = jobs.retry_job(failed)
    assert jobs.get_job_status(again.job_id).owner == "key1"


def test_the_history_is_searched_by_owner_in_the_stream_and_in_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 4)
    for number in range(12):
        with queues.owned_by("key1" if number % 3 == 0 else ""):
            queues.submit(thing, str(number))
        inline.run_until_idle()
    assert history.pack(keep_s=-60) >= 8

    assert len(ended_jobs.get_job_history(owner="key1").jobs) == 4
    assert {job.owner for job in ended_jobs.get_job_history(owner="key1").jobs} == {"key1"}
    assert not ended_jobs.get_job_history(owner="key2").jobs
    assert len(ended_jobs.get_job_history().jobs) == 12


def test_segments_of_before_owners_are_read_as_they_were() -> None:
    now = [history.Change((1000, number, 0), 1000, "finished", "test", "", 5, f"id{number}", project="p") for number in range(3)]
    _, bloom, data = segments.encode(now)
    assert list(segments.decode(data, Query())) == now[::-1]  # written without the new column, as before
    assert list(segments.decode(data, Query(owner="key1"))) == []
    assert not segments.may_hold({"to": 1, "from": 1, "most_ms": 5, "most_attempts": 1, "heads": []}, bloom, Query(owner="k"))
    owned_ = [one._replace(owner="key1") for one in now]
    assert list(segments.decode(segments.encode(owned_)[2], Query(owner="key1"))) == owned_[::-1]


def test_a_batch_its_lanes_and_its_replay_belong_to_its_owner() -> None:
    with queues.owned_by("key1"):
        batch = crawl.submit_batch(queues.function("jobs.scrape.scrape_batch"), ["https://example.com/", "https://example.org/"])
    assert views.look(batch.job_id).owner == "key1"
    crawl.begin_batch(batch.job_id)
    found = job_records.find_many([f"{batch.job_id}-{lane}-1" for lane in (1, 2)])
    assert {job.owner for job in found if job} == {"key1"}
    connection.client().delete(keys.job(batch.job_id))
    assert jobs.get_job_status(batch.job_id).owner == "key1"
    ledger = ledgers.read(batch.job_id)
    assert ledger and ledger.owner == "key1"
