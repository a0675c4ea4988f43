"""A new release takes the place of the files of processes that run: they go on as they were, and so do those they start."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import config
from state.store import connection, keys
from tests.faults import harness, work
from tests.local.real import environment, lives, until

pytestmark = pytest.mark.real_redis

FUNCS = (work.walk_and_submit, work.walk_and_submit_apart, work.walk_and_submit_on_loop)


class Copied(harness.Program):
    """A program of a copy of this project."""

    def __init__(self, argv: list[str], log: Path, env: dict[str, str], home: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "tests.faults.kill_points", *argv],
                cwd=home,
                env=environment(env),
                stdout=output,
                stderr=output,
                process_group=0,
            )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The copy."""
    ignored = shutil.ignore_patterns(".*", "data", "samples", "benchmarks")
    return Path(shutil.copytree(config.ROOT, tmp_path / "release", ignore=ignored))


def started(scene: harness.Env, home: Path, *argv: str) -> Copied:
    given = {"REDIS_URL": scene.server.url, "TRAWL_TEST_LEDGER": str(scene.ledger.path), "LOG_FORMAT": "json"}
    made = Copied(list(argv), scene.folder / f"log{len(scene.programs)}", given, home)
    scene.programs.append(made)
    return made


@pytest.mark.parametrize("gone", ["moved", "removed"])
def test_worker_and_scheduler_go_on_without_their_files(scene: harness.Env, home: Path, gone: str) -> None:
    program = started(scene, home, "worker", "--processes", "1", "--threads", "4", "--max-jobs", "30")
    scheduler = started(scene, home, "scheduler")
    until(lambda: program.said("Ready to process jobs") and scheduler.said("Scheduler is up"))
    shutil.rmtree(home) if gone == "removed" else home.rename(home.with_name("elsewhere"))

    ids = [job for func in FUNCS for job in harness.submit(func, times=3)] + harness.submit(work.nap, 2.0)
    [failed] = harness.submit(work.fail_late)
    scene.settled([*ids, failed]).verify()
    assert {harness.status(job) for job in ids} == {"finished"}, program.log.read_text()[-3000:]
    assert "ValueError" in harness.record(failed)["error_message"] or "idna" in harness.record(failed)["error_message"]

    children = [row for row in harness.processes() if row[1] == str(program.pid)]
    program.send(signal.SIGKILL, [int(pid) for pid, _, *args in children if "parent_death.py watch" in "".join(args)])
    [worker] = program.workers()
    held = harness.submit(work.hold, times=2)
    until(lambda: all(scene.ledger.lines("start", job) for job in held))
    os.kill(worker, signal.SIGKILL)  # the supervisor takes back what it held, and starts another one
    until(lambda: all(len(scene.ledger.lines("start", job)) == 2 for job in held))
    scene.ledger.let_go()
    more = [job for func in FUNCS for job in harness.submit(func, times=20)]  # more than one process runs before it is replaced
    scene.settled([*held, *more]).verify()
    assert {harness.status(job) for job in [*held, *more]} == {"finished"}, program.log.read_text()[-3000:]

    until(lambda: connection.client().exists(keys.heartbeat("scheduler")))
    assert scheduler.process.poll() is None and program.process.poll() is None
    assert program.said("FileNotFoundError") == scheduler.said("FileNotFoundError") == 0
    family = program.family()
    assert program.stop(40) == 0 and scheduler.stop(40) == 0
    until(lambda: not any(lives(pid) for pid in family))
