"""Who may look and who may change at /rq, once people and keys are known."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

import queues
from tests.web.dashboard import populated
from tests.web.dashboard.test_reading import DATA, LISTS, PAGES
from topics.access import passwords, users
from worker import inline

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash takes a millisecond."""
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")


@pytest.fixture
def person(app: OpenAPI) -> Iterator[Callable[[str], FlaskClient]]:
    """A browser in which somebody of that role is logged in."""

    def log_in(role: str) -> FlaskClient:
        users.add(role, role, PASSWORD)
        client = app.test_client()
        assert client.post("/login", json={"name": role, "password": PASSWORD}).status_code == 200
        return client

    yield log_in


@pytest.fixture
def failed() -> str:
    """A job that failed."""
    job = queues.submit(populated.work, "x", fail=True).job_id
    inline.run_until_idle()
    return job


def token(client: FlaskClient) -> str:
    return client.get("/rq/").text.split('var CSRF = "')[1].split('"')[0]


def test_nobody_sees_anything_without_a_key_or_a_login(client: FlaskClient, failed: str) -> None:
    users.add("ada", "admin", PASSWORD)
    for path in (*PAGES, *DATA, *LISTS[:4], f"/rq/0/view/job/{failed}", "/rq/static/js/jquery-3.5.1.min.js", "/rq/favicon.ico"):
        reply = client.get(path, follow_redirects=True)
        assert reply.status_code == 401 and failed not in reply.text, path
    browser = client.get("/rq/", headers={"Accept": "text/html"})
    assert browser.status_code == 303 and browser.headers["Location"] == "/login?next=/rq/"


def test_a_viewer_looks_and_changes_nothing(person: Callable[[str], FlaskClient], failed: str) -> None:
    viewer = person("viewer")
    assert viewer.get("/rq/").status_code == viewer.get(f"/rq/0/data/job/{failed}.json").status_code == 200
    for path in (f"/rq/job/{failed}/requeue", "/rq/requeue/default", f"/rq/job/{failed}/delete"):
        reply = viewer.post(path, headers={"X-CSRFToken": token(viewer)})
        assert reply.status_code == 403 and "operator" in reply.json["detail"]  # type: ignore[index]


def test_an_operator_requeues_with_the_token_of_the_session_and_not_without(
    person: Callable[[str], FlaskClient], failed: str
) -> None:
    operator = person("operator")
    path = f"/rq/job/{failed}/requeue"
    assert operator.get("/api/v1/me").json["csrf_token"] == token(operator)  # type: ignore[index]
    assert operator.post(path).status_code == 403
    assert operator.post(path, headers={"X-CSRFToken": "x" * 43}).status_code == 403
    assert operator.post(path, headers={"X-CSRFToken": token(operator), "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert operator.post(path, headers={"X-CSRFToken": token(operator)}).status_code == 200
    assert "trawl_rq" not in str(operator.get("/rq/0/view/jobs").headers)


def test_the_token_of_one_session_is_none_of_another(person: Callable[[str], FlaskClient], failed: str) -> None:
    operator, admin = person("operator"), person("admin")
    reply = admin.post(f"/rq/job/{failed}/requeue", headers={"X-CSRFToken": token(operator)})
    assert reply.status_code == 403


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 403), ("admin", 200)])
def test_only_a_key_of_an_admin_sees_the_jobs_of_all(key_client: Callable[..., Any], failed: str, role: str, status: int) -> None:
    client = key_client(role)
    assert {client.get(path).status_code for path in (*PAGES[:1], *DATA, *LISTS[:3])} == {status}
    assert client.post(f"/rq/job/{failed}/requeue").status_code == status


def test_what_was_requeued_stands_in_the_audit_and_keeps_its_owner(
    person: Callable[[str], FlaskClient], key_client: Callable[..., Any]
) -> None:
    owner = key_client("operator")
    with queues.owned_by(owner.key.id):
        job = queues.submit(populated.work, "x", fail=True).job_id
    inline.run_until_idle()
    admin = person("admin")
    assert admin.post("/rq/requeue/default", headers={"X-CSRFToken": token(admin)}).json["count"] == 1  # type: ignore[index]
    assert owner.get(f"/api/v1/jobs/{job}-r1").status_code == 200, "its owner sees the new job"
    latest = admin.get("/api/v1/audit").json["items"][0]  # type: ignore[index]
    assert (latest["who"], latest["what"], latest["outcome"]) == ("admin", "POST /rq/requeue/default", "200")
