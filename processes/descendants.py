"""Kills the programs that a thread of this process started. Without /proc (macOS) it finds none."""

import os
import signal
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def end_of_thread(thread: int, since: float) -> int:
    """Kill what this thread (its native id) started after `since` (of clock.monotonic()), and all descendants of that.

    Returns how many processes were killed.
    """
    ended = 0
    for pid in _children(PROC / "self" / "task" / str(thread)):
        if _started(pid) >= since:
            ended += end_tree(pid)
    return ended


def end_below() -> None:
    """Kill all descendants of this process, but for those that detached themselves."""
    for task in _listed(PROC / "self" / "task"):
        for pid in _children(task):
            end_tree(pid)


def end_tree(pid: int) -> int:
    """Kill a process and all its descendants, in any group or session. Returns how many there were."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)  # it must not start another process meanwhile
        below = [child for task in _listed(PROC / str(pid) / "task") for child in _children(task)]
        os.kill(pid, signal.SIGKILL)
        return 1 + sum(end_tree(child) for child in below)
    return 0


def _children(task: Path) -> list[int]:
    try:
        return [int(pid) for pid in (task / "children").read_text().split()]
    except OSError:  # it ended, or the kernel has no such file
        return []


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _started(pid: int) -> float:
    """When the process started, in seconds after the machine did; 0 if it has ended."""
    try:
        ticks = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return 0.0
    return (int(ticks) + 1) / os.sysconf("SC_CLK_TCK")
