"""Cancelling: a job that waits never runs, a job that runs stops at its next progress(), and its dedup claim is free again."""

from pathlib import Path
from typing import Any

import pytest
from rq.registry import CanceledJobRegistry

import queues
from errors import NotFound
from state.engine import dedup
from state.store import connection, keys
from worker import inline

RAN: list[str] = []


@queues.job(queue="low", kind="test", retries=0)
def walk(name: str, cancel_self: bool = False) -> str:
    """Three steps; it may cancel itself before the second."""
    for step in range(3):
        RAN.append(f"{name} {step}")
        if cancel_self and step == 0:
            assert queues.cancel(queues.current_job_id() or "") == "started"
        queues.progress(step + 1, 3)
    return name


@pytest.fixture(autouse=True)
def nothing_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.execution.PROGRESS_EVERY_S", 0)
    RAN.clear()


@pytest.mark.parametrize("delay_s", [0, 60])
def test_a_job_that_waits_is_cancelled_at_once_and_its_work_can_be_submitted_again(delay_s: float, store: Any) -> None:
    job_id = queues.submit(walk, "a", dedup_key="walk:a", delay_s=delay_s).job_id

    assert queues.cancel(job_id) == ("scheduled" if delay_s else "queued")

    assert inline.run_until_idle() == 0 and RAN == []
    assert queues.Job.fetch(job_id, connection=store).get_status() == "canceled"
    assert job_id in CanceledJobRegistry("low", connection=store).get_job_ids(cleanup=False)
    assert store.zcard(keys.RQ_SCHEDULED + "low") == 0 and dedup.count("walk") == 0
    assert queues.submit(walk, "a", dedup_key="walk:a").duplicate_of is None


def test_a_job_that_runs_stops_at_its_next_progress(store: Any) -> None:
    job_id = queues.submit(walk, "b", True, dedup_key="walk:b").job_id

    assert inline.run_until_idle() == 1

    assert RAN == ["b 0"]
    assert queues.Job.fetch(job_id, connection=store).get_status() == "canceled"
    assert dedup.count("walk") == 0 and store.zcard(keys.LEASES) == 0


def test_cancelling_again_or_too_late_changes_nothing(store: Any) -> None:
    waits, done = queues.submit(walk, "c").job_id, queues.submit(walk, "d").job_id
    queues.cancel(waits)
    inline.run_until_idle()
    before = {key: store.dump(key) for key in store.scan_iter("*")}

    assert (queues.cancel(waits), queues.cancel(done)) == ("canceled", "finished")

    assert {key: store.dump(key) for key in store.scan_iter("*")} == before


def test_a_job_nobody_knows_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nosuch"):
        queues.cancel("nosuch")
    assert not list(connection.client().scan_iter("*nosuch*"))
