"""A process is killed between its request to a language model and the settlement: what it may have spent is charged."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

import clock
import config
from tests.clients.llm import server as models
from tests.faults import harness
from tests.local.real import environment, leashed, let_go, until
from topics import budgets

pytestmark = pytest.mark.real_redis

SCOPES = ("system", "project:a")


def asked(scene: harness.Env, when: str, turn: models.Turn) -> int:
    """Run one that asks until it is dead; returns how many requests the model got."""
    with models.served() as model:
        model.will(turn)
        argv = [sys.executable, "-m", "tests.faults.asker", scene.server.url, model.url, when]
        process = leashed(subprocess.Popen(argv, cwd=config.ROOT, env=environment({}), process_group=0))
        if when == "during":
            until(lambda: model.asked)
            process.kill()
        code = process.wait(60)
        let_go(process)
        assert code == (0 if when == "never" else -signal.SIGKILL)
        return len(model.asked)


def figures(scope: str) -> tuple[int, int]:
    found = budgets.show(scope).micro_usd
    return found.spent, found.held


@pytest.mark.parametrize(("when", "requests"), [("during", 1), ("after", 1)])
def test_what_was_asked_for_is_charged_when_the_lease_ends(scene: harness.Env, when: str, requests: int) -> None:
    over = threading.Event()
    turn = models.hangs(over) if when == "during" else models.says("Hi")
    try:
        assert asked(scene, when, turn) == requests
    finally:
        over.set()
    held = figures("system")[1]
    assert held > 600 and figures("project:a") == (0, held), "the lease goes on"
    budgets.set_limit("project:a", micro_usd=held)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert [figures(scope) for scope in SCOPES] == [(held, 0)] * 2
        assert [(line.kind, line.micro_usd, line.purpose) for line in budgets.ledger("project:a")] == [
            ("uncertain", held, "llm:test")
        ]
        assert budgets.show("project:a").micro_usd.left == 0
        budgets.refund("project:a", micro_usd=held, reason="the provider's bill has no such call")
        assert [figures(scope) for scope in SCOPES] == [(0, 0)] * 2


def test_what_was_not_asked_for_is_free_when_the_lease_ends(scene: harness.Env) -> None:
    assert asked(scene, "before", models.says("Hi")) == 0
    assert figures("system")[1] > 0
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert [figures(scope) for scope in SCOPES] == [(0, 0)] * 2 and budgets.ledger("project:a") == []


def test_whoever_lives_settles_the_true_cost(scene: harness.Env) -> None:
    assert asked(scene, "never", models.says("Hi")) == 1
    assert [figures(scope) for scope in SCOPES] == [(600, 0)] * 2
