"""The demo, from CSV to ranks, in real processes; what is killed loses no keyword and leaves nothing behind."""

import csv
import json
import os
import re
import signal
import socket
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

import clock
from errors import ConfigError
from local import demo, endpoint, server
from sandbox import past
from sandbox.server import Sandbox
from state.store import connection
from tests import patience
from tests.local import real

pytestmark = pytest.mark.real_redis  # real processes: once, beside the other tests on a real server

#: `data_dir` is said twice: as an argument, and in the environment so that `real.left_over` knows whose processes these are.
DEMO = """
import sys
from pathlib import Path
from local import demo
from sandbox import past
invent = past.of_demo(demo.SEED, demo.NO_RESULTS) if {opened} else None
sys.exit(demo.run(Path({csv!r}), Path({folder!r}), {sandbox!r}, invent))
"""

WORKERS = 3
LIMIT_S = patience.HANG_S


def test_it_ends_with_ranks_and_a_second_run_fetches_nothing(tmp_path: Path) -> None:
    with Sandbox(domains=("a.example", "b.example"), opaque=0) as sandbox:
        first = _run(tmp_path, 20, sandbox.url)
        assert len(sandbox.requests) == 20
        second = _run(tmp_path, 20, sandbox.url)
        assert len(sandbox.requests) == 20

    assert "20 of 20; " in first and "20 of 20 keywords are fresh; next check in 23 h 59 m" in first
    assert "INVENTED" in first and re.search(r"project\s+keywords\s+ranked\s+not found\s+unknown\s+best", first)
    stored = re.search(r"e\.g\. (\S+\.json)", first)
    assert stored and Path(stored[1]).stat().st_size > 0
    assert "Nothing is due" in second and "20 of 20 keywords are fresh" in second and "Checking" not in second
    assert re.search(r"API answers at http://127.0.0.1:\d+/docs", first) and "API" not in second
    assert first.splitlines()[-1] == second.splitlines()[-1] == demo.HOW_TO_OPEN
    assert not real.left_over(str(tmp_path))


def test_opened_it_has_a_past_and_its_pages_stay_until_ctrl_c(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with _demo(tmp_path, 12, None, opened=True, PORT=str(port)) as process:
            url = _address(tmp_path)
            assert not url.endswith(f":{port}/"), "that one is taken"
            for path in ("projects", "projects/a", "projects/a/competitors"):
                page = _page(url + path)
                assert "invented" in page.lower() and "a.example" in page
            assert "Search engine update (invented)" in page and "12 of 12; " in _log(tmp_path)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=LIMIT_S) == 0, _log(tmp_path)
    assert _log(tmp_path).splitlines()[-1] == "Stopped."
    real.until(lambda: not real.left_over(str(tmp_path)))


def test_killed_while_the_past_is_invented_the_next_run_has_all_of_it(tmp_path: Path) -> None:
    with Sandbox(domains=("a.example", "b.example"), seed=demo.SEED) as sandbox:
        with _demo(tmp_path, 60, sandbox.url, opened=True) as process:
            real.until(lambda: _histories(tmp_path) > 0, LIMIT_S)
            process.kill()
            process.wait()
        real.until(lambda: not real.left_over(str(tmp_path)))

        with _demo(tmp_path, 60, sandbox.url, opened=True) as process:
            days = json.loads(_page(_address(tmp_path) + "api/v1/projects/a/overview"))["overview"]["course"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=LIMIT_S) == 0, _log(tmp_path)
        written = int(re.findall(r"([\d,]+) ranks of past days are new", _log(tmp_path))[0].replace(",", ""))
        whole = 60 * len(past.missing(clock.now().date(), set()))
        assert 0 < written < whole, "the first run wrote some of it"

        with _demo(tmp_path, 60, sandbox.url, opened=True) as process:
            _address(tmp_path, again=True)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=LIMIT_S) == 0, _log(tmp_path)
    assert sum(day["visibility"] is not None for day in days) >= 26
    assert "\n0 ranks of past days are new" in _log(tmp_path) and "Nothing is due" in _log(tmp_path)
    real.until(lambda: not real.left_over(str(tmp_path)))


def _histories(folder: Path) -> int:
    """Keywords that have a rank, in the embedded server of a demo."""
    at = endpoint.read(folder / "data" / "redis")
    if not at or not at.ask():
        return 0
    return sum(1 for _ in connection.connect(at.url).scan_iter("trawl:keyword:*:ranks", count=1000))


def _address(folder: Path, again: bool = False) -> str:
    """Where the pages of an opened demo answer, as it says; `again`: the second time."""
    said = re.compile(r"Open (http://127\.0\.0\.1:\d+/) in a browser")
    real.until(lambda: len(said.findall(_log(folder))) > again, LIMIT_S)
    return str(said.findall(_log(folder))[-1])


def _page(url: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "text/html"}), timeout=30) as reply:
        return str(reply.read().decode())


