"""Jobs that are cancelled while they run, and never come to a progress(): each ends soon, and its worker goes on."""

from typing import Any

import pytest

import queues
from tests.faults import harness, work
from tests.local.real import until

pytestmark = pytest.mark.real_redis

LONG_S = 150.0

#: In a loop of Python, on the event loop, in a call that no error reaches, and in a process of its own.
RUNNING = ((work.hold,), (work.nap_on_loop, LONG_S), (work.nap, LONG_S), (work.nap_apart, LONG_S))


@pytest.mark.parametrize("call", RUNNING, ids=lambda call: call[0].__name__)
def test_a_running_job_that_is_cancelled_ends_soon_and_is_not_tried_again(scene: harness.Env, call: tuple[Any, ...]) -> None:
    [job] = harness.submit(*call)
    program = scene.worker(1, 2)
    until(lambda: scene.ledger.count("start") == 1)
    assert queues.cancel(job) == "started"
    until(lambda: harness.status(job) == "canceled")
    assert "was cancelled" in harness.record(job)["error_message"]
    following = harness.submit(work.nap, 0.0, times=3)
    scene.settled(following).verify()
    assert program.stop() == 0 and scene.ledger.count("start") == 4
    harness.audit([job, *following]).verify()
