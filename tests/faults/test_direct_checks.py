"""`serp check` is a process outside all workers: killed with -9 it holds its keyword for a minute, not longer."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import clock
import config
from jobs import serp
from sandbox.server import Sandbox
from state.engine import dedup
from state.store import connection
from state.tracking import keywords
from tests import fakes, patience
from tests.local import real
from topics.tracking import projects

pytestmark = pytest.mark.real_redis


def test_a_serp_check_that_was_killed_frees_its_keyword_within_a_minute(
    real_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = projects.add("example.com")
    projects.add_keywords(project.id, ["blue shoes"])
    [word] = keywords.ids_of(project.id)
    command = [sys.executable, str(config.ROOT / "manage.py"), "serp", "check", word]
    with Sandbox(latency_ms=int(patience.HANG_S * 1000)) as hangs:
        settings = {"REDIS_URL": real_server, "SERP_PROVIDER": "sandbox", "SANDBOX_URL": hangs.url, "DATA_DIR": str(tmp_path)}
        with subprocess.Popen(command, cwd=config.ROOT, env=real.environment(settings)) as process:
            deadline = clock.monotonic() + patience.HANG_S
            while not (dedup.count() or clock.monotonic() > deadline):
                clock.wait(0.02)
            process.kill()
    [claim] = dedup.held()
    assert claim.member == word and claim.job_id.startswith(dedup.DIRECT)
    assert serp.enqueue_batch()["total"] == 0, "it may be alive for all we know"
    fakes.use(monkeypatch, fakes.serp(["https://example.com/"]))
    with clock.frozen(connection.now() + timedelta(minutes=1)):
        assert serp.track_keyword(word, force=True)["says"] == "ranked 1", "a second `serp check` takes it"
    assert dedup.count() == 0
