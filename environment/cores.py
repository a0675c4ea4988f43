"""How many cores this process may use, by its affinity and by the quota of its control groups.

A container with a quota of half a core sees all cores of its machine, and so does os.cpu_count().
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path


def usable(root: Path = Path("/")) -> int:
    """Cores that this process may use, at least 1. `root`: the folder that holds /proc and /sys."""
    return max(1, min([_bound(), *(math.ceil(quota) for quota in _quotas(root))]))


def _bound() -> int:
    counted = getattr(os, "process_cpu_count", None)  # Python 3.13: also what PYTHON_CPU_COUNT says
    if counted is not None:
        return counted() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """The quota in cores of each control group, from our own group up to the root that we can see."""
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
    """(controllers, path) of the groups that may limit our CPU time. Version 2 names no controllers."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers or "cpu" in controllers.split(","):
            yield controllers, path


def _quota_v2(folder: Path) -> float | None:
    """`cpu.max` holds a quota (microseconds or `max`) and its period (microseconds)."""
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
        return path.read_text("utf-8")
    except OSError:
        return ""
