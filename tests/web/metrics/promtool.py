"""promtool, which checks metrics and alert rules. Debian's package `prometheus` has it."""

import os
import shutil
import subprocess

import pytest


def run(*words: str, text: str | None = None) -> tuple[int, str]:
    """The exit code and all that promtool said to these words. Without promtool the test is skipped; in CI it fails."""
    program = shutil.which("promtool")
    if not program and os.environ.get("CI"):
        pytest.fail("Metrics and alerts are checked by promtool, and there is none.")
    if not program:
        pytest.skip("There is no promtool: Debian's package `prometheus` has it.")
    done = subprocess.run([program, *words], input=text, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr
