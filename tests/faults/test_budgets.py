"""Fifty processes spend from one limit and are killed at random: nothing is overspent, and the ledger has every charge."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

import clock
import config
from state.budgets import limits
from tests.faults import harness, spenders
from tests.local.real import environment, leashed, let_go, until
from topics import budgets

pytestmark = pytest.mark.real_redis

PROCESSES, KILLS, LIMIT = 50, 120, 2_000_000

#: Longer than a step may hang on a machine that is busy: a charge after the end of its lease is true, but it is not in the bound.
LEASE_S = 20

SCOPES = ("system", "project:a", "subscription:s")


@contextmanager
def spending(scene: harness.Env) -> Iterator["subprocess.Popen[bytes]"]:
    """The processes, and their parent, all gone at the end."""
    argv = [sys.executable, "-m", "tests.faults.spenders", scene.server.url, str(told(scene)), str(PROCESSES), str(LEASE_S)]
    told(scene).mkdir()
    process = subprocess.Popen(argv, cwd=config.ROOT, env=environment({}), process_group=0)
    leashed(process)
    try:
        yield process
    finally:
        (told(scene) / "stop").touch()
        process.wait(60)
        let_go(process)


def told(scene: harness.Env) -> Path:
    return scene.folder / "told"


def lines(scene: harness.Env) -> list[list[str]]:
    return [path.read_text().split("\n")[:-1] for path in told(scene).iterdir() if path.name != "stop"]


def charges(scene: harness.Env) -> tuple[int, int]:
    """What was settled for sure, and what may have been charged for those that died in between: settled, or as uncertain."""
    sure = perhaps = 0
    for each in lines(scene):
        for at, line in enumerate(each):
            if line.startswith("settling "):
                is_settled = each[at + 1 : at + 3] == ["asked", "settled"]
                sure, perhaps = (sure + int(line.split()[1]), perhaps) if is_settled else (sure, perhaps + spenders.BOUND)
    return sure, perhaps


def test_fifty_processes_killed_at_random_never_pass_the_limit_and_the_ledger_has_every_charge(
    scene: harness.Env, dice: random.Random
) -> None:
    budgets.set_limit("project:a", micro_usd=LIMIT)
    budgets.set_limit("system", micro_usd=2 * LIMIT)
    with spending(scene) as parent:
        until(lambda: len(harness.children(parent.pid)) >= PROCESSES and charges(scene)[0] > 0)
        for _ in range(KILLS):
            victims = harness.children(parent.pid)
            if victims:
                os.kill(dice.choice(victims), signal.SIGKILL)
            clock.wait(dice.random() / 10)
            found = budgets.show("project:a").micro_usd
            assert found.spent + found.held <= LIMIT
        until(lambda: budgets.show("project:a").micro_usd.spent > LIMIT - spenders.BOUND, 120)
    waited_for(SCOPES)
    found = {one.scope: one for one in limits.look(SCOPES)}
    assert LIMIT - spenders.BOUND < found["project:a"].spent_micro_usd <= LIMIT
    assert all(one.held_micro_usd == 0 for one in found.values())
    assert len({one.spent_micro_usd for one in found.values()}) == 1, "the scopes were charged together"
    sure, perhaps = charges(scene)
    assert sure <= found["project:a"].spent_micro_usd <= sure + perhaps
    for scope in SCOPES:
        sums = [int(fields["micro_usd"]) for _, fields in limits.ledger(scope, found[scope].period.month, 100_000)]
        assert sum(sums) == found[scope].spent_micro_usd, "to the millionth"
    assert sum(line.startswith("refused") for each in lines(scene) for line in each), "somebody was refused"
    kinds = [fields["kind"] for _, fields in limits.ledger("project:a", found["project:a"].period.month, 100_000)]
    assert kinds.count("uncertain") > 0, "some died after they had asked"


def waited_for(scopes: Sequence[str]) -> None:
    """Wait until what the dead held is free or charged: their leases are over."""
    until(lambda: all(one.held_micro_usd == 0 for one in limits.look(scopes)), LEASE_S + 30)
