"""What may be changed at /rq, who may, and what is refused."""

from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import queues
from state.engine import records
from state.store import connection, keys
from tests import patience, state
from tests.web.dashboard import populated
from web import access
from worker import inline


def contents(store: Any) -> dict[bytes, Any]:
    """All but the audit: what is refused leaves a line there, too."""
    return {key: value for key, value in state.contents(store).items() if not key.startswith(b"trawl:audit")}


REFUSED = (
    "/rq/job/{id}/delete",
    "/rq/queue/default/failed/empty",
    "/rq/queue/default/started/empty",
    "/rq/queue/default/compact",
)


@pytest.fixture
def failed() -> list[str]:
    """Two jobs that failed."""
    found = [queues.submit(populated.work, str(number), fail=True).job_id for number in range(2)]
    inline.run_until_idle()
    return found


@pytest.fixture
def token(client: FlaskClient) -> str:
    """The token of a page."""
    return client.get("/rq/").text.split('var CSRF = "')[1].split('"')[0]


def post(client: FlaskClient, path: str, token: str = "", **headers: str) -> Any:
    given = {
        "Origin": "http://localhost",
        "X-CSRFToken": token,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return client.post(path, headers={name: value for name, value in given.items() if value})


def test_a_failed_job_is_run_again_by_our_own_function(client: FlaskClient, token: str, failed: list[str]) -> None:
    reply = post(client, f"/rq/job/{failed[0]}/requeue", token)
    assert reply.status_code == 200 and reply.json["job_id"] == f"{failed[0]}-r1" and f"{failed[0]}-r1" in reply.json["says"]
    assert client.get(f"/rq/0/data/job/{failed[0]}-r1.json").json["status"] == "queued"


def test_all_failed_jobs_of_a_queue_are_run_again_once(client: FlaskClient, store: Any, token: str, failed: list[str]) -> None:
    populated.foreign(store, "broken", "failed")
    populated.foreign(store, "unknown", "failed", data=b'["os.system", null, ["true"], {}]')
    assert post(client, "/rq/requeue/default", token).json["count"] == 2
    assert post(client, "/rq/requeue/default", token).json["count"] == 0
    inline.run_until_idle()
    assert post(client, "/rq/requeue/default", token).json["count"] == 2, "the new ones failed, too"
    assert {name.decode() for name in store.lrange(keys.queue("default"), 0, -1)} == {f"{one}-r2" for one in failed}


def test_a_job_that_did_not_fail_is_not_run_again(client: FlaskClient, token: str) -> None:
    waiting = queues.submit(populated.work).job_id
    assert post(client, f"/rq/job/{waiting}/requeue", token).status_code == 409
    assert post(client, "/rq/job/nope/requeue", token).status_code == 404


@pytest.mark.parametrize("path", REFUSED)
def test_deleting_emptying_and_compacting_are_refused(
    client: FlaskClient, store: Any, token: str, failed: list[str], path: str
) -> None:
    before = contents(store)
    reply = post(client, path.format(id=failed[0]), token)
    assert reply.status_code == 403 and "Trawl refuses" in reply.json["detail"]
    assert contents(store) == before


def test_no_page_offers_what_is_refused(client: FlaskClient, failed: list[str]) -> None:
    for path in (
        "/rq/0/view/jobs/default/queued/8/asc/1",
        "/rq/0/view/jobs/default/failed/8/asc/1",
        f"/rq/0/view/job/{failed[0]}",
    ):
        text = client.get(path).text
        assert not [
            word
            for word in ('id="empty-btn"', 'id="compact-btn"', 'id="delete-job-btn"', 'role="delete-job-btn"')
            if word in text
        ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/rq/requeue/default", "/rq/job/{id}/requeue", *REFUSED])
def test_only_post_changes_anything(client: FlaskClient, store: Any, failed: list[str], path: str, method: str) -> None:
    before = contents(store)
    assert client.open(path.format(id=failed[0]), method=method).status_code == 405
    assert contents(store) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"X_CSRFToken": ""},
        {"X_CSRFToken": "wrong"},
        {"X_CSRFToken": "\xfc"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Cookie": "trawl_rq="},
    ],
)
def test_a_page_of_another_site_changes_nothing(
    client: FlaskClient, store: Any, token: str, failed: list[str], headers: dict[str, str]
) -> None:
    before = contents(store)
    if "Cookie" in headers:
        client.delete_cookie("trawl_rq", path="/rq")
    for path in ("/rq/requeue/default", f"/rq/job/{failed[0]}/requeue"):
        assert post(client, path, **{"token": token, **headers}).status_code == 403
    assert contents(store) == before


def test_the_token_cannot_be_read_by_scripts_and_stays_below_rq(client: FlaskClient) -> None:
    cookie = client.get("/rq/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "Path=/rq" in cookie and "SameSite=Strict" in cookie
    assert "Set-Cookie" not in client.get("/rq/0/view/jobs").headers


def test_a_key_that_sees_only_its_own_jobs_sees_nothing_here(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for role, status in ((access.Role.VIEWER, 403), (access.Role.OPERATOR, 403), (access.Role.ADMIN, 200)):
        monkeypatch.setattr(access, "caller", lambda role=role: access.Caller("key", role, key_id="k1"))
        assert {client.get(path).status_code for path in ("/rq/", "/rq/0/data/queues.json", "/rq/0/view/job/x")} <= {status, 404}
        assert client.get("/rq/").status_code == status


def test_requeueing_all_is_bounded(client: FlaskClient, token: str, failed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.dashboard.changes.MOST", 1)
    reply = post(client, "/rq/requeue/default", token).json
    assert reply["count"] == 1 and "ask again" in reply["says"]
    assert post(client, "/rq/requeue/default", token).json["count"] == 1


def test_requeueing_all_ends_in_time_where_all_were_run_again(
    client: FlaskClient, store: Any, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1200):
        populated.foreign(store, f"f{number}", "failed")
        populated.foreign(store, f"f{number}-r1", "queued")
    looked: list[int] = []
    real = records.existing
    monkeypatch.setattr(records, "existing", lambda ids: looked.append(len(ids)) or real(ids))
    assert post(client, "/rq/requeue/default", token).json["count"] == 0 and looked == [500, 500, 200]
    monkeypatch.setattr("web.dashboard.changes.LONGEST_S", -1)
    reply = post(client, "/rq/requeue/default", token).json
    assert "ask again" in reply["says"] and looked == [500, 500, 200, 500]


def test_redis_away_is_503_and_comes_back_by_itself(client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = clock.monotonic()
    away = connection.connect("redis://127.0.0.1:1")
    connection.use(away)
    try:
        for path in ("/rq/", "/rq/0/view/jobs", "/rq/0/data/queues.json", "/rq/0/data/workers.json", "/rq/0/view/job/x"):
            reply = client.get(path)
            assert (reply.status_code, reply.mimetype) == (503, "application/problem+json") and "Retry-After" in reply.headers
    finally:
        connection.use(store)
        away.close()
    assert clock.monotonic() - begun < patience.leeway(5 * 3)
    assert client.get("/rq/").status_code == 200
