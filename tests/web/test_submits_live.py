"""Submits at once in a real web process share round trips: each has its job and line, and none waits long for a silent Redis."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

import clock
from local import ports
from state.engine import jobs
from state.scraping import ledgers
from state.store import connection
from tests import patience
from tests.local import real
from tests.web import servers
from topics.access import api_keys, audit

pytestmark = pytest.mark.real_redis

CLIENTS = 16


def submit(web: servers.Running, secret: str, name: str) -> requests.Response:
    """A scrape of an address of this name."""
    address, headers = f"http://127.0.0.1:{web.port}/scrape", {"Authorization": f"Bearer {secret}"}
    return requests.post(address, json={"url": f"https://example.com/{name}"}, headers=headers, timeout=patience.HANG_S)


def test_each_of_many_submits_at_once_has_its_own_job_and_its_own_line(tmp_path: Path, real_server: str, store: Any) -> None:
    with servers.own(tmp_path, REDIS_URL=real_server) as web, ThreadPoolExecutor(CLIENTS) as threads:
        secrets = {name: api_keys.add(name, "operator", rate=0)[1] for name in ("a", "b")}
        work = [(name, f"{name}-{number}") for number in range(60) for name in secrets]
        told = list(threads.map(lambda one: submit(web, secrets[one[0]], one[1]), work))
        assert {one.status_code for one in told} == {202}
        ids = [one.json()["job_id"] for one in told]
        assert len(set(ids)) == len(work) == jobs.depths(["default"])["default"]
        for (name, page), job_id in zip(work, ids, strict=True):
            assert ledgers.read(job_id).fields["url"].endswith(f"/{page}")  # type: ignore[union-attr]
            seen = {who: _look(web, secret, job_id) for who, secret in secrets.items()}
            assert seen == {who: 200 if who == name else 404 for who in secrets}
        written = [(one.who, one.details) for one in audit.page(1000)[0] if one.what == "POST /scrape"]
        assert sorted(written) == sorted((name, f"url=https://example.com/{page}") for name, page in work)


def _look(web: servers.Running, secret: str, job_id: str) -> int:
    address = f"http://127.0.0.1:{web.port}/api/v1/jobs/{job_id}"
    return requests.get(address, headers={"X-API-Key": secret}, timeout=patience.HANG_S).status_code


def test_submits_that_share_a_round_trip_say_within_3_s_that_redis_is_silent(tmp_path: Path) -> None:
    port = ports.free_port()
    with servers.redis_process(tmp_path, port) as redis:
        connection.use(connection.connect(f"redis://127.0.0.1:{port}/0"))
        try:
            secret = api_keys.add("a", "operator", rate=0)[1]
            with servers.own(tmp_path, REDIS_URL=f"redis://127.0.0.1:{port}/0") as web, ThreadPoolExecutor(CLIENTS) as threads:
                assert submit(web, secret, "first").status_code == 202
                redis.send_signal(signal.SIGSTOP)

                def late(number: int) -> tuple[int, float]:
                    clock.wait(number / 10)  # some come while others wait already
                    begun = clock.monotonic()
                    return submit(web, secret, str(number)).status_code, clock.monotonic() - begun

                for status, took_s in threads.map(late, range(CLIENTS)):
                    assert status == 503 and took_s < patience.leeway(3)
                redis.send_signal(signal.SIGCONT)
                real.until(lambda: submit(web, secret, "after").status_code == 202)
        finally:
            connection.use(None)
