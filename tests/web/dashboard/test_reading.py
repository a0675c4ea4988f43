"""rq-dashboard at /rq: every page answers whatever stands in Redis, nothing is unpickled, and looking changes nothing."""

import builtins
import json
import pickle
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient

import queues
from state.store import keys
from tests.state import contents
from tests.web.dashboard import populated
from tests.web.dashboard.populated import REGISTRIES, hostile

PAGES = ["/rq/", "/rq/0/", "/rq/0/view", "/rq/0/view/queues", "/rq/0/view/workers", "/rq/0/view/jobs"]
DATA = ["/rq/0/data/queues.json", "/rq/0/data/workers.json"]
LISTS = [
    f"/rq/0/{what}/jobs/{queue}/{registry}/20/{order}/1{end}"
    for what, end in (("view", ""), ("data", ".json"))
    for queue in queues.QUEUES
    for registry in REGISTRIES
    for order in ("asc", "dsc")
]


def pages(ids: dict[str, str]) -> list[str]:
    """Every address that there is, with every job."""
    jobs = [path for one in ids.values() for path in (f"/rq/0/view/job/{one}", f"/rq/0/data/job/{one}.json")]
    return [*PAGES, *DATA, *LISTS, *jobs]


def all_of(store: Any) -> dict[bytes, Any]:
    """Every key byte by byte, and whether it lives for ever; a real server tells also how often anything was written."""
    if isinstance(store, fakeredis.FakeRedis):
        return {key: (store.dump(key), store.ttl(key) == -1) for key in store.keys("*")}
    found = {key: (value, store.ttl(key) == -1) for key, value in contents(store).items()}
    return found | {b"": store.info("persistence")["rdb_changes_since_last_save"]}


@pytest.fixture
def ids(store: Any, tmp_path: Path) -> dict[str, str]:
    return populated.fill(store, tmp_path / "canary")


def jobs_of(client: FlaskClient, registry: str, queue: str = "default", per_page: int = 200, rest: str = "asc/1") -> list[Any]:
    reply = client.get(f"/rq/0/data/jobs/{queue}/{registry}/{per_page}/{rest}.json")
    assert reply.status_code == 200
    return reply.json["jobs"]


def test_every_page_answers_with_every_kind_of_job_and_changes_no_byte(
    client: FlaskClient, store: Any, ids: dict[str, str]
) -> None:
    before = all_of(store)
    replies = {path: client.get(path, follow_redirects=True) for path in pages(ids)}
    assert {path: reply.status_code for path, reply in replies.items() if reply.status_code != 200} == {}
    assert all_of(store) == before


