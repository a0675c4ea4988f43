"""`Idempotency-Key`, and keys that name work: a second submit is answered with the job of the first."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

import errors
import queues
from state.engine import jobs as engine_jobs
from state.scraping import keys as scraping_keys
from state.store import keys
from tests.web.api.conftest import nothing_written
from topics.operations import jobs, repeats

URL = "https://example.com/"
KEY = {"Idempotency-Key": "0d6a1c7e"}


def waiting(store: Any) -> int:
    return int(store.llen(keys.queue("default")))


@pytest.mark.parametrize("path", ["/scrape", "/api/v1/scrapes", "/api/v1/scrapes/crawl", "/api/v1/jobs/scrape"])
def test_the_same_request_with_the_same_key_is_answered_with_the_first_job(client: FlaskClient, store: Any, path: str) -> None:
    """G12."""
    first, second = (client.post(path, json={"url": URL, "priority": 5}, headers=KEY) for _ in range(2))
    assert first.status_code == second.status_code == 202 and waiting(store) == 1
    assert first.json["duplicate_of"] is None
    assert second.json["duplicate_of"] == second.json["job_id"] == first.json["job_id"]
    assert (first.headers.get("Idempotency-Replayed"), second.headers["Idempotency-Replayed"]) == (None, "true")
    assert (second.json["queue"], second.json["status"], second.headers["Location"]) == (
        "default",
        "pending",
        first.headers["Location"],
    )


def test_a_batch_too(client: FlaskClient, store: Any) -> None:
    body = {"urls": [URL, URL + "b"]}
    made = [client.post("/api/v1/scrapes/batch", json=body, headers={"X-Idempotency-Key": "k"}).json for _ in range(2)]
    assert made[1]["duplicate_of"] == made[0]["id"] and waiting(store) == 1
    assert store.hget(scraping_keys.ledger(made[0]["id"]), "pending") == b"2"


def test_how_the_json_is_written_does_not_matter(client: FlaskClient, store: Any) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    bodies = ['{"url": "https://example.com/", "priority": 5}', '{ "priority":5,"url":"https:\\/\\/example.com\\/" }']
    ids = {client.post("/scrape", data=body, headers=headers).json["job_id"] for body in bodies}
    assert len(ids) == 1 and waiting(store) == 1


@pytest.mark.parametrize(
    "other", [("/scrape", {"url": URL + "x"}), ("/scrape?a=1", {"url": URL}), ("/api/v1/scrapes", {"url": URL})]
)
def test_the_same_key_with_another_request_is_refused_and_names_the_job(
    client: FlaskClient, store: Any, other: tuple[str, dict[str, Any]]
) -> None:
    first = client.post("/scrape", json={"url": URL}, headers=KEY)
    refused = client.post(other[0], json=other[1], headers=KEY)
    assert refused.status_code == 409 and first.json["job_id"] in refused.json["detail"] and waiting(store) == 1


@pytest.mark.parametrize("key", ["", " ", "é", "a\tb", "x" * 256])
def test_what_is_no_key_is_refused(client: FlaskClient, store: Any, key: str) -> None:
    reply = client.post("/scrape", json={"url": URL}, headers={"Idempotency-Key": key})
    assert reply.status_code == 422 and reply.json["errors"][0]["field"] == "Idempotency-Key" and nothing_written(store)


def test_a_key_is_free_again_after_a_day_and_not_before(client: FlaskClient, store: Any) -> None:
    client.post("/scrape", json={"url": URL}, headers=KEY)
    [key] = store.keys("trawl:submitted:*")
    assert 24 * 3600 - 60 < store.ttl(key) <= 24 * 3600
    store.delete(key)
    assert client.post("/scrape", json={"url": URL}, headers=KEY).json["duplicate_of"] is None


def test_a_key_stands_for_its_job_though_that_job_is_long_over(client: FlaskClient, store: Any) -> None:
    first = client.post("/api/v1/scrapes", json={"url": URL}, headers=KEY).json["id"]
    queues.cancel(first)
    store.delete(keys.job(first))
    assert client.post("/api/v1/scrapes", json={"url": URL}, headers=KEY).json["duplicate_of"] == first


@pytest.mark.real_redis
def test_fifty_at_once_with_one_key_make_one_job(client: FlaskClient, app: Any, store: Any) -> None:
    """Scenario 25."""
    told: list[Any] = []
    gate = threading.Barrier(50)

    def send() -> None:
        gate.wait()
        told.append(app.test_client().post("/scrape", json={"url": URL}, headers=KEY))

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.status_code for reply in told] == [202] * 50
    assert len({reply.json["job_id"] for reply in told}) == 1 and waiting(store) == 1
    assert sum(reply.json["duplicate_of"] is None for reply in told) == 1


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("path", ["/api/v1/scrapes", "/scrape"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_process_that_dies_in_between_leaves_one_job_at_the_next_try(
    client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch, path: str, place: str
) -> None:
    """It dies when the key is taken and the job is not there yet, or is there and nobody was told."""
    real = engine_jobs.submit

    def dies(new: Any) -> Any:
        if place == "after":
            real(new)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(engine_jobs, "submit", dies)
        with pytest.raises(Killed):
            client.post(path, json={"url": URL}, headers=KEY)
    before = waiting(store)
    again = client.post(path, json={"url": URL}, headers=KEY)
    assert again.status_code == 202 and (before, waiting(store)) == (int(place == "after"), 1)
    assert client.post(path, json={"url": URL}, headers=KEY).json["job_id"] == again.json["job_id"] and waiting(store) == 1


def test_after_such_a_death_the_job_does_not_run_twice_though_redis_forgot_it(
    client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("state.engine.idempotency.done", lambda *args: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            client.post("/api/v1/scrapes", json={"url": URL}, headers=KEY)
    [job_id] = store.lrange(keys.queue("default"), 0, -1)
    queues.cancel(job_id.decode())
    store.delete(keys.job(job_id.decode()))  # RQ keeps no record, the history does
    assert client.post("/api/v1/scrapes", json={"url": URL}, headers=KEY).json["duplicate_of"] == job_id.decode()
    assert waiting(store) == 0


def test_keys_of_one_owner_are_not_those_of_another() -> None:
    def submit(job_id: str | None) -> Any:
        return engine_submission(job_id)

    made = [repeats.once(owner, "k", "same", submit).job_id for owner in ("a", "b", "")]
    assert len(set(made)) == 3


def engine_submission(job_id: str | None) -> Any:
    import models
    from jobs import scrape

    return queues.submit_many([models.Call(scrape.clean_data, ({},), job_id=job_id)])[0]


@pytest.mark.parametrize("path", ["/scrape", "/api/v1/scrapes"])
def test_what_is_unique_is_not_queued_again_while_it_goes_on(client: FlaskClient, store: Any, path: str) -> None:
    """A natural key: the address and all options."""
    first, second = (client.post(path, json={"url": URL, "unique": True}).json for _ in range(2))
    assert second["duplicate_of"] == first["job_id"] and waiting(store) == 1
    other = client.post(path, json={"url": URL, "unique": True, "priority": "high"}).json
    assert other["duplicate_of"] is None
    jobs.cancel_job(first["job_id"])
    assert client.post(path, json={"url": URL, "unique": True}).json["duplicate_of"] is None


def test_without_such_a_key_the_same_request_is_new_work(client: FlaskClient, store: Any) -> None:
    assert len({client.post("/scrape", json={"url": URL}).json["job_id"] for _ in range(3)}) == 3


def test_a_dedup_key_stands_for_its_work_until_that_is_over(client: FlaskClient, store: Any) -> None:
    first = client.post("/scrape", json={"url": URL, "dedup_key": "shop"}).json["job_id"]
    assert client.post("/scrape", json={"url": URL, "dedup_key": "shop"}).json["duplicate_of"] == first
    refused = client.post("/scrape", json={"url": URL + "x", "dedup_key": "shop"})
    assert refused.status_code == 409 and first in refused.json["detail"]
    jobs.cancel_job(first)
    assert client.post("/scrape", json={"url": URL + "x", "dedup_key": "shop"}).json["duplicate_of"] is None


def test_a_key_of_work_whose_process_died_is_taken_over(client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(engine_jobs, "submit", lambda new: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            client.post("/scrape", json={"url": URL, "dedup_key": "shop"})
    made = client.post("/scrape", json={"url": URL, "dedup_key": "shop"})
    assert made.status_code == 202 and waiting(store) == 1


def test_redis_away_is_503_and_the_key_is_good_afterwards(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> Any:
        raise errors.StoreUnreachable("Redis does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(engine_jobs, "submit", away)
        assert client.post("/scrape", json={"url": URL}, headers=KEY).status_code == 503
    assert client.post("/scrape", json={"url": URL}, headers=KEY).status_code == 202


def test_the_header_is_documented_where_it_is_taken(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    named = {
        path
        for path, item in paths.items()
        if any(one["name"] == "Idempotency-Key" for one in item.get("post", {}).get("parameters", []))
    }
    assert {"/scrape", "/api/v1/scrapes/batch", "/api/v1/jobs"} <= named
