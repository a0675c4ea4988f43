"""Kills the programs that a thread of this process started, and weighs them. Without /proc (macOS) it finds none."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from processes import parent_death

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


def group_runs(group: int) -> bool:
    """Whether a process of this group runs. One that has ended does not, even if nobody has reaped it."""
    if not parent_death.signal_group(group, 0):
        return False
    members = [fields for pid in _listed(PROC) if pid.name.isdigit() and (fields := _stat(pid)) and int(fields[2]) == group]
    return not members or any(fields[0] not in "ZX" or int(fields[17]) > 1 for fields in members)  # threads may outlive the first


def memory_mb() -> int:
    """The memory of all descendants of this process in MB: their own, and each one's share of what they have in common."""
    return sum(map(_tree_kb, {pid for task in _listed(PROC / "self" / "task") for pid in _children(task)})) >> 10


def _tree_kb(pid: int) -> int:
    below = {child for task in _listed(PROC / str(pid) / "task") for child in _children(task)}
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text("utf-8")
        own = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    except (OSError, StopIteration):  # it ended
        own = 0
    return own + sum(map(_tree_kb, below))


def _children(task: Path) -> list[int]:
    try:
        return [int(pid) for pid in (task / "children").read_text("utf-8").split()]
    except OSError:  # it ended, or the kernel has no such file
        return []


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _started(pid: int) -> float:
    """When the process started, in seconds after the machine did; 0 if it has ended."""
    fields = _stat(PROC / str(pid))
    return (int(fields[19]) + 1) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _stat(process: Path) -> list[str]:
    """The fields of `stat` from the state on (proc(5) numbers it 3); none if the process has ended.

    The name before them is bytes of any kind: the system cuts it after 15, perhaps within a letter.
    """
    try:
        return (process / "stat").read_text("latin-1").rpartition(")")[2].split()
    except OSError:
        return []