def test_an_unknown_is_shown_with_its_reason_and_its_next_attempt(tmp_path: Path) -> None:
    with Sandbox(domains=("a.example",), opaque=0) as sandbox:
        sandbox.force("captcha")
        said = _run(tmp_path, 6, sandbox.url)

    assert re.search(r"unknown: captcha \(sandbox\): keyword \d+ \(\w+\); tried again in \d m", said)
    assert "5 of 6 keywords are fresh" in said


def test_killed_halfway_the_next_run_finishes_the_rest_and_fetches_nothing_twice(tmp_path: Path) -> None:
    with Sandbox(domains=("a.example",), latency_ms=150, opaque=0) as sandbox:
        with _demo(tmp_path, 45, sandbox.url) as process:
            real.until(lambda: len(sandbox.requests) >= 15, LIMIT_S)
            process.kill()
            process.wait()
        real.until(lambda: not real.left_over(str(tmp_path)))
        assert len(sandbox.requests) < 45

        said = _run(tmp_path, 45, sandbox.url)

        fetches = Counter(seen.params["url"] for seen in sandbox.requests)
    assert len(fetches) == 45
    assert re.search(r"Waiting for \d+ checks? of a run that was killed: .* 15 s at most\.", said)
    assert sum(fetches.values()) - 45 <= WORKERS, "only what was in flight may be fetched again"
    assert "45 of 45 keywords are fresh" in said


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("valkey-server", "the embedded server was killed by SIGKILL; it runs again"),
        ("manage.py sandbox", "sandbox was killed by SIGKILL; it is started again"),
        ("manage.py scheduler", "scheduler was killed by SIGKILL; it is started again"),
        ("manage.py web", "web was killed by SIGKILL; it is started again"),
        ("manage.py worker", "worker was killed by SIGKILL; it is started again"),
    ],
)
def test_a_part_that_is_killed_is_named_and_comes_back(tmp_path: Path, command: str, says: str) -> None:
    """With its own sandbox: checks that found it away are failed ones, never ranks, and the run still comes to its end."""
    with _demo(tmp_path, 60, None) as process:
        real.until(lambda: re.search(r"[1-9]\d* of 60;", _log(tmp_path)), LIMIT_S)
        os.kill(min(pid for pid, line in real.left_over(str(tmp_path)).items() if command in line), signal.SIGKILL)

        assert process.wait(timeout=LIMIT_S) == 0, _log(tmp_path)

    assert says in _log(tmp_path)
    assert "60 of 60; " in _log(tmp_path)
    real.until(lambda: not real.left_over(str(tmp_path)))


def test_ctrl_c_stops_all_and_says_that_nothing_is_lost(tmp_path: Path) -> None:
    with _demo(tmp_path, 200, None) as process:
        real.until(lambda: re.search(r"[1-9]\d* of 200;", _log(tmp_path)), LIMIT_S)
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=LIMIT_S) == 130

    assert "No keyword is lost" in _log(tmp_path)
    [log] = tmp_path.rglob("worker.log")
    checked = log.read_text()
    assert "Checked" in checked and "category=network" not in checked, "the sandbox serves until the last fetch has ended"
    real.until(lambda: not real.left_over(str(tmp_path)))


def test_a_redis_with_projects_of_the_user_is_left_alone(tmp_path: Path) -> None:
    """The demo's workers would give them invented ranks."""
    with server.running(tmp_path / "theirs") as url:
        connection.connect(url).sadd("trawl:projects", "theirs")

        with _demo(tmp_path, 5, None, REDIS_URL=url) as process:
            assert process.wait(timeout=LIMIT_S) == 1

        assert connection.connect(url).smembers("trawl:projects") == {b"theirs"}
    assert f"{ConfigError.__name__}: REDIS_URL names a Redis with projects of yours (theirs)" in _log(tmp_path)


def test_the_example_file_has_three_projects_of_unequal_size() -> None:
    with demo.KEYWORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    sizes = sorted(Counter(row["project"] for row in rows).values())
    assert (len(rows), len(sizes)) == (500, 3) and sizes[0] * 10 < sizes[-1]
    assert len({(row["project"], row["keyword"].casefold()) for row in rows}) == 500


def _run(folder: Path, number: int, sandbox_url: str | None) -> str:
    """Run the demo to its end; what it said."""
    before = len(_log(folder))
    with _demo(folder, number, sandbox_url) as process:
        assert process.wait(timeout=LIMIT_S) == 0, _log(folder)
    return _log(folder)[before:]


def _demo(folder: Path, number: int, sandbox_url: str | None, opened: bool = False, **env: str) -> real.Running:
    """The demo with `number` keywords of two projects."""
    path = folder / "keywords.csv"
    rows = [f"{'a' if at % 3 else 'b'},{'a' if at % 3 else 'b'}.example,keyword {at}" for at in range(number)]
    path.write_text("project,domain,keyword\n" + "\n".join(rows) + "\n")
    code = DEMO.format(csv=str(path), folder=str(folder / "data"), sandbox=sandbox_url, opened=opened)
    return real.program(code, folder / "log", DATA_DIR=str(folder / "data"), WORKERS=str(WORKERS), WORKER_THREADS="1", **env)


def _log(folder: Path) -> str:
    return (folder / "log").read_text() if (folder / "log").exists() else ""
