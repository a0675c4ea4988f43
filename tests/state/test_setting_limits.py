"""Limits of the settings: checks are blocked at SERP_CONCURRENCY before they begin, and checks by hand count."""

from datetime import timedelta
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer

import clock
import config
import queues
from jobs import maintenance, serp
from state.engine import leases, limits
from state.store import keys
from state.tracking import request_slots
from tests.state import NOON
from tests.state.test_limits import Worker, submitted


@pytest.fixture(autouse=True)
def announced(store: Any) -> None:
    limits.announce(queues.kinds())


def checks(count: int) -> list[str]:
    return [one.job_id for one in queues.submit_many([(serp.track_keyword, f"k{number}") for number in range(count)])]


def test_a_check_that_finds_its_kind_full_is_blocked_before_it_begins(store: Any) -> None:
    with config.overridden(serp_concurrency=2):
        ids, worker = checks(4), Worker()
        [free] = submitted(1)
        assert worker.take() == [*ids[:2], free] and worker.take() == [] and worker.last.backlog == "blocked"
        assert [store.hget(keys.job(job_id), "origin") for job_id in ids[2:]] == [b"default.serp"] * 2
        assert limits.blocked(["default"]) == {"default": 2} and limits.every(queues.QUEUES) == []
        worker.settle(leases.find(store.zrange(keys.RUNS + "serp", 0, 0)[0].decode(), "default"))
        assert worker.take() == ids[2:3]


def test_the_lower_of_the_setting_and_the_limit_by_hand_counts() -> None:
    with config.overridden(serp_concurrency=2):
        ids, worker = checks(5), Worker()
        limits.put("serp", 1)
        assert worker.take() == ids[:1]
        limits.put("serp", 4)
        assert worker.take() == ids[1:2]
        limits.remove("serp")
        assert worker.take() == [] and limits.blocked(["default"]) == {"default": 3}
    with config.overridden(serp_concurrency=9):
        assert worker.take() == ids[2:] and limits.blocked(["default"]) == {"default": 0}


def test_a_check_by_hand_counts_and_comes_before_the_next_job() -> None:
    with config.overridden(serp_concurrency=1):
        ids, worker = checks(3), Worker()
        assert worker.take() == ids[:1] and not request_slots.take("serp", "hand", 1)
        worker.settle(worker.last.taken[0])
        assert worker.take() == [], "somebody waits for the place"
        assert request_slots.take("serp", "hand", 1) and worker.take() == []
        request_slots.give_back("serp", "hand")
        assert worker.take() == ids[1:2]


def test_the_mark_of_a_call_that_died_while_it_waited_holds_no_place_for_long(store: Any) -> None:
    with clock.frozen(NOON), config.overridden(serp_concurrency=1):
        ids, worker = checks(2), Worker()
        assert worker.take() == ids[:1] and not request_slots.take("serp", "dead", 1)
        worker.settle(worker.last.taken[0])
        assert worker.take() == []
        clock.advance(timedelta(seconds=request_slots.WAITING_S))
        assert worker.take() == ids[1:] and 0 < store.ttl(keys.slots_waiting("serp")) <= 600


def test_a_slot_given_back_wakes_a_worker_for_a_blocked_check(store: Any) -> None:
    request_slots.take("serp", "hand", 1)
    store.delete(keys.WAKE)
    request_slots.give_back("serp", "hand")
    request_slots.give_back("serp", "hand")
    assert store.llen(keys.WAKE) == 1


def test_checks_that_rqs_own_tools_queued_are_blocked_at_the_limit_too(store: Any) -> None:
    """RQ compresses what such a job calls, so that no script can read its kind: until it is known, it counts as a check."""
    queue = rq.Queue("default", connection=store, serializer=JSONSerializer)
    ids = [queue.enqueue(serp.track_keyword, f"k{number}").id for number in range(5)]
    with config.overridden(serp_concurrency=2):
        worker = Worker()
        taken = worker.take()
        while worker.last.unfinished:
            taken += worker.take()
        assert taken == ids[:2] and limits.blocked(["default"]) == {"default": 3}
        worker.settle(leases.find(store.zrange(keys.RUNS + "serp", 0, 0)[0].decode(), "default"))
        assert worker.take() == ids[2:3]


def test_others_that_rqs_own_tools_queued_are_not_held_up_by_the_limit_of_checks(store: Any) -> None:
    queue = rq.Queue("default", connection=store, serializer=JSONSerializer)
    ids = [queue.enqueue(maintenance.sweep).id for _ in range(5)]
    with config.overridden(serp_concurrency=2):
        worker = Worker()
        taken = worker.take()
        while worker.last.unfinished:
            taken += worker.take()
        assert taken == ids
