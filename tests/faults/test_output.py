"""Processes that lose their output: the reader is gone or stands still, it is full or closed. No job and no process ends."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import clock
import config
from state.engine import heartbeats, leases
from tests.faults import copies, harness, work
from tests.local.real import environment, until

pytestmark = pytest.mark.real_redis

WORDS = "these words"


@contextmanager
def writing(scene: harness.Env, argv: list[str], output: int | None, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of ours whose output goes to this descriptor; None: its descriptors are closed."""
    given = {"REDIS_URL": scene.server.url, "TRAWL_TEST_LEDGER": str(scene.ledger.path), "PYTHONUNBUFFERED": "", **env}
    command = [sys.executable, "-m", "tests.faults.kill_points", *argv]
    if output is None:
        command = ["/bin/sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command]
    process = subprocess.Popen(command, cwd=config.ROOT, env=environment(given), stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def piped(scene: harness.Env, argv: list[str], **env: str) -> "tuple[int, contextmanager[subprocess.Popen[bytes]]]":
    """The reading end of its output, and the program."""
    ours, theirs = os.pipe()
    return ours, _closing(theirs, writing(scene, argv, theirs, **env))  # type: ignore[return-value]


@contextmanager
def _closing(descriptor: int, program: "contextmanager[subprocess.Popen[bytes]]") -> Iterator[subprocess.Popen[bytes]]:
    with program as process:  # type: ignore[attr-defined]
        os.close(descriptor)
        yield process


def run_jobs(scene: harness.Env, times: int = 30) -> None:
    """Jobs that print, in threads and in processes of their own: all of them end well."""
    ids = harness.submit(copies.say, WORDS, times=times) + harness.submit(copies.say_apart, WORDS, times=3)
    scene.settled(ids).verify()
    assert {harness.status(job) for job in ids} == {"finished"}


WORKER = ["worker", "--processes", "2", "--threads", "3", "--max-jobs", "10"]


def test_a_worker_whose_reader_has_gone_works_recycles_and_stops_as_ever(scene: harness.Env) -> None:
    ours, program = piped(scene, WORKER)
    with program as worker:  # type: ignore[attr-defined]
        os.read(ours, 1)
        os.close(ours)
        run_jobs(scene)
        assert worker.poll() is None
        worker.terminate()
        assert worker.wait(30) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk at hand")
def test_a_worker_whose_disk_is_full_works_on(scene: harness.Env) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    with writing(scene, WORKER, full) as worker:
        run_jobs(scene)
        worker.terminate()
        assert worker.wait(30) == 0
    os.close(full)


def test_a_worker_that_was_started_without_output_works(scene: harness.Env) -> None:
    with writing(scene, WORKER, None) as worker:
        run_jobs(scene)
        worker.terminate()
        assert worker.wait(30) == 0


def test_a_reader_that_stands_still_costs_no_lease(scene: harness.Env) -> None:
    """Nobody reads the pipe, and jobs print more than it holds: what does not fit is dropped, and the log says so later."""
    ours, program = piped(scene, ["worker", "--processes", "1", "--threads", "3"])
    with program as worker:  # type: ignore[attr-defined]
        talkers = harness.submit(copies.say_much, 2, times=2)
        [long] = harness.submit(work.nap, leases.LEASE_MS / 1000 + 5)
        scene.settled([*talkers, long]).verify()
        assert set(scene.ledger.runs().values()) == {1}, "no lease ran out"
        assert {harness.status(job) for job in [*talkers, long]} == {"finished"}
        told: list[bytes] = []
        reader = threading.Thread(target=lambda: told.extend(iter(lambda: os.read(ours, 65536), b"")))
        reader.start()
        scene.settled(harness.submit(copies.say, WORDS)).verify()
        until(lambda: b"bytes of output were dropped" in b"".join(told) and WORDS.encode() in b"".join(told))
        worker.terminate()
        assert worker.wait(30) == 0
    reader.join(30)
    os.close(ours)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_jobs_print_arrives(scene: harness.Env, unbuffered: str) -> None:
    log = scene.folder / "output"
    with log.open("ab") as output, writing(scene, WORKER, output.fileno(), PYTHONUNBUFFERED=unbuffered) as worker:
        [plain] = harness.submit(copies.say, "from a thread")
        [apart] = harness.submit(copies.say_apart, "from a process")
        scene.settled([plain, apart]).verify()
        lines = log.read_text()
        assert lines.count("from a thread\n") == 2 and "from a process\nfrom a process half" in lines, "while the worker runs"
        [crash] = harness.submit(copies.say_apart, "before the crash", "crash")
        until(lambda: harness.status(crash) in ("scheduled", "failed"))
        assert "before the crash\n" in log.read_text()
        worker.terminate()
        assert worker.wait(30) == 0


@pytest.mark.parametrize("how", ["close", "replace", "silence", "basicConfig", "disable"])
def test_a_job_that_takes_the_output_away_ends_no_worker_and_what_follows_is_logged(scene: harness.Env, how: str) -> None:
    program = scene.worker(1, 3)
    [worker] = program.workers()
    [beside] = harness.submit(work.hold)
    until(lambda: scene.ledger.count("start"))
    [harm] = harness.submit(copies.take_the_output_away, how)
    until(lambda: harness.status(harm) == "finished")
    said = '"event": "job failed: tests.faults.work.fail_late"'
    until(lambda: harness.submit(work.fail_late) and (clock.wait(0.1) or program.said(said)))
    assert worker in program.workers()
    scene.ledger.let_go()
    scene.settled([beside]).verify()
    assert scene.ledger.runs()[beside] == 1


@pytest.mark.parametrize("func", [copies.tell, copies.tell_on_loop], ids=["thread", "loop"])
def test_a_line_that_a_job_logs_names_the_job(scene: harness.Env, func: Callable[..., object]) -> None:
    program = scene.worker(1, 4)
    ids = [harness.submit(func, f"words {number}")[0] for number in range(4)]
    until(lambda: program.said('"event": "words ') == len(ids))
    lines = [json.loads(line) for line in program.log.read_text().splitlines() if '"event": "words ' in line]
    assert {line["event"]: line["job"] for line in lines} == {f"words {number}": job for number, job in enumerate(ids)}


ON_A_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def test_a_job_that_reads_from_the_terminal_finds_nothing_and_stops_nobody(scene: harness.Env) -> None:
    """The kernel stops the whole process group of whoever reads in the background: the worker, and all its jobs."""
    screen, terminal = os.openpty()
    worker_options = ["worker", "--processes", "1", "--threads", "3"]
    command = [sys.executable, "-c", ON_A_TERMINAL, "-m", "tests.faults.kill_points", *worker_options]
    env = environment({"REDIS_URL": scene.server.url, "TRAWL_TEST_LEDGER": str(scene.ledger.path)})
    with (scene.folder / "log").open("wb") as log:
        worker = subprocess.Popen(
            command, cwd=config.ROOT, env=env, stdin=terminal, stdout=log, stderr=log, start_new_session=True
        )
    try:
        naps = harness.submit(work.nap, 2.0, times=2)
        readers = harness.submit(copies.read_the_terminal) + harness.submit(copies.read_the_terminal_apart)
        scene.settled([*naps, *readers], 60).verify()
        assert {harness.status(job) for job in [*naps, *readers]} == {"finished"}
        assert {scene.ledger.runs()[job] for job in naps} == {1}
        worker.terminate()
        assert worker.wait(30) == 0
    finally:
        worker.kill()
        worker.wait()
        os.close(terminal)
        os.close(screen)


def test_a_scheduler_whose_reader_has_gone_goes_on(scene: harness.Env) -> None:
    ours, program = piped(scene, ["scheduler"])
    with program as scheduler:  # type: ignore[attr-defined]
        os.read(ours, 1)
        os.close(ours)
        until(lambda: heartbeats.last_beat("scheduler"))
        scene.server.send(signal.SIGKILL)  # it has something to complain of
        harness.passed(2)
        back_at = clock.now()
        scene.server.start()
        until(lambda: (beat := heartbeats.last_beat("scheduler")) and beat > back_at)
        assert scheduler.poll() is None
        scheduler.terminate()
        assert scheduler.wait(30) == 0
