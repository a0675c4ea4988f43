"""Pauses while real workers run: what is held starts nowhere, is never lost, and goes on at once though idle ones look seldom."""

from datetime import timedelta

import pytest

import clock
import queues
from state.engine import pauses
from state.store import connection, keys
from tests import patience
from tests.faults import harness, work
from tests.local.real import until
from topics.operations import pauses as by_hand

pytestmark = pytest.mark.real_redis

#: Idle processes look as seldom as they may: what starts, starts by wake-ups.
SELDOM = {"IDLE_POLL_INTERVAL": "300"}

SCOPES = ("queue:default", "kind:work")


def leased() -> set[str]:
    """Jobs under a lease."""
    return {raw.decode().rpartition(":")[0] for raw in connection.client().zrange(keys.LEASES, 0, -1)}


def first_start(scene: harness.Env) -> float:
    """When the first job began."""
    return min(line.at for line in scene.ledger.lines("start"))


def first_small(scene: harness.Env) -> float:
    """When the first small job ran."""
    return min(line.at for line in scene.ledger.lines("small"))


@pytest.mark.parametrize("scope", SCOPES)
def test_under_load_nothing_starts_after_the_reply_but_what_was_leased_and_nothing_is_lost(
    scene: harness.Env, scope: str
) -> None:
    ids = harness.submit(work.nap, 0.4, times=60)
    others = harness.submit(work.nap_narrow, 0.05, times=20, names=(queues.LOW,))
    scene.worker(2, 5)
    until(lambda: scene.ledger.count("end") >= 10)
    pauses.put(scope, "provider in trouble", "ada")
    paused_at, in_hand = clock.monotonic(), leased()
    until(lambda: not leased() and scene.ledger.count("end") == scene.ledger.count("start"))
    until(lambda: {harness.status(job) for job in others} == {"finished"})
    late = [line.job for line in scene.ledger.lines("start") if line.at > paused_at and line.job in set(ids)]
    assert set(late) <= in_hand
    assert len(scene.ledger.lines("end")) < len(ids) + len(others), "the pause held some"
    harness.audit([*ids, *others]).verify()
    pauses.remove(scope)
    scene.settled([*ids, *others]).verify()
    assert set(scene.ledger.runs().values()) == {1}
    assert not connection.client().exists(keys.LIMITS)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_pause_that_ends_by_itself_starts_all_on_time_while_every_process_idles(scene: harness.Env, scope: str) -> None:
    scene.worker(2, 3, **SELDOM)
    length_s = patience.leeway(1.5)
    began = clock.monotonic()
    pauses.put(scope, "provider in trouble", "ada", connection.now() + timedelta(seconds=length_s))
    ids = harness.submit(work.small, times=30)
    scene.settled(ids).verify()
    waited_s = first_small(scene) - began
    assert length_s - 0.1 <= waited_s < length_s + patience.leeway(1.0)


def test_jobs_that_came_before_their_pause_start_on_time_too(scene: harness.Env) -> None:
    pauses.put("queue:default", "provider in trouble", "ada")
    ids = harness.submit(work.small, times=30)
    scene.worker(2, 3, **SELDOM)
    length_s = patience.leeway(1.5)
    began = clock.monotonic()
    pauses.put("queue:default", "provider in trouble", "ada", connection.now() + timedelta(seconds=length_s))
    scene.settled(ids).verify()
    assert length_s - 0.1 <= first_small(scene) - began < length_s + patience.leeway(1.0)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_pause_that_somebody_ends_lets_idle_workers_start_at_once(scene: harness.Env, scope: str) -> None:
    scene.worker(2, 3, **SELDOM)
    pauses.put(scope, "provider in trouble", "ada")
    ids = harness.submit(work.small, times=30)
    harness.passed(1.0)
    assert scene.ledger.count("small") == 0
    began = clock.monotonic()
    by_hand.resume(scope)
    scene.settled(ids).verify()
    assert first_small(scene) - began < patience.leeway(0.5)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_burst_worker_ends_although_held_jobs_wait(scene: harness.Env, scope: str) -> None:
    ids = harness.submit(work.small, times=2500)
    free = harness.submit(work.nap_narrow, 0.0, times=5, names=(queues.LOW,))
    pauses.put(scope, "provider in trouble", "ada")
    program = scene.program("worker", "--burst", "--processes", "1")
    until(lambda: program.process.poll() is not None)
    assert scene.ledger.count("small") == 0 and {harness.status(job) for job in free} == {"finished"}
    pauses.remove(scope)
    program = scene.program("worker", "--burst", "--processes", "1")
    until(lambda: program.process.poll() is not None)
    scene.settled(ids).verify()


@pytest.mark.parametrize("scope", SCOPES)
def test_workers_rest_while_all_that_waits_is_held(scope: str, scene: harness.Env) -> None:
    scene.worker(2, 3, IDLE_POLL_INTERVAL="1")
    pauses.put(scope, "provider in trouble", "ada")
    harness.submit(work.small, times=200)
    until(lambda: not connection.client().exists(keys.WAKE))
    harness.passed(1.0)
    before = connection.client().info("commandstats")["cmdstat_evalsha"]["calls"]
    harness.passed(3.0)
    spent = connection.client().info("commandstats")["cmdstat_evalsha"]["calls"] - before
    assert spent < 60, f"{spent} scripts in 3 s"
