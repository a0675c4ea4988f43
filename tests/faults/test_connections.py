"""Connections that are too few, wrong or dead without a word: work goes on by itself, and the log says why it did not."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

import clock
from state.engine import heartbeats
from state.store import connection, keys
from tests.faults import harness, proxy, work
from tests.local.real import until

pytestmark = pytest.mark.real_redis

#: Much longer than anything here takes, on a busy machine too.
PATIENCE_S = 120.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class TcpServer(harness.Server):
    """A Redis on a port of this machine."""

    def __init__(self, *options: str) -> None:
        super().__init__()
        self.port, self.options = free_port(), options
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def launch(self, command: list[str]) -> "subprocess.Popen[bytes]":
        """Start its process."""
        return super().launch([*command, "--port", str(self.port), *self.options])

    def client(self) -> Any:
        """A plain client, past everything that is tested."""
        return redis.Redis(unix_socket_path=str(self.home / "s"), decode_responses=True)


@contextmanager
def running(*options: str) -> Iterator[TcpServer]:
    server = TcpServer(*options)
    try:
        server.start()
        yield server
    finally:
        server.close()


@contextmanager
def behind_a_proxy(folder: Path) -> Iterator[tuple[harness.Env, proxy.Proxy, TcpServer]]:
    """A server whose programs reach it through a proxy; the test itself asks it directly."""
    server = TcpServer()
    with harness.opened(folder, server) as scene, proxy.opened(server.port) as between:
        yield scene, between, server


def test_with_twenty_clients_allowed_fifty_jobs_that_submit_twenty_each_all_end(tmp_path: Path) -> None:
    """Two processes of 25 threads: more than the server has clients for."""
    with harness.opened(tmp_path, TcpServer("--maxclients", "20")) as scene:
        worker = scene.worker(2, 25)
        ids = harness.submit(work.submit_many_small, 20, times=50)
        harness_client = connection.client()
        until(lambda: scene.ledger.count("small") >= 1000, PATIENCE_S)
        scene.settled(ids, PATIENCE_S).verify()
        assert {harness.status(job) for job in ids} == {"finished"}
        until(lambda: harness_client.zcard(keys.LEASES) == 0, PATIENCE_S)
        assert scene.ledger.count("small") == 1000
        assert worker.said("started again") == 0


def test_when_the_primary_was_demoted_behind_open_connections_work_goes_on_at_the_new_one(tmp_path: Path) -> None:
    with behind_a_proxy(tmp_path) as (scene, between, old), running() as new:
        worker = scene.worker(1, 4, REDIS_URL=between.url)
        scheduler = scene.program("scheduler", REDIS_URL=between.url)
        until(lambda: scheduler.said("Scheduler is up"))
        new.client().replicaof("127.0.0.1", old.port)
        until(lambda: new.client().info("replication").get("master_link_status") == "up")
        first = harness.submit(work.nap, 0.0)
        scene.settled(first).verify()
        until(lambda: new.client().exists(keys.job(first[0])))

        new.client().execute_command("REPLICAOF", "NO", "ONE")
        new.client().delete(keys.heartbeat("scheduler"))
        between.lead_to(new.port)
        old.client().replicaof("127.0.0.1", new.port)  # its connections stay open
        before, began = connection.client(), clock.monotonic()
        connection.use(connection.connect(new.url))
        try:
            ids = harness.submit(work.nap, 0.0, times=3)
            until(lambda: all(harness.status(job) == "finished" for job in ids), PATIENCE_S)
            waited = harness.seconds_since(began)
            until(lambda: between.open_to(old.port) == 0, PATIENCE_S)
            until(lambda: heartbeats.last_beat("scheduler"), PATIENCE_S)
            ids += harness.submit(work.nap, 0.0)
            scene.settled(ids).verify()
        finally:
            connection.client().close()
            connection.use(before)
        print(f"at the new primary after {waited:.1f} s")
        assert waited < 30 and worker.process.poll() is None and scheduler.process.poll() is None


def test_a_replica_is_not_written_to_and_waited_for(tmp_path: Path) -> None:
    """The address leads to a replica until the fail-over ends: the program waits, and says what for."""
    with behind_a_proxy(tmp_path) as (scene, between, old), running() as other:
        worker = scene.worker(1, 2, REDIS_URL=between.url)
        other.client().replicaof("127.0.0.1", old.port)
        until(lambda: other.client().info("replication").get("master_link_status") == "up")
        between.lead_to(other.port)
        between.cut()
        until(lambda: worker.said("is a replica"), PATIENCE_S)
        ids = harness.submit(work.nap, 0.0)
        between.lead_to(old.port)
        scene.settled(ids, PATIENCE_S).verify()


def test_connections_that_went_dead_without_a_word_are_left(tmp_path: Path) -> None:
    with behind_a_proxy(tmp_path) as (scene, between, _):
        worker = scene.worker(1, 2, REDIS_URL=between.url)
        scene.settled(harness.submit(work.nap, 0.0)).verify()
        until(lambda: waiting() == 1)
        assert between.silence() >= 3
        began = clock.monotonic()
        ids = harness.submit(work.nap, 0.0)
        until(lambda: scene.ledger.lines("start", ids[0]), PATIENCE_S)
        print(f"picked up after {harness.seconds_since(began):.1f} s")
        until(lambda: waiting() == 1, PATIENCE_S)  # the dead one got the wake-up of that job; this is a new one
        until(lambda: between.open_to(between.target) >= 3, PATIENCE_S)
        scene.settled(ids).verify()
        channel = f"rq:pubsub:{queue_worker()}"
        until(lambda: connection.client().pubsub_numsub(channel)[0][1] >= 2, PATIENCE_S)
        assert worker.process.poll() is None


def waiting() -> int:
    """Connections that wait for a wake-up."""
    return sum(client["cmd"] == "blpop" for client in connection.client().client_list())


def queue_worker() -> str:
    [name] = connection.client().smembers(keys.RQ_WORKERS)
    return str(name.decode().removeprefix(keys.RQ_WORKER))


def test_a_server_that_closes_idle_clients_costs_no_line_of_the_log(tmp_path: Path) -> None:
    with harness.opened(tmp_path, TcpServer("--timeout", "1")) as scene:
        worker, scheduler = scene.worker(1, 2), scene.program("scheduler")
        until(lambda: scheduler.said("Scheduler is up"))
        for _ in range(3):
            scene.settled(harness.submit(work.nap, 0.0)).verify()
            harness.passed(2.5)
        for one in (worker, scheduler):  # one line at most: a busy machine may stand still between the look and what is sent
            assert max(map(one.said, ("trying again", "hung up", "closed by server"))) <= 1, one.log.read_text()


def test_a_worker_with_the_fewest_connections_works(tmp_path: Path) -> None:
    with harness.opened(tmp_path, TcpServer()) as scene:
        scene.worker(1, 10, REDIS_URL=f"{scene.server.url}?max_connections=5")
        ids = harness.submit(work.submit_many_small, 5, times=20)
        scene.settled(ids, PATIENCE_S).verify()
        until(lambda: scene.ledger.count("small") == 100, PATIENCE_S)
        named = [client for client in connection.client().client_list() if client["addr"]]
        assert len(named) <= 5 + 3  # ours and those of the supervisor beside them
