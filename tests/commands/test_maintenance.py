"""`maintenance`: what the schedule does, done by hand; each run shows its report and keeps it."""

import json
from typing import Any

import pytest

import queues
from state.store import keys, measures, slow_commands
from state.store.slow_commands import Slowlog
from tests.commands.conftest import Run
from topics.upkeep import big_keys
from worker import inline


@queues.job(queue="low", kind="tidied", retries=0)
def tidied() -> None:
    """A job."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fakeredis does not know is told, and is not looked at twice here."""
    monkeypatch.setattr(slow_commands, "slow_log", lambda: Slowlog([], ""))
    monkeypatch.setattr(measures, "rewrite_log", lambda patience_s: measures.Rewrite("done", "Rewritten.", 3 << 20, 1 << 20))
    monkeypatch.setattr(measures, "purge", lambda: "MEMORY PURGE: NOPERM")
    monkeypatch.setattr(big_keys, "tell", lambda draft, kind: None)


def test_jobs_of_an_age_go_after_a_question_and_what_expired_without_one(run: Run, store: Any) -> None:
    job_id = queues.submit(tidied).job_id
    inline.run_until_idle()
    asked = run("maintenance", "cleanup", "--older-than-days", "0", input="n\n")
    assert asked.exit_code == 1 and store.exists(keys.job(job_id))
    assert "Nothing had expired." in run("maintenance", "cleanup").stdout
    done = run("maintenance", "cleanup", "--older-than-days", "0", "--yes", "--json")
    assert json.loads(done.stdout)["facts"]["jobs"] == {"completed": 1} and not store.exists(keys.job(job_id))


def test_each_run_is_listed_and_a_single_one_is_shown_whole(run: Run) -> None:
    for command in ("statistics", "health-check", ["optimize", "--yes"]):
        words = [command] if isinstance(command, str) else command
        assert run("maintenance", *words).exit_code == 0
    listed = run("maintenance", "reports").stdout
    assert all(word in listed for word in ("optimize", "health-check", "statistics", "hand"))
    shown = run("maintenance", "reports", "optimize")
    assert "Rewritten. It took 3 MiB, and takes 1 MiB." in shown.stdout and "Redis refuses MEMORY PURGE: NOPERM" in shown.stderr
    assert "How the store grows is not known" in run("maintenance", "reports", "statistics").stdout
    assert len(json.loads(run("maintenance", "reports", "--json").stdout)) == 3
    wrong = run("maintenance", "reports", "sweeping")
    assert wrong.exit_code == 2 and "there are cleanup, statistics, health-check, optimize" in wrong.stderr
