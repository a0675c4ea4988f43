"""S3 over HTTP: networks, the task in its exact shapes, the forms; and what others may see of them."""

import contextvars
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from state.forms import pages
from tests.topics.forms.conftest import garden as garden
from tests.topics.forms.form_site import PASSWORD, USER, FormSite
from worker import inline

WANTED = {"project_id": 1, "network_id": 1, "user_id": 3, "company_id": 1, "product_id": 1}


def add(client: FlaskClient, site: FormSite, **more: Any) -> Any:
    made = client.post("/api/v1/networks", json={"url": f"{site.url}/", "name": "Garden", **more})
    assert made.status_code == 201, made.text
    return made.json


def test_the_story_of_the_seed(client: FlaskClient, garden: FormSite) -> None:
    """S3-01 … S3-06, S3-44."""
    add(client, garden)
    first = client.post("/api/crawl/discover-forms", json=WANTED)
    assert first.status_code == 200 and set(first.json) == {"session_id", "task_id", "status", "message"}
    assert (first.json["status"], first.json["message"]) == ("queued", "Crawl job queued")
    assert isinstance(first.json["session_id"], int)
    assert client.post("/api/crawl/discover-forms", json={**WANTED, "user_id": 4}).json == first.json
    task = f"/api/crawl/status/{first.json['task_id']}"
    assert client.get(task).json["state"] == "PENDING"
    inline.run_until_idle()
    assert client.get(task).json == {
        "state": "SUCCESS",
        "status": "Task completed!",
        "result": {"status": "completed", "pages_found": 4, "forms_found": 4},
    }
    later = client.post("/api/crawl/discover-forms", json=WANTED).json
    assert later["task_id"] != first.json["task_id"] and later["session_id"] > first.json["session_id"]


def test_half_way_it_says_that_forms_are_analyzed(
    app: OpenAPI, client: FlaskClient, garden: FormSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3-05."""
    add(client, garden)
    task = client.post("/api/crawl/discover-forms", json=WANTED).json["task_id"]
    told: list[Any] = []
    real = pages.of

    def looked(*args: Any) -> Any:
        told.append(contextvars.Context().run(lambda: app.test_client().get(f"/api/crawl/status/{task}").json))
        return real(*args)

    monkeypatch.setattr(pages, "of", looked)
    inline.run_until_idle()
    assert told == [{"state": "PROGRESS", "progress": 50, "status": "Analyzing forms..."}]


@pytest.mark.parametrize("name", list(WANTED))
@pytest.mark.parametrize("value", [None, "1", 1.5, True, 0, -1, 2**53, [], {}])
def test_every_number_is_checked(client: FlaskClient, name: str, value: Any) -> None:
    told = client.post("/api/crawl/discover-forms", json={**WANTED, name: value})
    assert told.status_code == 422 and name in told.text


def test_missing_and_unknown_fields_are_named(client: FlaskClient) -> None:
    assert "network_id" in client.post("/api/crawl/discover-forms", json={"project_id": 1}).text
    assert "network" in client.post("/api/crawl/discover-forms", json={**WANTED, "network": 1}).text


def test_an_unknown_network_is_404_with_what_to_do(client: FlaskClient) -> None:
    told = client.post("/api/crawl/discover-forms", json=WANTED)
    assert told.status_code == 404 and "GET /api/v1/networks" in told.text


def test_networks_are_added_listed_changed_and_removed(client: FlaskClient, garden: FormSite) -> None:
    made = add(client, garden, login={"username": USER, "password": PASSWORD}, max_pages=50)
    assert made["has_login"] is True and made["max_pages"] == 50
    add(client, garden, name="Second")
    page = client.get("/api/v1/networks?limit=1").json
    assert [one["id"] for one in page["items"]] == [1]
    assert [one["id"] for one in client.get(f"/api/v1/networks?cursor={page['next']}").json["items"]] == [2]
    assert client.patch("/api/v1/networks/1", json={"name": "New"}).json["has_login"] is True
    assert client.patch("/api/v1/networks/1", json={"login": None}).json["has_login"] is False
    assert client.get("/api/v1/networks/1").json["name"] == "New"
    assert client.delete("/api/v1/networks/1").json == {"id": 1}
    assert client.get("/api/v1/networks/1").status_code == client.get("/api/v1/networks/1/forms").status_code == 404


def test_no_secret_comes_back_or_stays_in_the_audit(
    client: FlaskClient, garden: FormSite, caplog: pytest.LogCaptureFixture
) -> None:
    login = {"username": USER, "password": "hunter2"}
    add(client, garden, login=login)
    client.patch("/api/v1/networks/1", json={"login": login})
    client.post("/api/v1/networks", json={"url": "ftp://x", "name": "x", "login": login})
    wrong = client.post(
        "/api/v1/networks", json={"url": garden.url, "name": "", "login": {"username": USER, "password": ["hunter2"]}}
    )
    seen = [client.get(path).text for path in ("/api/v1/networks", "/api/v1/networks/1", "/api/v1/audit")]
    assert wrong.status_code == 422
    for text in (*seen, wrong.text, caplog.text):
        assert "hunter2" not in text and USER not in text


def test_without_a_key_a_login_is_refused(client: FlaskClient) -> None:
    body = {"url": "https://a.example/", "name": "A", "login": {"username": "a", "password": "b"}}
    told = client.post("/api/v1/networks", json=body)
    assert told.status_code >= 400 and "NETWORK_KEY" in told.text


def test_pages_with_forms_are_listed_and_analyzed(client: FlaskClient, garden: FormSite) -> None:
    add(client, garden)
    client.post("/api/crawl/discover-forms", json=WANTED)
    inline.run_until_idle()
    first = client.get("/api/v1/networks/1/forms?limit=3").json
    rest = client.get(f"/api/v1/networks/1/forms?limit=3&cursor={first['next']}").json
    found = first["items"] + rest["items"]
    assert len(found) == 4 and rest["next"] is None and all(one["forms"] for one in found)
    number = found[0]["id"]
    assert client.get(f"/api/v1/form-pages/{number}").json == found[0]
    task = client.post("/api/crawl/analyze-form", json={"form_page_id": number, "company_id": 1}).json["task_id"]
    inline.run_until_idle()
    told = client.get(f"/api/crawl/status/{task}").json["result"]
    assert told["form_page_id"] == number and told["forms"][0]["fields"]
    assert client.get("/api/v1/form-pages/99").status_code == 404
    assert client.post("/api/crawl/analyze-form", json={"form_page_id": 99, "company_id": 1}).status_code == 404


def test_a_login_that_fails_is_told_without_it(client: FlaskClient, garden: FormSite) -> None:
    add(client, garden, login={"username": USER, "password": "hunter2"})
    task = client.post("/api/crawl/discover-forms", json=WANTED).json["task_id"]
    inline.run_until_idle()
    told = client.get(f"/api/crawl/status/{task}").json
    assert told["state"] == "FAILURE" and "did not take the login" in told["status"] and "hunter2" not in str(told)
    assert len(garden.posts) == 1


def test_a_key_sees_its_own_networks_only(key_client: Callable[..., Any], garden: FormSite) -> None:
    mine, other, viewer, admin = (key_client(role) for role in ("operator", "operator", "viewer", "admin"))
    add(mine, garden)
    assert other.get("/api/v1/networks").json["items"] == [] and len(admin.get("/api/v1/networks").json["items"]) == 1
    for path in ("/api/v1/networks/1", "/api/v1/networks/1/forms"):
        assert (mine.get(path).status_code, other.get(path).status_code) == (200, 404)
    assert other.post("/api/crawl/discover-forms", json=WANTED).status_code == 404
    assert other.delete("/api/v1/networks/1").status_code == 404
    assert viewer.post("/api/crawl/discover-forms", json=WANTED).status_code == 403
    assert mine.post("/api/v1/networks/rotate").status_code == 403
    assert admin.post("/api/v1/networks/rotate").json == {"rotated": 0}
