"""How many cores this process may use: those it is bound to, and as many as its control groups give it time for.

A container that may use half a core of a large machine sees all of its cores; os.cpu_count() does, too.
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path


def usable(root: Path = Path("/")) -> int:
    """At least 1. `root`: where /proc and /sys are looked for."""
    return max(1, min([_bound(), *(math.ceil(quota) for quota in _quotas(root))]))


def _bound() -> int:
    counted = getattr(os, "process_cpu_count", None)  # Python 3.13: also what PYTHON_CPU_COUNT says
    if counted is not None:
        return counted() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """Cores that each of our control groups gives time for, from ours up to the root of what we see."""
    for controllers, path in _groups(root):
        mounts = ["", "unified"] if not controllers else ["cpu", "cpu,cpuacct", "cpuacct,cpu"]
        for mount in mounts:
            top = root / "sys/fs/cgroup" / mount
            group = top / path.lstrip("/")
            for folder in (group, *group.parents):
                if not folder.is_relative_to(top):
                    break
                quota = _quota_v1(folder) if controllers else _quota_v2(folder)
                if quota is not None:
                    yield quota


def _groups(root: Path) -> Iterator[tuple[str, str]]:
    """(controllers, path) of the groups that may limit our time; version 2 names no controllers."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers or "cpu" in controllers.split(","):
            yield controllers, path


def _quota_v2(folder: Path) -> float | None:
    """`cpu.max`: microseconds of time, or max, in so many microseconds."""
    words = _read(folder / "cpu.max").split()
    return _ratio(*words) if len(words) == 2 else None


def _quota_v1(folder: Path) -> float | None:
    return _ratio(_read(folder / "cpu.cfs_quota_us").strip(), _read(folder / "cpu.cfs_period_us").strip())


def _ratio(quota: str, period: str) -> float | None:
    try:
        time_us, of_us = int(quota), int(period)
    except ValueError:  # max, or no such file
        return None
    return time_us / of_us if time_us > 0 and of_us > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