def test_nothing_is_unpickled(
    client: FlaskClient, store: Any, ids: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("unpickled")

    if not hasattr(store, "server"):  # a fake server answers by means of copies
        monkeypatch.setattr(pickle, "loads", refuse)
        monkeypatch.setattr(pickle, "Unpickler", refuse)
    for path in pages(ids):
        client.get(path)
    assert not (tmp_path / "canary").exists()
    pickle.loads(pickle.dumps(populated.Canary(tmp_path / "canary"))) if hasattr(store, "server") else None
    assert (tmp_path / "canary").exists() or not hasattr(store, "server"), "the canary does not sing"


def test_a_job_of_each_state_stands_in_its_list(client: FlaskClient, ids: dict[str, str]) -> None:
    found = {registry: {job["id"] for job in jobs_of(client, registry)} for registry in REGISTRIES}
    assert found["queued"] == {ids["queued"]} and found["started"] == {ids["running"]} and found["deferred"] == {"dependent"}
    assert ids["failed"] in found["failed"] and ids["finished"] in found["finished"]
    assert found["canceled"] == {ids["cancelled"]} and found["scheduled"] == {ids["parked"], ids["scheduled"]}
    assert [job["id"] for job in jobs_of(client, "queued", "low")] == [ids["blocked"]]
    counts = {queue["name"]: queue for queue in client.get(DATA[0]).json["queues"]}
    assert list(counts) == list(queues.QUEUES) and (counts["low"]["count"], counts["default"]["count"]) == (1, 1)


def test_a_job_shows_result_error_dependencies_and_why_it_is_parked(client: FlaskClient, ids: dict[str, str]) -> None:
    def shown(what: str) -> Any:
        return client.get(f"/rq/0/data/job/{ids[what]}.json").json

    assert shown("finished")["result"] == {"text": hostile("finished")}
    assert "Traceback" in shown("failed")["exc_info"] and "ValueError" in shown("failed")["exc_info"]
    assert sorted(shown("dependent")["depends_on_status"]) == ["active", "expired"]
    assert shown("parked")["status"].startswith("scheduled (parked: ")
    assert "no JSON" in shown("pickled")["result"] and "no JSON" in shown("pickled")["metadata"]
    assert len(client.get(f"/rq/0/data/job/{ids['deep']}.json").data) < 600_000


def test_what_the_browser_gets_is_json_that_browsers_read(client: FlaskClient, ids: dict[str, str]) -> None:
    """They know no NaN."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    for one in ids.values():
        found = json.loads(client.get(f"/rq/0/data/job/{one}.json").data, parse_constant=refuse)
        if one in (ids["nan"], ids["finished"]):
            json.loads(found["metadata"], parse_constant=refuse)


def test_a_worker_shows_its_job_and_the_dead_one_stays_in_rqs_set(client: FlaskClient, store: Any, ids: dict[str, str]) -> None:
    [worker] = client.get(DATA[1]).json["workers"]
    assert worker["current_job"]["job_id"] == ids["running"] and worker["state"] == "busy"
    assert store.sismember(keys.RQ_WORKERS, keys.RQ_WORKER + "dead")


def test_what_is_over_is_shown_newest_first_and_what_waits_in_its_order(client: FlaskClient) -> None:
    row = client.get(DATA[0]).json["queues"][0]
    assert {name: row[f"{name}_url"].split("/")[-2] for name in REGISTRIES} == dict.fromkeys(REGISTRIES, "asc") | dict.fromkeys(
        ("failed", "finished", "canceled"), "dsc"
    )


def test_many_workers_cost_a_few_round_trips(client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from state.engine import records

    for number in range(300):
        key = f"{keys.RQ_WORKER}w{number}"
        store.hset(key, mapping={"queues": "high", "birth": "x", "state": "busy", "current_job": f"j{number}"})
        store.expire(key, 60)
        store.sadd(keys.RQ_WORKERS, key)
    populated.foreign(store, "j7", "started")
    calls, real = [], records.read
    monkeypatch.setattr(records, "read", lambda ids: calls.append(len(ids)) or real(ids))
    found = client.get(DATA[1]).json["workers"]
    assert (len(found), calls) == (300, [300])
    assert {one["name"] for one in found if one["current_job"] != "idle"} == {"w7"}


@pytest.mark.parametrize("path", ["/rq", "/rq/0/view/queues", "/rq/0/"])
def test_a_redirect_names_no_host(client: FlaskClient, path: str) -> None:
    reply = client.get(path, headers={"Host": "evil.example"}, environ_overrides={"SCRIPT_NAME": "/trawl"})
    assert (reply.status_code, reply.headers["Location"]) == (308, "/trawl/rq/")


def test_pages_of_a_list_hold_each_job_once(client: FlaskClient, store: Any) -> None:
    for number in range(25):
        populated.foreign(store, f"j{number:02}", "finished", finished=number)
    names = [f"j{number:02}" for number in range(25)]
    for order, wanted in (("asc", names), ("dsc", names[::-1])):
        found = [[job["id"] for job in jobs_of(client, "finished", per_page=8, rest=f"{order}/{page}")] for page in range(1, 6)]
        assert [one for page in found for one in page] == wanted and [len(one) for one in found] == [8, 8, 8, 1, 0]


def test_the_last_page_reads_no_more_than_the_first(client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from state.engine import records

    for number in range(60):
        populated.foreign(store, f"j{number:02}", "finished")
    read: list[int] = []
    real = records.read
    monkeypatch.setattr(records, "read", lambda ids: read.append(len(ids)) or real(ids))
    jobs_of(client, "finished", per_page=8, rest="asc/7")
    assert read == [8]


def test_a_secret_of_a_job_is_hidden(client: FlaskClient, store: Any) -> None:
    text = {"headers": {"Authorization": "Bearer s3cret"}, "url": "https://u:s3cret@example.com/?token=s3cret"}
    name = queues.submit(populated.work, str(text), meta=text).job_id
    populated.foreign(store, "other", "finished", description=f"f({text!r})", meta=str(text))
    for path in (f"/rq/0/data/job/{name}.json", "/rq/0/data/job/other.json", "/rq/0/data/jobs/default/queued/9/asc/1.json"):
        assert "s3cret" not in client.get(path).text


@pytest.mark.parametrize(
    "path",
    [
        "/rq/1/",
        "/rq/9/data/queues.json",
        "/rq/0/view/jobs/nope/queued/8/asc/1",
        "/rq/0/data/jobs/default.held/queued/8/asc/1.json",
        "/rq/0/data/jobs/default/nope/8/asc/1.json",
        "/rq/0/data/jobs/default/queued/8/up/1.json",
        "/rq/0/data/jobs/default/queued/x/asc/1.json",
        "/rq/0/data/jobs/default/queued/-1/asc/1.json",
        "/rq/0/data/jobs/default/queued/8/asc/-1.json",
        "/rq/0/data/jobs/default/queued/8/asc/\u0663.json",
        "/rq/0/view/job/nope",
        "/rq/0/data/job/%00.json",
        "/rq/0/data/job/x%0d%0aSet-Cookie:a=b.json",
        "/rq/0/data/job/../../../etc/passwd.json",
        "/rq/static/../web.py",
        "/rq/static/%2e%2e/web.py",
        "/rq/" + "9" * 5000 + "/",
    ],
)
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 404 and reply.mimetype == "application/problem+json"


@pytest.mark.parametrize(("given", "shown"), [("0", 1), ("999999999", 200), ("1" * 4000, 200), ("200", 200)])
def test_a_page_holds_200_jobs_at_most(client: FlaskClient, store: Any, given: str, shown: int) -> None:
    for number in range(201):
        populated.foreign(store, f"j{number}", "finished")
    assert len(jobs_of(client, "finished", per_page=given, rest="asc/0")) == shown  # type: ignore[arg-type]
    assert jobs_of(client, "finished", rest=f"asc/{10**30}") == []


def test_no_import_of_a_name_in_redis(client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback's name, a function's: they are text."""
    populated.foreign(
        store,
        "named",
        "failed",
        data=b'["antigravity.x", null, [], {}]',
        success_callback_name="antigravity.x",
        function="antigravity.x",
    )
    real, imported = builtins.__import__, []
    monkeypatch.setattr(builtins, "__import__", lambda name, *rest: imported.append(name) or real(name, *rest))
    client.get("/rq/0/data/job/named.json")
    assert "antigravity" not in imported


def test_there_is_a_favicon(client: FlaskClient) -> None:
    for path in ("/rq/favicon.ico", "/rq/static/favicon.ico"):
        with client.get(path) as reply:
            assert reply.status_code == 200 and reply.data[:4] == b"\0\0\1\0"
    assert "/rq/static/favicon.ico" in client.get("/rq/").text
