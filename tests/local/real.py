"""Real processes in tests: start a piece of Python as one, wait for a condition, see who is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

import clock
import config
from local import endpoint
from processes import children
from tests import patience

T = TypeVar("T")

PF_EXITING = 4  # linux/sched.h

Running = AbstractContextManager[subprocess.Popen[bytes]]


def until(condition: Callable[[], T], within_s: float = patience.HANG_S) -> T:
    """The first true value of `condition`; fails after `within_s`."""
    deadline = clock.monotonic() + within_s
    while not (value := condition()):
        assert clock.monotonic() < deadline, f"not within {within_s} s"
        clock.wait(0.02)
    return value


def running_url(data_dir: Path) -> str | None:
    """The URL of the embedded server of this data dir, if its process lives."""
    at = endpoint.read(data_dir.resolve() / "redis")
    return at.url if at and at.has_process else None


@contextmanager
def program(code: str, log: Path, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Python code run as a process of its own from the project's root; killed at the end of the block."""
    with log.open("ab") as output:
        command, env = [sys.executable, "-u", "-c", code], environment(env)
        process = subprocess.Popen(command, cwd=config.ROOT, env=env, stdout=output, stderr=output, process_group=0)
    try:
        yield leashed(process)
    finally:
        process.kill()
        process.wait()
        let_go(process)


def leashed(process: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
    """Have the group of this process, which it leads, ended with the tests, also where they are killed."""
    children._group_killer.remember(process.pid)
    return process


def let_go(process: "subprocess.Popen[bytes]") -> None:
    """It is over: its number may be another's soon."""
    children._group_killer.forget(process.pid)


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Our environment without settings of the developer's, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "REDIS_HOST", "DATA_DIR")}
    return {**kept, "TRAWL_NO_DOTENV": "1", **extra}


def lives(pid: int) -> bool:
    """Whether a process runs; one that is only waiting to be reaped does not."""
    proc = Path(f"/proc/{pid}")
    if Path("/proc/self/stat").exists():
        try:  # a process counts as a zombie as soon as its first thread has ended
            return (proc / "stat").read_text().rpartition(")")[2].split()[0] != "Z" or len(list((proc / "task").iterdir())) > 1
        except (FileNotFoundError, ProcessLookupError):
            return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def may_run(pid: int) -> bool:
    """Whether a process may still run a line of its program: one that was killed may not, though its end takes a moment."""
    proc = Path(f"/proc/{pid}")
    if not Path("/proc/self/stat").exists():
        return lives(pid)
    try:
        state, *fields = (proc / "stat").read_text().rpartition(")")[2].split()
        pending = next(row.split()[1] for row in (proc / "status").read_text().splitlines() if row.startswith("SigPnd"))
    except (FileNotFoundError, ProcessLookupError):
        return False
    return not (state in "ZX" or int(fields[5]) & PF_EXITING or int(pending, 16) >> (signal.SIGKILL - 1) & 1)


def left_over(mark: str) -> dict[int, str]:
    """Processes whose folder, environment or command holds `mark` (a path of this test), other than this one: pid → command."""
    if not Path("/proc/self/environ").exists():
        rows = subprocess.run(["ps", "-axEww", "-o", "pid=,command="], capture_output=True, text=True, check=True).stdout
        found = {int(row.split()[0]): row for row in rows.splitlines() if mark in row}
        return {pid: row for pid, row in found.items() if pid != os.getpid() and lives(pid)}
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                place = os.readlink(folder / "cwd").encode()  # a Redis server writes its title over its environment
                if mark.encode() in place + command + (folder / "environ").read_bytes() and lives(int(folder.name)):
                    found[int(folder.name)] = command.decode(errors="replace")
            except OSError:  # it ended while we looked, or is not ours to read
                continue
    return found
