"""Behind sentinels: few clients, a primary that falls silent, and what waits on a connection when another one takes over."""

import signal
from pathlib import Path

import pytest
import rq.command

from state.store import connection, keys
from tests.faults import harness, work
from tests.faults.test_failover import failing_over, names_of_channels, retried
from tests.local.real import until

pytestmark = pytest.mark.real_redis

#: Much longer than anything here takes, on a busy machine too.
PATIENCE_S = 120.0


def test_a_primary_that_takes_few_clients_slows_work_down_and_stops_none_before_and_after_a_fail_over(
    tmp_path: Path, store: object
) -> None:
    """Sentinels and replicas take some of the clients, and two processes of 25 threads want more than the rest."""
    with failing_over(tmp_path, settings={"maxclients": "32"}) as (scene, group):
        worker = scene.worker(2, 25)
        before = harness.submit(work.submit_many_small, 20, times=20)
        until(lambda: scene.ledger.count("small") >= 400, PATIENCE_S)
        scene.settled(before, PATIENCE_S).verify()

        old = group.primary()
        old.send(signal.SIGKILL)
        group.promoted(old.port)
        after = until(lambda: retried(lambda: harness.submit(work.submit_many_small, 20, times=20)), PATIENCE_S)

        until(lambda: scene.ledger.count("small") >= 800, PATIENCE_S)
        scene.settled(after, PATIENCE_S).verify()
        assert worker.said("started again") == 0


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS, and the fewest connections"])
def test_a_primary_that_falls_silent_is_left_by_what_works_and_by_what_waits(tmp_path: Path, store: object, is_tls: bool) -> None:
    with failing_over(tmp_path, is_tls=is_tls) as (scene, group):
        few = {"REDIS_URL": f"{group.url}&max_connections=5"} if is_tls else {}
        worker = scene.worker(1, 2, IDLE_POLL_INTERVAL="60", **few)
        [job] = harness.submit(work.nap, 0.0)
        scene.settled([job], PATIENCE_S)
        pids = worker.workers()
        old = group.primary()

        old.send(signal.SIGSTOP)
        group.promoted(old.port)

        [stopped] = until(lambda: retried(lambda: harness.submit(work.walk, 600, 0.1)), PATIENCE_S)
        until(lambda: scene.ledger.lines("start", stopped), PATIENCE_S)
        until(lambda: connection.client().pubsub_numsub(*names_of_channels())[0][1], PATIENCE_S)
        rq.command.send_stop_job_command(connection.client(), stopped)
        until(lambda: harness.status(stopped) == "stopped", PATIENCE_S)
        woken(scene)
        assert worker.workers() == pids
        assert worker.said("hung up") == 0  # it was this process that did

        old.send(signal.SIGCONT)
        until(lambda: group.follows(old), PATIENCE_S)
        woken(scene)
        assert connection.client().zcard(keys.LEASES) == 0


def woken(scene: harness.Env) -> None:
    """A worker that looks by itself only once a minute takes ten jobs, one after the other, in less than two looks."""
    for _ in range(10):
        [job] = harness.submit(work.nap, 0.0)
        scene.settled([job], 30)
