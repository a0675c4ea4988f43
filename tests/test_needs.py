"""What is missing to run at all is told in one line, with what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from environment import needs

BLOCKING = "import os, sys\nfor name in os.environ['BLOCKED'].split():\n    sys.modules[name] = None\n"


def run_without(folder: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    """`manage.py status` on a Python that lacks these modules."""
    (folder / "sitecustomize.py").write_text(BLOCKING)
    env = {**os.environ, "PYTHONPATH": str(folder), "BLOCKED": " ".join(modules)}
    command = [sys.executable, str(needs.ROOT / "manage.py"), "status"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("rich_click", "pip install -r requirements.txt"),
        ("redis", "is not installed"),
        ("_ctypes", "libffi-dev"),
    ],
)
def test_a_package_or_module_that_is_not_there_is_named_in_one_line(tmp_path: Path, module: str, words: str) -> None:
    found = run_without(tmp_path, module)

    assert found.returncode == 1 and found.stdout == ""
    assert (
        found.stderr.count("\n") == 1 and found.stderr.startswith("Error: ") and words in found.stderr and module in found.stderr
    )


def test_a_module_of_ours_that_is_not_there_keeps_its_trace() -> None:
    assert needs.missing("commands.no_such") is None and needs.missing("config") is None and needs.missing("") is None


def test_an_older_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (needs.ROOT / "environment" / "needs.py").read_text("utf-8")
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is 3\.9"):
        exec(compile(text, "needs.py", "exec"), {"__name__": "needs", "__file__": str(needs.ROOT / "environment" / "needs.py")})
