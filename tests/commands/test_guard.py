"""Every process that works on the store refuses an unsafe one at its start, before it writes: real processes, a real server."""

from pathlib import Path
from typing import Any

import pytest

from tests import patience
from tests.local import real

pytestmark = pytest.mark.real_redis

RUN = "import sys\nfrom manage import cli\nsys.argv = ['manage.py', *{argv!r}]\ncli.main()"

#: The same on a machine whose clock is a minute slow.
SLOW = "import datetime, clock\ntrue = clock.now\nclock.now = lambda: true() - datetime.timedelta(minutes=1)\n" + RUN

STARTS = [["worker"], ["scheduler"], ["up"], ["demo"], ["serp", "batch"], ["project", "add", "example.com"]]


def started(code: str, argv: list[str], url: str, folder: Path, **env: str) -> tuple[int, str]:
    """Exit code and output of that command."""
    log = folder / "log"
    env |= {"REDIS_URL": url, "DATA_DIR": str(folder), "SERP_PROVIDER": "sandbox"}
    with real.program(code.format(argv=argv), log, **env) as process:
        return process.wait(timeout=patience.HANG_S), log.read_text()


@pytest.mark.parametrize("argv", STARTS, ids=" ".join)
def test_nothing_starts_on_a_server_that_may_evict(argv: list[str], store: Any, real_server: str, tmp_path: Path) -> None:
    store.config_set("maxmemory-policy", "allkeys-lru")
    try:
        code, said = started(RUN, argv, real_server, tmp_path)
    finally:
        store.config_set("maxmemory-policy", "noeviction")

    assert code == 1 and store.dbsize() == 0
    assert "maxmemory-policy is allkeys-lru" in said and "CONFIG SET maxmemory-policy noeviction" in said
    assert "Traceback" not in said and "started again" not in said


@pytest.mark.parametrize("argv", STARTS, ids=" ".join)
def test_nothing_starts_where_the_clocks_differ(argv: list[str], store: Any, real_server: str, tmp_path: Path) -> None:
    code, said = started(SLOW, argv, real_server, tmp_path)

    assert code == 1 and store.dbsize() == 0
    assert "This machine's clock is 6" in said or "This machine's clock is 5" in said, said
    assert "behind Redis's" in said and "NTP" in said


def test_what_is_refused_is_done_with_a_warning_where_that_is_asked_for(store: Any, real_server: str, tmp_path: Path) -> None:
    code, said = started(SLOW, ["project", "add", "example.com"], real_server, tmp_path, ALLOW_UNSAFE_REDIS="1")

    assert code == 0 and store.exists("trawl:project:example.com")
    assert said.startswith("Warning: This machine's clock is ") and "NTP" in said
