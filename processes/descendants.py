"""Ends the programs that a thread of ours started and waits for. Where there is no /proc (macOS), none are found."""

import os
import signal
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def end_of_thread(thread: int, since: float) -> int:
    """kill -9 to what this thread (its native id) started after `since` (of clock.monotonic()), and to what that started.

    Says how many there were.
    """
    ended = 0
    for pid in _children(PROC / "self" / "task" / str(thread)):
        if _started(pid) >= since:
            ended += end_tree(pid)
    return ended


def end_below() -> None:
    """kill -9 to everything that descends from this process; what has cut itself loose from it is no more below it."""
    for task in _listed(PROC / "self" / "task"):
        for pid in _children(task):
            end_tree(pid)


def end_tree(pid: int) -> int:
    """kill -9 to a process and to everything that descends from it, in whatever group or session; says how many there were."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)  # it must not start another one meanwhile
        below = [child for task in _listed(PROC / str(pid) / "task") for child in _children(task)]
        os.kill(pid, signal.SIGKILL)
        return 1 + sum(end_tree(child) for child in below)
    return 0


def _children(task: Path) -> list[int]:
    try:
        return [int(pid) for pid in (task / "children").read_text().split()]
    except OSError:  # it ended, or this kernel does not tell
        return []


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _started(pid: int) -> float:
    """Seconds from the start of the machine to that of the process; 0 where it is gone."""
    try:
        ticks = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return 0.0
    return (int(ticks) + 1) / os.sysconf("SC_CLK_TCK")
