"""`worker`, `scheduler`, `redis`, `up`, `demo`, `sandbox`: each is one call, and its exit code is the command's."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import config
from environment import cores
from local import ports
from sandbox import options as sandbox_options
from tests import patience
from tests.commands.conftest import Run
from tests.local import real
from worker.process import Options

EVERY_OPTION = "worker --processes 3 --threads 7 --tasks 9 --queues high,low --weighted --burst --max-jobs 5"


@pytest.mark.parametrize(
    ("args", "target", "called_with"),
    [
        (["worker"], "worker.supervisor.run", (cores.usable(), Options(max_jobs=1000, max_rss_mb=1024))),
        (
            EVERY_OPTION.split(),
            "worker.supervisor.run",
            (3, Options(["high", "low"], 7, 9, max_jobs=5, max_rss_mb=1024, weighted=True, burst=True)),
        ),
        (["scheduler"], "scheduler.run", ()),
        (["redis"], "local.server.run_foreground", ()),
        (["up"], "local.up.run", (config.ROOT / "Procfile",)),
        (["demo"], "local.demo.run", (None,)),
        (["web"], "web.process.run", (None, None)),
        (["web", "--host", "0.0.0.0", "--port", "8123"], "web.process.run", ("0.0.0.0", 8123)),
    ],
)
def test_a_process_command_is_one_call_whose_exit_code_it_passes_on(
    run: Run, args: list[str], target: str, called_with: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    monkeypatch.setattr(target, lambda *given, **named: calls.append((*given, *named.values())) or 3)

    result = run(*args)

    assert (result.exit_code, calls) == (3, [called_with])


def test_the_sandbox_listens_where_the_settings_say_and_takes_every_knob(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[sandbox_options.Options, int]] = []
    monkeypatch.setattr("sandbox.server.serve", lambda knobs, *, port, say: served.append((knobs, port)))

    with config.overridden(sandbox_url="http://127.0.0.1:8123", sandbox_latency_ms=7):
        run("sandbox")
        options = "--port 8124 --latency-ms 0 --captcha 0.5 --status-429 0.1 --domains a.com,b.com --credits 5"
        run("sandbox", *options.split())

    assert served == [
        (sandbox_options.Options(latency_ms=7), 8123),
        (sandbox_options.Options(captcha=0.5, status_429=0.1, domains=("a.com", "b.com"), credits=5), 8124),
    ]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--captcha", "2"], 2, "Invalid value for '--captcha': 2.0 is not in the range 0<=x<=1."),
        (["--replay", "/no/such"], 1, "holds no recorded pages: serp/truth.jsonl is missing"),
    ],
)
def test_a_sandbox_that_cannot_be_is_one_line(run: Run, args: list[str], code: int, says: str) -> None:
    result = run("sandbox", *args)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (code, "", 1) and says in result.stderr


def test_the_sandbox_answers_until_it_is_told_to_end(tmp_path: Path) -> None:
    port = ports.free_port()
    command = [sys.executable, "-u", "manage.py", "sandbox", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=config.ROOT, env=real.environment({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and "INVENTED" in process.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/info?token=x") as reply:
            assert b"IsActive" in reply.read()
        os.kill(process.pid, signal.SIGTERM)
        _, said = process.communicate(timeout=patience.HANG_S)

    assert (process.returncode, said) == (0, "")


@pytest.mark.real_redis
def test_a_user_imports_enqueues_works_and_sees_ranks(run: Run, real_server: str, provider: Any, tmp_path: Path) -> None:
    file = tmp_path / "keywords.csv"
    file.write_text("domain,keyword\n" + "".join(f"example.com,keyword {number}\n" for number in range(12)))
    assert run("keyword", "import", file).exit_code == 0
    assert run("serp", "batch").exit_code == 0

    names = {"REDIS_URL": real_server, "SERP_PROVIDER": "sandbox", "SANDBOX_URL": provider.url, "DATA_DIR": str(tmp_path)}
    worker = subprocess.run(
        [sys.executable, "manage.py", "worker", "--processes", "2", "--burst"],
        cwd=config.ROOT,
        env=real.environment(names),
        capture_output=True,
        text=True,
        timeout=patience.HANG_S,
        check=False,
    )

    assert worker.returncode == 0, worker.stderr
    says = [line.split("\t")[2] for line in run("keyword", "list", "example.com").stdout.splitlines()[1:]]
    assert len(says) == 12 and all(said.startswith(("ranked ", "not found ")) and said.endswith("(sandbox)") for said in says)
    assert "scraped in the last hour\t12\n" in run("status").stdout
    assert run("serp", "batch").stdout.startswith("Enqueued batch of 0 ")
