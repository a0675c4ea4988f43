"""The page of workers: what lives, what each runs, one asked to end."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

import queues
from state.engine import leases
from state.store import connection, keys
from tests.web.conftest import KeyClient
from worker.rq import registration

HOSTILE = "<img src=x onerror=alert(1)>"


@queues.job(queue="default", kind="test")
def work(text: str = "") -> None:
    """Never run here."""


def alive(name: str, **facts: Any) -> registration.WorkerRecord:
    made = registration.WorkerRecord(queues.QUEUES, name, lambda job: None)
    made.facts = lambda: {"threads": 4, "coroutines": 2, "draining": "", **facts}
    made.register_birth()
    return made


def running(worker: str, text: str = "", progress: str = "") -> str:
    """A job that the worker holds and has begun."""
    job_id = queues.submit(work, text).job_id
    store = connection.client()
    store.lrem(keys.queue("default"), 1, job_id)
    store.zadd(keys.LEASES, {f"{job_id}:{leases.token()}": connection.now().timestamp() * 1000 + 60_000})
    begun = connection.now().isoformat().replace("+00:00", "Z")
    store.hset(keys.job(job_id), mapping={"status": "started", "worker_name": worker, "started_at": begun})
    if progress:
        store.hset(keys.job(job_id), "progress", progress)
    return job_id


def test_nobody_lives_and_the_page_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/workers").text

    assert "python manage.py worker" in page and "0 of 0 workers" in page


def test_each_worker_shows_what_it_runs_of_how_many_places(client: FlaskClient) -> None:
    alive("w-1").send_heartbeat(["a"])
    alive("w-2", draining="1").send_heartbeat([])
    job_id = running("w-1", progress='{"step": 3, "total": 12, "message": "pages"}')

    [first, second] = client.get("/workers?format=json&table=workers").json
    page = client.get("/workers").text

    assert (first["worker"], first["state"], first["used"], first["places"]) == ("w-1", "busy", 1, 6)
    assert (second["worker"], second["state"], second["used"]) == ("w-2", "draining", 0)
    assert first["pid"] and first["host"] and first["started_at"] and first["memory_mb"]
    assert f'href="/jobs/{job_id}"' in page and "3 of 12" in page and "1 of 2 workers is busy" in page
    [job] = client.get("/workers?format=json&table=running").json
    assert (job["job"], job["worker"], job["percent"], job["says"]) == (job_id, "w-1", 25.0, "pages")
    assert job["for_s"] >= 0


def test_tables_come_as_csv(client: FlaskClient) -> None:
    alive("w-1")
    job_id = running("w-1")

    assert client.get("/workers?format=csv&table=workers").text.splitlines()[1].startswith("w-1,")
    assert client.get("/workers?format=csv&table=running").text.splitlines()[1].startswith(f"{job_id},")
    assert client.get("/workers?format=exe").status_code == 422


def test_texts_of_others_are_shown_as_text(client: FlaskClient) -> None:
    alive("w-<svg>", hostname=HOSTILE, version=HOSTILE)
    running("w-<svg>", HOSTILE, progress=f'{{"step": 1, "message": "{HOSTILE}"}}')

    page = client.get("/workers").text

    assert HOSTILE not in page and "<svg>" not in page and "&lt;img" in page


def test_a_worker_is_asked_to_end_after_its_jobs(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    alive("w-1")
    store = connection.client()
    told = list[tuple[str, str]]()
    monkeypatch.setattr(store, "publish", lambda channel, message: told.append((channel, message)))

    asked = client.post("/workers/w-1/stop")
    assert asked.status_code == 200 and "take no more jobs" in asked.text and not told
    done = client.post("/workers/w-1/stop", data={"confirmed": "1"})

    assert done.status_code == 303 and told == [(f"{keys.RQ_PUBSUB}w-1", '{"command": "shutdown"}')]
    assert client.post("/workers/w-2/stop", data={"confirmed": "1"}).status_code == 404
    assert client.post("/api/v1/workers/w-1/stop").json == {"worker": "w-1"} and len(told) == 2
    assert client.post("/api/v1/workers/w-2/stop").status_code == 404


def test_a_viewer_sees_no_button_and_no_job_of_another_key(key_client: Callable[..., KeyClient]) -> None:
    alive("w-1")
    viewer = key_client("viewer")
    job_id = running("w-1", "secret words")

    page = viewer.get("/workers").text

    assert 'method="post"' not in page and job_id not in page and "secret words" not in page and "a job of another key" in page
    assert viewer.post("/workers/w-1/stop", data={"confirmed": "1"}).status_code == 403


def test_jobs_of_a_worker_that_is_gone_are_told(client: FlaskClient) -> None:
    alive("w-1")
    job_id = running("w-0")

    page = client.get("/workers").text
    assert "1 job was run by workers that are gone" in page and "w-0 (gone)" in page
    assert [one["job"] for one in client.get("/workers?format=json&table=running").json] == [job_id]


def test_a_worker_is_busy_by_what_it_runs_although_its_last_beat_said_idle(client: FlaskClient) -> None:
    alive("w-1").send_heartbeat([])
    running("w-1")

    assert client.get("/workers?format=json&table=workers").json[0]["state"] == "busy"
    assert "1 of 1 worker is busy" in client.get("/workers").text


@pytest.mark.parametrize("name", ["celery@foo.bar", "a/b", "a b#c"])
def test_a_worker_of_any_name_can_be_asked_to_end(client: FlaskClient, name: str) -> None:
    alive(name) if " " not in name else connection.client().hset(keys.RQ_WORKER + name, "birth", "2026-01-01T00:00:00Z")
    [path] = re.findall(r'action="(/workers/[^"]*)"', client.get("/workers").text) or [f"/workers/{quote(name)}/stop"]

    assert client.post(path, data={"confirmed": "1"}).status_code == 303
