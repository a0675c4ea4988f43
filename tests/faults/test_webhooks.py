"""Workers killed at each step between the end of a job and the answer to its webhook: every end is told, each under one id.

The receiver keeps its own ledger, a file outside Redis.
"""

import json
import random
import signal
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import config
import queues
from state.webhooks import logs
from state.webhooks.endpoints import Endpoint
from tests.faults import harness, webhook_steps, work
from tests.local.real import until
from tests.topics.webhooks.receiver import Receiver, receiving
from topics import webhooks
from topics.webhooks import endpoints

pytestmark = pytest.mark.real_redis

ENVIRONMENT = {"FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "TRAWL_TEST_NO_BACKOFF": "1", "TRAWL_TEST_SHORT_WEBHOOKS": "1"}

THREADS = 3

#: Of the engine, and of the webhooks.
STEPS = ("before_commit", "after_commit", *webhook_steps.STEPS)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with config.overridden(fetch_allow_networks="127.0.0.0/8"), receiving(tmp_path / "received") as server:
        yield server


def told(receiver: Receiver) -> dict[str, list[dict[str, Any]]]:
    """What the receiver's ledger has, by job: each request that was answered with 2xx."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    assert receiver.ledger is not None
    text = receiver.ledger.read_text() if receiver.ledger.exists() else ""
    lines = text.split("\n")[:-1]  # what stands behind the last end of a line is being written
    for line in map(json.loads, lines):
        if line["status"] < 300:
            found[line["id"]].append(line)
    return found


def verify(receiver: Receiver, ids: list[str], at_most_twice: int) -> None:
    """Each job's end was told, under one id; so many of them may have been told more than once."""
    found = told(receiver)
    assert set(found) == set(ids)
    for job, lines in found.items():
        assert {line["type"] for line in lines} == {"job.completed"}, job
        assert len({line["webhook_id"] for line in lines}) == 1, job
    assert sum(len(lines) > 1 for lines in found.values()) <= at_most_twice


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step_the_end_is_told_under_one_id(scene: harness.Env, receiver: Receiver, step: str) -> None:
    ids = [f"told-{number}" for number in range(5)]
    for job in ids:
        webhooks.register(job, receiver.url)
    harness_submit(ids)
    program = scene.worker(2, THREADS, step=step, **ENVIRONMENT)
    until(lambda: set(told(receiver)) == set(ids) and all(one.status == "delivered" for one in logs.latest(100)))
    until(lambda: not (scene.folder / "fuse").exists())
    until(lambda: program.said("was killed by SIGKILL") == 1)
    verify(receiver, ids, at_most_twice=THREADS)  # what the other threads had sent


def harness_submit(ids: list[str]) -> None:
    import models

    queues.submit_many([models.Call(work.nap, (0.01,), job_id=job) for job in ids])


def test_workers_killed_again_and_again_and_an_endpoint_that_fails_now_and_then(
    scene: harness.Env, receiver: Receiver, dice: random.Random
) -> None:
    receiver.answers = [(dice.choice([200, 200, 500, 503, 302]), {}, b"") for _ in range(200)] + [(200, {}, b"")]
    endpoints.add(Endpoint("", receiver.url, "all", kinds=("work",)))
    ids = [f"told-{number}" for number in range(200)]
    harness_submit(ids)
    program = scene.worker(3, 4, **ENVIRONMENT)
    kills = 6
    for number in range(1, kills + 1):
        until(lambda n=number: len(told(receiver)) >= n * len(ids) // (kills + 2))
        program.send(signal.SIGKILL, [dice.choice(program.workers())])
    until(lambda: len(told(receiver)) == len(ids))
    verify(receiver, ids, at_most_twice=2 * kills)


def test_a_server_that_crashes_between_the_end_and_the_webhook_forgets_nothing(scene: harness.Env, receiver: Receiver) -> None:
    ids = [f"told-{number}" for number in range(30)]
    for job in ids:
        webhooks.register(job, receiver.url)
    harness_submit(ids)
    receiver.open.clear()
    scene.worker(1, 4, **ENVIRONMENT)
    until(lambda: receiver.received)
    scene.server.send(signal.SIGKILL)
    receiver.open.set()
    scene.server.start()
    until(lambda: len(told(receiver)) == len(ids))
    verify(receiver, ids, at_most_twice=len(ids))
