"""Workers are as many as the cores this process may use: by affinity, and by the quota of its control groups."""

import os
from pathlib import Path

import pytest

import config
from doctor import checks
from environment import cores


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process may use eight cores of sixteen."""
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 8, raising=False)


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


V1 = "sys/fs/cgroup/cpu,cpuacct"


@pytest.mark.parametrize(
    ("files", "usable"),
    [
        ({}, 8),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, 8),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}, 1),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "250000 100000\n"}, 3),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "6400000 100000\n"}, 8),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/cpu.max": "300000 100000\n",
                "sys/fs/cgroup/a/b/cpu.max": "max 1",
            },
            3,
        ),
        ({"proc/self/cgroup": "0::/host/path/unseen\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2),
        (
            {
                "proc/self/cgroup": "5:memory:/x\n4:cpu,cpuacct:/docker/1\n0::/\n",
                f"{V1}/docker/1/cpu.cfs_quota_us": "150000\n",
                f"{V1}/docker/1/cpu.cfs_period_us": "100000\n",
            },
            2,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/1\n",
                f"{V1}/cpu.cfs_quota_us": "100000\n",  # in a container its own group looks like the root
                f"{V1}/cpu.cfs_period_us": "100000\n",
            },
            1,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/\n",
                f"{V1}/cpu.cfs_quota_us": "-1\n",
                f"{V1}/cpu.cfs_period_us": "100000\n",
            },
            8,
        ),
        ({"proc/self/cgroup": "nonsense\n\n0::/\n", "sys/fs/cgroup/cpu.max": "a b c\n"}, 8),
    ],
)
@pytest.mark.usefixtures("bound")
def test_cores_that_this_process_may_use(tmp_path: Path, files: dict[str, str], usable: int) -> None:
    assert cores.usable(tree(tmp_path, files)) == usable


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_a_process_bound_to_one_core_starts_one_worker_and_check_says_so() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert config.settings().worker_processes == 1
        assert checks._configuration().startswith("1 workers")
        with config.overridden(workers=3):
            assert config.settings().worker_processes == 3
    finally:
        os.sched_setaffinity(0, before)
