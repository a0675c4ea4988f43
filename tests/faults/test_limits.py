"""A limit of a kind over several processes that get killed: never one run more than places, and all of it is done."""

import random
import signal

import pytest

import clock
import queues
from state.engine import limits
from tests.faults import harness, work
from tests.local.real import may_run, until

pytestmark = pytest.mark.real_redis

PLACES = 2
JOBS = 40


def kill(program: harness.Program, pid: int, ledger: harness.Ledger, deaths: dict[int, float]) -> None:
    """Kill a process, and note until when it and each process below it could run: an isolated job ends with its worker."""
    below = harness.descendants(pid)
    deaths[pid] = clock.monotonic()
    program.send(signal.SIGKILL, [pid])
    while below:
        at = clock.monotonic()
        below = [one for one in below if may_run(one)]
        deaths |= dict.fromkeys(below, at)
    for line in open_runs(ledger):
        if line.pid not in deaths and not may_run(line.pid):
            deaths[line.pid] = deaths[pid]


def intervals(ledger: harness.Ledger, deaths: dict[int, float]) -> list[tuple[float, float]]:
    """When each run began and ended; one that was killed ended when its process did."""
    ends = {(line.job, line.execution): line.at for line in ledger.lines("end")}
    return [(line.at, ends.get((line.job, line.execution), deaths.get(line.pid, line.at))) for line in ledger.lines("start")]


def most_at_a_time(runs: list[tuple[float, float]]) -> int:
    """How many overlapped."""
    return max(sum(begun <= at < ended for begun, ended in runs) for at, _ in runs)


def open_runs(ledger: harness.Ledger) -> list[harness.Line]:
    """Runs that began and did not end, those of the dead included."""
    ended = {(line.job, line.execution) for line in ledger.lines("end")}
    return [line for line in ledger.lines("start") if (line.job, line.execution) not in ended]


def test_never_more_run_than_there_are_places_while_workers_are_killed(scene: harness.Env, dice: random.Random) -> None:
    limits.put("work", PLACES)
    ids = harness.submit(work.nap, 0.2, times=JOBS // 2, names=queues.QUEUES)
    ids += harness.submit(work.nap_on_loop, 0.2, times=JOBS // 2, names=queues.QUEUES)
    program = scene.worker(3, 5, TRAWL_TEST_NO_BACKOFF="1")
    deaths: dict[int, float] = {}
    for share in (0.15, 0.3, 0.45, 0.6):
        until(lambda: scene.ledger.count("end") >= share * JOBS)  # noqa: B023 (called in this turn)
        until(lambda: any(line.pid not in deaths for line in open_runs(scene.ledger)))
        busy = dice.choice([line.pid for line in open_runs(scene.ledger) if line.pid not in deaths])
        kill(program, busy, scene.ledger, deaths)
    until(lambda: scene.ledger.count("end") >= 0.75 * JOBS)
    at = clock.monotonic()
    program.close()  # all of it at once: nobody is left to put anything back
    deaths |= {line.pid: at for line in open_runs(scene.ledger) if line.pid not in deaths}
    still = harness.audit(ids)
    still.verify()
    assert still.counts()["leased"] <= PLACES and still.counts()["queued"] > 0, "what waits for a place is queued"
    scene.worker(3, 5)
    scene.settled(ids).verify()
    runs = intervals(scene.ledger, deaths)
    assert most_at_a_time(runs) == PLACES and len(runs) > JOBS, "killed runs are done again"
    killed = {line.job for line in scene.ledger.lines("start") if line.pid in deaths}
    assert {job for job, count in scene.ledger.runs().items() if count > 1} <= killed
    assert {harness.status(job) for job in ids} == {"finished"}
