"""`manage.py up`: runs the Procfile, keeps it running, and leaves nothing behind."""

import os
import re
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest
import redis
import requests

import config
from errors import ConfigError
from local import endpoint, ports, server, up
from tests import patience
from tests.local import real

pytestmark = pytest.mark.real_redis  # real processes: once, beside the other tests on a real server

UP = "import sys\nfrom pathlib import Path\nfrom local import up\nsys.exit(up.run(Path({procfile!r})))"

#: Says its pid and where Redis is, then works until it is asked to end, which it does politely.
POLITE = (
    'python -c "import os, signal, sys, time; '
    "signal.signal(signal.SIGTERM, lambda *_: (print('polite end'), sys.exit(0))); "
    "print('pid', os.getpid(), os.environ['REDIS_URL']); time.sleep(300)\""
)

#: Says half a line, and the other half when it may.
TALKS = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
print("x" * 200_000)
print("half", end="", flush=True)
(folder / "half").touch()
while not (folder / "go").exists():
    time.sleep(0.01)
print(" whole", flush=True)
time.sleep(300)
"""

DEAF = "python -c \"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(300)\""


def test_it_runs_the_procfile_with_a_server_and_stops_all_on_sigterm(tmp_path: Path) -> None:
    with _up(tmp_path, f"first: {POLITE}\nsecond: {POLITE}\n") as process:
        real.until(lambda: len(_pids(tmp_path)) == 2)
        url = re.findall(r"redis://\S+", _log(tmp_path))[0]
        assert redis.Redis.from_url(url).ping() and url == real.running_url(tmp_path)
        process.terminate()

        assert process.wait(timeout=patience.HANG_S) == 0

    assert _log(tmp_path).count("polite end") == 2
    assert re.search(r"^\d\d:\d\d:\d\d first +\| pid \d+", _log(tmp_path), re.MULTILINE)
    real.until(lambda: not real.left_over(str(tmp_path)))


def test_the_programs_of_a_compound_line_are_asked_too(tmp_path: Path) -> None:
    with _up(tmp_path, f"worker: cd . && {POLITE}; true\n") as process:
        real.until(lambda: _pids(tmp_path))
        process.terminate()

        assert process.wait(timeout=patience.HANG_S) == 0

    assert "polite end" in _log(tmp_path)


def test_a_second_ctrl_c_ends_what_does_not_listen(tmp_path: Path) -> None:
    with _up(tmp_path, f"deaf: {DEAF}\n") as process:
        real.until(lambda: "| deaf" in _log(tmp_path))
        process.send_signal(signal.SIGINT)
        real.until(lambda: "stopping" in _log(tmp_path))
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=patience.HANG_S) == 0
    real.until(lambda: not real.left_over(str(tmp_path)))


def test_kill_9_of_it_leaves_no_process_behind(tmp_path: Path) -> None:
    with _up(tmp_path, f"polite: {POLITE}\ndeaf: {DEAF}\nshell: sleep 300 & sleep 301; true\n") as process:
        real.until(lambda: _pids(tmp_path) and "| deaf" in _log(tmp_path))
        real.until(lambda: len(real.left_over(str(tmp_path))) >= 7)  # itself, server, watchdog, and what the three lines started
        process.kill()
        process.wait()

    real.until(lambda: not real.left_over(str(tmp_path)))


def test_a_process_that_dies_is_started_again_and_it_says_so(tmp_path: Path) -> None:
    with _up(tmp_path, f"worker: {POLITE}\n") as process:
        [first] = real.until(lambda: _pids(tmp_path))
        os.kill(first, signal.SIGKILL)

        real.until(lambda: len(_pids(tmp_path)) == 2)

        assert "worker was killed by SIGKILL; it is started again in 0.5 s" in _log(tmp_path)
        process.terminate()
        assert process.wait(timeout=patience.HANG_S) == 0


def test_a_server_that_dies_comes_back_at_the_same_url_and_nobody_is_restarted(tmp_path: Path) -> None:
    with _up(tmp_path, f"worker: {POLITE}\n") as process:
        real.until(lambda: _pids(tmp_path))
        url = real.running_url(tmp_path) or ""
        os.kill(int(redis.Redis.from_url(url).info()["process_id"]), signal.SIGKILL)

        real.until(lambda: "it runs again with its data" in _log(tmp_path))

        assert redis.Redis.from_url(url).ping() and len(_pids(tmp_path)) == 1
        process.terminate()
        assert process.wait(timeout=patience.HANG_S) == 0


def test_a_process_that_keeps_dying_stops_all_and_is_named(tmp_path: Path) -> None:
    with _up(tmp_path, f"fine: {POLITE}\nbroken: exit 3\n", faster=True) as process:
        assert process.wait(timeout=patience.HANG_S) == 1

    assert "broken ended with exit code 3, for the 5th time within a minute" in _log(tmp_path)
    real.until(lambda: not real.left_over(str(tmp_path)))


def test_a_configured_redis_is_not_doubled(tmp_path: Path) -> None:
    with server.running(tmp_path / "other") as url, _up(tmp_path, f"worker: {POLITE}\n", REDIS_URL=url) as process:
        real.until(lambda: _pids(tmp_path))
        assert url in _log(tmp_path)
        process.terminate()
        assert process.wait(timeout=patience.HANG_S) == 0

    assert not (tmp_path / "redis").exists()


def test_lines_of_many_bytes_and_half_lines_come_whole(tmp_path: Path) -> None:
    program = tmp_path / "talks.py"
    program.write_text(TALKS)
    with _up(tmp_path, f"talks: python {program} {tmp_path}\n") as process:
        real.until(lambda: (tmp_path / "half").exists() and "x\n" in _log(tmp_path))
        assert "half" not in _log(tmp_path)
        (tmp_path / "go").touch()
        real.until(lambda: "| half whole\n" in _log(tmp_path))
        process.terminate()
        assert process.wait(timeout=patience.HANG_S) == 0

    assert "| " + "x" * 200_000 + "\n" in _log(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "there is no"),
        ("# nothing\n", "names no process"),
        ("release: true\n", "names no process"),
        ("a: x\na: y\n", "a process twice"),
        ("web: x\n\nworker python manage.py worker\n", "line 3 of"),
        ("web: x\nworker:\n", "line 2 of"),
    ],
)
def test_a_procfile_that_says_nothing_is_refused(tmp_path: Path, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / "Procfile").write_text(text)

    with pytest.raises(ConfigError, match=says):
        up.run(tmp_path / "Procfile")


def test_a_port_that_is_taken_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: python manage.py web\n")
    with socket.socket() as taken:
        taken.bind((endpoint.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with config.overridden(port=port), pytest.raises(ConfigError, match=f"PORT={port} is taken"):
            up.run(tmp_path / "Procfile")


def test_the_web_process_answers_and_sees_the_worker_beside_it(tmp_path: Path) -> None:
    port = ports.free_port()
    with _up(tmp_path, "web: python manage.py web\nworker: python manage.py worker\n", PORT=str(port), WORKERS="1") as process:

        def workers() -> int:
            with suppress(requests.ConnectionError):
                return requests.get(f"http://127.0.0.1:{port}/health", timeout=patience.HANG_S).json()["workers"] or 0
            return 0

        real.until(workers)
        process.terminate()
        assert process.wait(timeout=patience.HANG_S) == 0

    assert f"Ready: http://127.0.0.1:{port}" in _log(tmp_path)
    real.until(lambda: not real.left_over(str(tmp_path)))


def test_release_is_run_once_before_the_others(tmp_path: Path) -> None:
    with _up(tmp_path, f"worker: {POLITE}\nrelease: sleep 0.3 && echo is released && test -n $REDIS_URL\n") as process:
        real.until(lambda: _pids(tmp_path))
        process.terminate()
        assert process.wait(timeout=patience.HANG_S) == 0
    log = _log(tmp_path)
    assert log.count("| is released") == 1 and log.index("| is released") < log.index("| pid ")
    assert "started worker; Ctrl-C" in log and "release ended" not in log


def test_nothing_starts_where_release_fails(tmp_path: Path) -> None:
    with _up(tmp_path, f"worker: {POLITE}\nrelease: echo no table; exit 3\n") as process:
        assert process.wait(timeout=patience.HANG_S) == 1
    assert "| no table" in _log(tmp_path) and "release ended with exit code 3: nothing else is started" in _log(tmp_path)
    assert not _pids(tmp_path)


def test_a_stop_signal_ends_release_too(tmp_path: Path) -> None:
    with _up(tmp_path, f"release: {POLITE}\nworker: {POLITE}\n") as process:
        real.until(lambda: _pids(tmp_path))
        process.terminate()
        assert process.wait(timeout=patience.HANG_S) == 0
    assert "polite end" in _log(tmp_path) and len(_pids(tmp_path)) == 1
    real.until(lambda: not real.left_over(str(tmp_path)))


def _up(folder: Path, procfile: str, faster: bool = False, **env: str) -> "real.Running":
    (folder / "Procfile").write_text(procfile)
    code = UP.format(procfile=str(folder / "Procfile"))
    if faster:
        code = "from local import process_manager; process_manager.FIRST_BACK_OFF_S = 0.05\n" + code
    return real.program(code, folder / "log", DATA_DIR=str(folder), **env)


def _log(folder: Path) -> str:
    return (folder / "log").read_text() if (folder / "log").exists() else ""


def _pids(folder: Path) -> list[int]:
    return [int(pid) for pid in re.findall(r"\| pid (\d+) ", _log(folder))]


def test_the_sandbox_is_started_where_the_provider_is_one_and_stopped_last(tmp_path: Path) -> None:
    port = ports.free_port()
    env = {"SERP_PROVIDER": "sandbox", "SANDBOX_URL": f"http://127.0.0.1:{port}"}
    with _up(tmp_path, f"worker: {POLITE}\n", **env) as process:
        real.until(lambda: _pids(tmp_path), 40)
        assert "started sandbox, worker" in _log(tmp_path)
        assert re.search(r"sandbox \| Trawl sandbox on", _log(tmp_path)), "it listened before the others began"
        with _up(tmp_path, f"worker: {POLITE}\n", **env) as second:
            real.until(lambda: len(_pids(tmp_path)) == 2, 40)
            assert _log(tmp_path).count("Trawl sandbox on") == 1, "the one that runs is used"
            second.terminate()
            assert second.wait(timeout=40) == 0
        process.terminate()
        assert process.wait(timeout=40) == 0
    real.until(lambda: not real.left_over(str(tmp_path)))


def test_something_else_at_the_address_of_the_sandbox_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
        with _up(tmp_path, f"worker: {POLITE}\n", SERP_PROVIDER="sandbox", SANDBOX_URL=url) as process:
            assert process.wait(timeout=40) == 1
    assert f"SANDBOX_URL={url}: something else listens there" in _log(tmp_path)
