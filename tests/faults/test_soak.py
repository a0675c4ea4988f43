"""Scenario 32: every fault at once, by a seed, and then the audit. `make soak MINUTES=10 SEED=7` runs it longer."""

import os
import random
import re
import threading
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from state.engine import leases
from tests.faults import fault_plan, leftovers, soak
from tests.faults.leftovers import Level
from worker import consumer

MINUTES = 1


@pytest.mark.real_redis
def test_a_minute_of_every_fault_at_once_loses_and_doubles_nothing_and_leaves_no_trace(tmp_path: Path, store: object) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(1 << 30))
    soak.run(tmp_path, seed, MINUTES)


# --- what the soak itself promises ----------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [0.5, 1, 10])
def test_the_seed_alone_decides_the_faults_and_each_comes_in_each_minute(minutes: float) -> None:
    plans = [fault_plan.plan(seed, minutes * 60 - soak.CALM_S) for seed in range(50)]
    assert plans == [fault_plan.plan(seed, minutes * 60 - soak.CALM_S) for seed in range(50)]
    assert len({tuple(plan) for plan in plans}) == 50
    for plan in plans:
        times = Counter(fault.name for fault in plan)
        assert set(times) == set(fault_plan.FAULTS) and times["deploy"] == 1
        assert all(count >= max(1, minutes) for name, count in times.items() if name != "deploy")
        assert all(fault.at_s + fault.lasts_s <= minutes * 60 for fault in plan)
        assert [fault.at_s for fault in plan] == sorted(fault.at_s for fault in plan)


def test_outages_of_redis_do_not_meet_and_workers_freeze_in_one_for_longer_than_a_lease() -> None:
    for seed in range(50):
        plan = fault_plan.plan(seed, 300)
        outages = [fault for fault in plan if fault.name.endswith("redis")]
        assert all(one.at_s + one.lasts_s <= other.at_s for one, other in pairwise(outages))
        freezes = [fault for fault in plan if fault.name == "freeze workers"]
        for freeze, pause in zip(freezes, [one for one in outages if one.name == "pause redis"], strict=True):
            assert pause.at_s < freeze.at_s < pause.at_s + pause.lasts_s
            assert freeze.lasts_s >= leases.LEASE_MS / 1000 + consumer.RESCUE_S


def test_a_failure_says_what_is_wrong_how_to_repeat_it_and_where_the_evidence_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(folder: Path, seed: int, minutes: float, say: object) -> None:
        raise soak.Failed(f"lost: some-job\n{soak.again(seed, minutes)}")

    monkeypatch.setattr(soak, "run", fails)
    done = CliRunner().invoke(soak.main, ["--minutes", "2", "--seed", "7"])
    assert done.exit_code == 1
    assert "lost: some-job" in done.output and "make soak MINUTES=2 SEED=7" in done.output
    folder = Path(done.output.rpartition("Ledger and logs: ")[2].strip())
    assert folder.is_dir()
    folder.rmdir()


def test_a_soak_that_hangs_is_ended_and_says_how_to_repeat_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "bound_s", lambda minutes: 0.2)
    with pytest.raises(soak.Failed, match=r"hangs.*SEED=7"), soak.bounded(7, 1):
        threading.Event().wait(20)


START = Level({"trawl:claims": 1, "trawl:schedule:a": 4}, {}, 1_000_000)
ENDS = {
    "a key for each job": (Level({**START.lasting, "trawl:x:1": 1, "trawl:x:2": 1}), r"2 × trawl:x: \(e.g. trawl:x:1\)"),
    "a key that is gone": (Level({"trawl:schedule:a": 4}), "gone: .'trawl:claims'"),
    "a key that grew": (Level({**START.lasting, "trawl:claims": 2}), "trawl:claims held 1 and holds 2"),
    "a lifetime that nobody stated": (Level(START.lasting, {"trawl:wake": 61}), "lifetime nobody stated: 1 × trawl:wake"),
    "memory": (Level(START.lasting, {}, 1_100_000), "1,100,000 after"),
}


@pytest.mark.parametrize("what", ENDS)
def test_what_is_left_behind_is_named(what: str) -> None:
    after, told = ENDS[what]
    [line] = leftovers.compare(START, after, {})
    assert re.search(told, line)


def test_what_ends_by_itself_or_came_with_the_deploy_is_no_leak() -> None:
    after = Level({**START.lasting, "trawl:schedule:a": 6, "new": 3, "trawl:claims": 2}, {"trawl:wake": 60}, 1_000_100)
    assert leftovers.compare(START, after, {"new": 0, "trawl:claims": 1}) == []
