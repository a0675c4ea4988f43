"""Every reason why something waits is told when it is so, by one look that changes nothing."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer

import clock
import config
import models
import queues
from errors import NetworkError, NotFound, NotNow
from jobs import serp
from scheduling import loop
from state.engine import dedup, leases, limits, pauses, schedule_switches
from state.store import connection, constants, keys
from state.tracking import halts, keywords, outcomes, projects
from tests.state import NOON, everything, job_of, tick, tracked
from tests.topics.tracking.test_stops import armed, lives
from topics.operations import pauses as by_hand
from topics.operations import why
from worker import inline

HOUR = timedelta(hours=1)


@queues.job(queue="default", kind="reasoned", retries=1)
def act(how: str) -> str:
    """Do as told."""
    if how == "park":
        raise NotNow(clock.now() + HOUR, "host example.com: delay")
    if how == "fail":
        raise NetworkError("the other side is down")
    return how


@queues.job(queue="default", kind="reasoned", retries=0)
def act_once(how: str) -> str:
    """Do as told, without a retry."""
    return act(how)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    limits.announce(queues.kinds())
    with clock.frozen(NOON):
        yield


def submitted(how: str = "x", func: Any = act, **options: Any) -> str:
    return queues.submit(func, how, **options).job_id


def taken(worker: str = "w", threads: int = 1, ahead: int = 0) -> list[leases.Leased]:
    request = leases.LeaseRequest(1, queues.QUEUES, threads, ahead=(ahead, 0))
    return leases.exchange(worker, [], request).taken


def first(store: Any) -> str:
    lives()
    return submitted()


def behind_others(store: Any) -> str:
    lives()
    for keyword in tracked(3):
        queues.submit(serp.track_keyword, keyword)
    submitted()
    return submitted()


def no_worker(store: Any) -> str:
    return submitted()


def suspended(store: Any) -> str:
    lives()
    store.set(keys.RQ_SUSPENDED, 1)
    return submitted()


def paused_queue(store: Any) -> str:
    lives()
    pauses.put("queue:default", "provider in trouble", "ada", NOON + HOUR)
    return submitted()


def paused_kind(store: Any) -> str:
    lives()
    job_id = submitted()
    pauses.put("kind:reasoned", "provider in trouble", "ada")
    taken()
    return job_id


def paused_provider(store: Any) -> str:
    lives()
    [keyword] = tracked(1)
    pauses.put("provider:sandbox", "provider in trouble", "ada")
    return queues.submit(serp.track_keyword, keyword).job_id


def halted(store: Any) -> str:
    lives()
    [keyword] = tracked(1)
    halts.halt("sandbox", "no credits")
    return queues.submit(serp.track_keyword, keyword).job_id


def stalled(store: Any) -> str:
    lives()
    job_id = submitted()
    clock.advance(timedelta(minutes=6))
    return job_id


def at_its_limit(store: Any) -> str:
    lives()
    limits.put("reasoned", 1)
    submitted()
    job_id = submitted()
    taken(threads=2)
    return job_id


def at_a_limit_of_0(store: Any) -> str:
    lives()
    limits.put("reasoned", 0)
    return submitted()


def without_a_request_slot(store: Any) -> str:
    lives()
    with config.overridden(serp_concurrency=1):
        ids = [queues.submit(serp.track_keyword, keyword).job_id for keyword in tracked(2)]
        taken(threads=2)
    return ids[1]


def prefetched(store: Any) -> str:
    lives()
    submitted()
    job_id = submitted()
    taken(threads=2, ahead=1)
    return job_id


def running(store: Any) -> str:
    lives()
    job_id = submitted()
    taken()
    store.hset(keys.job(job_id), "progress", json.dumps({"step": 3, "total": 4, "message": "pages"}))
    return job_id


def running_and_cancelled(store: Any) -> str:
    job_id = running(store)
    queues.cancel(job_id)
    return job_id


def whose_worker_died(store: Any) -> str:
    job_id = running(store)
    clock.advance(timedelta(minutes=1))
    return job_id


def whose_lease_is_gone(store: Any) -> str:
    job_id = running(store)
    store.delete(keys.LEASES)
    return job_id


def in_no_queue(store: Any) -> str:
    job_id = submitted()
    store.delete(keys.queue("default"))
    return job_id


def in_hand_of_a_stock_worker(store: Any) -> str:
    job_id = submitted()
    store.lmove(keys.queue("default"), f"{keys.queue('default')}:intermediate")
    return job_id


def in_quarantine(store: Any) -> str:
    job_id = submitted()
    store.hdel(keys.job(job_id), "data")
    taken()
    return job_id


def in_quarantine_without_a_record(store: Any) -> str:
    store.rpush(keys.queue("default"), "not an id")
    taken()
    return "not an id"


def delayed(store: Any) -> str:
    lives()
    return submitted(delay_s=3600)


def delayed_and_forgotten(store: Any) -> str:
    lives()
    job_id = submitted(delay_s=60)
    clock.advance(timedelta(minutes=5))
    return job_id


def delayed_in_no_list(store: Any) -> str:
    job_id = submitted(delay_s=60)
    store.delete(f"{keys.RQ_SCHEDULED}default")
    return job_id


def parked(store: Any) -> str:
    lives()
    job_id = submitted("park")
    inline.run_until_idle()
    return job_id


def parked_for_a_pause(store: Any) -> str:
    lives()
    [keyword] = tracked(1)
    pauses.put("project:p", "provider in trouble", "ada", NOON + HOUR)
    job_id = queues.submit(serp.track_keyword, keyword, force=True).job_id
    inline.run_until_idle()
    return job_id


def to_be_retried(store: Any) -> str:
    lives()
    job_id = submitted("fail")
    inline.run_until_idle()
    return job_id


def failed(store: Any) -> str:
    job_id = submitted("fail", act_once)
    inline.run_until_idle()
    return job_id


def finished(store: Any) -> str:
    job_id = submitted()
    inline.run_until_idle()
    return job_id


def cancelled(store: Any) -> str:
    job_id = submitted()
    queues.cancel(job_id)
    return job_id


def dependent(store: Any, on: str) -> str:
    queue = rq.Queue("default", connection=store, serializer=JSONSerializer)
    return str(queue.enqueue(f"{act.__module__}.act", "x", depends_on=on).id)


def dependent_on_one_that_waits(store: Any) -> str:
    return dependent(store, submitted())


def dependent_on_one_that_failed(store: Any) -> str:
    first_id = submitted("x")
    job_id = dependent(store, first_id)
    store.hset(keys.job(first_id), "status", "failed")
    return job_id


def dependent_on_one_that_is_gone(store: Any) -> str:
    first_id = submitted("x")
    job_id = dependent(store, first_id)
    store.delete(keys.job(first_id))
    return job_id


def no_state_at_all(store: Any) -> str:
    store.hset(keys.job("odd"), "status", "dreaming")
    return "odd"


JOBS: dict[Callable[[Any], str], tuple[str, str, str]] = {
    first: ("queued", "place", "first in the queue default"),
    behind_others: ("queued", "place", "4 jobs stand before it in the queue default (3 serp, 1 reasoned)"),
    no_worker: ("queued", "no worker", "No worker runs that serves the queue default"),
    suspended: ("queued", "suspended", "rq suspend"),
    paused_queue: (
        "queued",
        "paused",
        "paused by ada since 2026-03-01 12:00 UTC until 2026-03-01 13:00 UTC: provider in trouble",
    ),
    paused_kind: ("blocked", "paused", "kind reasoned is paused by ada"),
    paused_provider: ("queued", "paused", "provider sandbox is paused by ada"),
    halted: ("queued", "halted", "no credits"),
    stalled: ("queued", "stalled", "nothing runs"),
    at_its_limit: ("blocked", "limit", "At most 1 job of the kind reasoned may run; 1 do"),
    at_a_limit_of_0: ("queued", "limit", "limit of the kind reasoned is 0"),
    without_a_request_slot: ("blocked", "limit", "SERP_CONCURRENCY"),
    prefetched: ("prefetched", "prefetched", "The worker w has it in hand"),
    running: ("running", "running", "on the worker w. It is at step 3 of 4 (75%): pages."),
    running_and_cancelled: ("running", "running", "Somebody cancelled it"),
    whose_worker_died: ("running", "lease over", "died or stands still"),
    whose_lease_is_gone: ("lost", "lost", "doctor --fix"),
    in_no_queue: ("lost", "lost", "doctor --fix"),
    in_hand_of_a_stock_worker: ("queued", "in hand", "stock RQ worker"),
    in_quarantine: ("quarantined", "quarantine", "no data"),
    in_quarantine_without_a_record: ("quarantined", "quarantine", "not an id of RQ"),
    delayed: ("delayed", "scheduled", "It is to run at 2026-03-01 13:00:00 UTC"),
    delayed_and_forgotten: ("delayed", "overdue", "nobody moved it"),
    delayed_in_no_list: ("lost", "lost", "doctor --fix"),
    parked: ("parked", "parked", "until 2026-03-01 13:00:00 UTC: host example.com: delay"),
    parked_for_a_pause: ("parked", "paused", "The project p is paused by ada"),
    to_be_retried: ("retry", "retry", "network: the other side is down"),
    failed: ("failed", "failed", "network: the other side is down"),
    finished: ("finished", "finished", "nothing is to be done"),
    cancelled: ("canceled", "canceled", "It was cancelled"),
    dependent_on_one_that_waits: ("deferred", "dependency", "which is queued"),
    dependent_on_one_that_failed: ("deferred", "dependency", "which is failed: it will not start by itself"),
    dependent_on_one_that_is_gone: ("deferred", "dependency", "whose record is gone"),
    no_state_at_all: ("broken", "broken", "dreaming"),
}


@pytest.mark.parametrize("happens", JOBS, ids=lambda happens: happens.__name__)
def test_a_job_that_waits_says_why_and_the_look_changes_nothing(happens: Callable[[Any], str], store: Any) -> None:
    job_id = happens(store)
    before = everything()
    state, name, says = JOBS[happens]

    found = why.of(job_id)

    assert found.what == "job" and found.state == state, found
    assert [one for one in found.reasons if one.name == name and says in str(one)], found.reasons
    assert everything() == before
    store.delete(keys.PAUSES, keys.PAUSE_ENDS, keys.QUARANTINE)


# --- keywords ---


def gone_project(keyword: str) -> None:
    connection.client().delete(keys.project("p"))


def archived(keyword: str) -> None:
    keywords.set_archived(keyword, True)


def inactive(keyword: str) -> None:
    projects.set_active("p", False)


def due_with_no_scheduler(keyword: str) -> None:
    lives()


def waiting_for_the_tick(keyword: str) -> None:
    lives()
    armed()


def not_due(keyword: str) -> None:
    outcomes.finish(
        keywords.get(keyword),
        None,
        timedelta(hours=24),
        outcomes.CheckOutcome("read", models.Rank(NOON.date(), models.RankState.NOT_FOUND, 10)),
    )


def failing(keyword: str) -> None:
    error = {"category": "blocked", "message": "captcha", "job": "j"}
    rank = models.Rank(NOON.date(), models.RankState.UNKNOWN, reason="captcha")
    outcomes.finish(keywords.get(keyword), None, timedelta(hours=24), outcomes.CheckOutcome("failed", rank, 300.0, error=error))


def project_paused(keyword: str) -> None:
    lives()
    armed()
    pauses.put("project:p", "provider in trouble", "ada")


def tick_paused(keyword: str) -> None:
    lives()
    armed()
    pauses.put("schedule:enqueue-keyword-scrapes", "provider in trouble", "ada")


def claimed_by_a_job(keyword: str) -> None:
    lives()
    tick()


def claimed_by_hand(keyword: str) -> None:
    dedup.take(dedup.SERP, keyword, dedup.direct_owner())


def claimed_by_a_job_that_is_gone(keyword: str) -> None:
    tick()
    connection.client().delete(keys.job(job_of(keyword)))


def held(keyword: str) -> None:
    connection.client().zadd(keys.due("p"), {keyword: constants.HELD + NOON.timestamp() + 900})


def in_no_batch(keyword: str) -> None:
    connection.client().delete(keys.due("p"))


def held_back(keyword: str) -> None:
    lives()
    armed()
    for number in range(config.settings().serp_max_queue_depth):
        submitted(str(number))


KEYWORDS: dict[Callable[[str], None], tuple[str, str, str]] = {
    gone_project: ("due", "gone", "Its project p is gone"),
    archived: ("archived", "archived", "keyword unarchive"),
    inactive: ("due", "inactive", "project activate p"),
    due_with_no_scheduler: ("due", "no scheduler", "No scheduler has run yet"),
    waiting_for_the_tick: ("due", "tick", "waits for the next tick, at 12:00:00 UTC"),
    not_due: ("not due", "not due", "It is due at 2026-03-02 12:00:00 UTC"),
    failing: ("not due", "retry", "1 check failed in a row (blocked: captcha); the next is due at 2026-03-01 12:05:00 UTC"),
    project_paused: ("due", "paused", "The project p is paused by ada"),
    tick_paused: ("due", "paused", "schedule enqueue-keyword-scrapes is paused"),
    claimed_by_a_job: ("processing", "claimed", "and is queued: It is the first in the queue high"),
    claimed_by_hand: ("processing", "claimed", "by hand"),
    claimed_by_a_job_that_is_gone: ("processing", "claimed", "that job is gone"),
    held: ("held", "held", "looked at again at 2026-03-01 12:15:00 UTC"),
    in_no_batch: ("lost", "lost", "doctor --fix"),
    held_back: ("due", "held back", "raise SERP_MAX_QUEUE_DEPTH"),
}


@pytest.mark.parametrize("happens", KEYWORDS, ids=lambda happens: happens.__name__)
def test_a_keyword_that_waits_says_why_and_the_look_changes_nothing(happens: Callable[[str], None], store: Any) -> None:
    [keyword] = tracked(1)
    with config.overridden(serp_max_queue_depth=5):
        happens(keyword)
        before = everything()
        state, name, says = KEYWORDS[happens]

        found = why.of(keyword)

    assert (found.what, found.state) == ("keyword", state), found
    assert [one for one in found.reasons if one.name == name and says in str(one)], found.reasons
    assert everything() == before


def test_a_keyword_tells_of_the_job_that_has_it(store: Any) -> None:
    [keyword] = tracked(1)
    tick()
    found = why.of(keyword)
    assert found.job and found.job.id == job_of(keyword)
    assert {one.name for one in found.job.reasons} == {"no worker", "place"}


def test_a_keyword_is_named_by_its_text_too() -> None:
    [keyword] = tracked(1)
    assert why.of("word 0", "p").id == keyword


def test_a_project_says_why_its_keywords_wait() -> None:
    tracked(1)
    assert [one.name for one in why.of("p").reasons] == ["no worker", "no worker", "no scheduler"]
    projects.set_active("p", False)
    assert [one.name for one in why.of("p").reasons] == ["inactive"]


def disabled(store: Any) -> None:
    schedule_switches.disable("schedule-sweep", schedule_switches.HAND)


def paused_entry(store: Any) -> None:
    pauses.put("schedule:sweep", "provider in trouble", "ada")


def broken_entry(store: Any) -> None:
    store.hset(keys.job("schedule-sweep"), "data", "garbage")


def not_due_yet(store: Any) -> None:
    store.zadd(keys.RQ_SCHEDULER_JOBS, {"schedule-sweep": NOON.timestamp() + 60})


def without_a_scheduler(store: Any) -> None:
    store.delete(keys.heartbeat("scheduler"))


def not_over(store: Any) -> None:
    loop.Scheduler().enqueue_jobs()


ENTRIES: dict[Callable[[Any], None], tuple[str, str, str]] = {
    disabled: ("disabled", "disabled", "schedule enable sweep"),
    paused_entry: ("paused", "paused", "schedule sweep is paused by ada"),
    broken_entry: ("broken", "broken entry", "doctor --fix"),
    not_due_yet: ("on", "due", "It is due at 2026-03-01 12:01:00 UTC"),
    without_a_scheduler: ("on", "no scheduler", "manage.py scheduler"),
    not_over: ("queued", "overlap", "is queued"),
}


@pytest.mark.parametrize("name", ["sweep", "schedule-sweep"])
@pytest.mark.parametrize("happens", ENTRIES, ids=lambda happens: happens.__name__)
def test_an_entry_of_the_schedule_says_why_it_does_not_run(happens: Callable[[Any], None], name: str, store: Any) -> None:
    armed()
    happens(store)
    before = everything()
    state, reason, says = ENTRIES[happens]

    found = why.of(name)

    assert (found.what, found.state, found.name) == ("entry", state, "sweep"), found
    assert [one for one in found.reasons if one.name == reason and says in str(one)], found.reasons
    assert everything() == before


@pytest.mark.parametrize("name", ["nobody", "", "a b", "x" * 5000, "\ud800", "trawl:*", "*", "\x00"])
def test_what_nobody_knows_is_not_found(name: str) -> None:
    with pytest.raises(NotFound, match="never existed, or its record has expired"):
        why.of(name)


def test_what_is_over_is_not_told_as_a_job_before_others(store: Any) -> None:
    """As Cook did (#908)."""
    lives()
    over = submitted()
    store.hset(keys.job(over), "status", "finished")
    queues.submit(act, "x", queue="low")
    [place] = [one for one in why.of(submitted()).reasons if one.name == "place"]
    assert "(1 over by now)" in place.says and "Workers serve other queues beside it: low (1)." in place.says


def test_before_any_worker_ran_the_kind_of_a_job_is_known_all_the_same(store: Any) -> None:
    store.delete(keys.KINDS)
    by_hand.put("kind:serp", "r", "ada")
    store.delete(keys.KINDS)
    [keyword] = tracked(1)
    queues.submit(act, "x", queue="high")
    job_id = queues.submit(serp.track_keyword, keyword, queue="high").job_id
    told = [str(one) for one in why.of(job_id).reasons]
    assert any("The kind serp is paused" in one for one in told) and any("(1 reasoned)" in one for one in told)


def test_who_pauses_a_kind_before_any_worker_ran_is_obeyed_and_told_of_at_submit(store: Any) -> None:
    store.delete(keys.KINDS)
    by_hand.put("kind:reasoned", "r", "ada")
    assert any("The kind reasoned is paused" in one for one in queues.submit(act, "x").warnings)
    assert taken() == []


def test_a_job_parked_for_a_host_says_how_that_host_is_now(store: Any) -> None:
    job_id = parked(store)
    host = why.of(job_id).reasons[1]
    assert host.name == "host" and "0 of" in host.says and "hosts show example.com" in host.fix


@pytest.mark.parametrize(
    "key", [keys.PAUSES, keys.LEASES, keys.LIMITS, keys.KINDS, keys.QUARANTINE, keys.queue("default"), keys.PARKED]
)
def test_a_broken_key_does_not_blind_the_look(store: Any, key: str) -> None:
    job_id = submitted()
    store.delete(key)
    store.set(key, "x", ex=60)
    assert why.of(job_id).reasons
    store.delete(key)


@pytest.mark.real_redis
def test_a_job_among_a_million_says_its_place_at_once(store: Any) -> None:
    job_id = submitted()
    with store.pipeline(transaction=False) as pipe:
        for start in range(0, 1_000_000, 10_000):
            names = [f"{number:032x}" for number in range(start, start + 10_000)]
            pipe.lpush(keys.queue("default"), *names) if start % 20_000 else pipe.rpush(keys.queue("default"), *names)
        pipe.execute()
    store.config_resetstat()
    found = why.of(job_id)
    assert found.facts["ahead"] == 500_000
    assert any("of 1,000 looked at" in one.says for one in found.reasons)
    spent = store.info("commandstats")
    assert sum(stat["calls"] for name, stat in spent.items() if name != "cmdstat_config|resetstat") < 1_200
