"""/api/v1/keys, /users, /me: by admins, and for who asks."""

from collections.abc import Callable
from typing import Any

import pytest

import queues
from jobs import scrape
from topics.access import audit, passwords, users

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")


def test_an_admin_makes_and_removes_people(key_client: Callable[..., Any]) -> None:
    admin = key_client("admin")
    made = admin.post("/api/v1/users", json={"name": "Ada", "role": "operator", "password": PASSWORD})
    assert made.status_code == 201 and made.json["name"] == "ada"
    assert admin.post("/api/v1/users", json={"name": "ada", "password": PASSWORD}).status_code == 409
    browser = admin.application.test_client()
    assert browser.post("/login", json={"name": "ada", "password": PASSWORD}).status_code == 200
    assert admin.delete("/api/v1/users/ada/sessions").json == {"ended": 1}
    assert admin.put("/api/v1/users/ada/password", json={"password": "another password"}).status_code == 200
    assert passwords.fits("another password", users.password_of("ada"))
    assert [one["name"] for one in admin.get("/api/v1/users").json["items"]] == ["ada"]
    assert admin.delete("/api/v1/users/ada").status_code == 200
    assert admin.delete("/api/v1/users/ada").status_code == 404
    assert PASSWORD not in repr(audit.page(1000)) and "another" not in repr(audit.page(1000))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "ada"},
        {"name": "ada", "password": "short"},
        {"name": "a b", "password": PASSWORD},
        {"name": "a:b", "password": PASSWORD},
        {"name": "ada", "password": PASSWORD, "role": "god"},
        {"name": "ada", "password": PASSWORD, "admin": True},
        {"name": "\u202eada", "password": PASSWORD},
    ],
)
def test_a_person_that_cannot_be_is_refused(key_client: Callable[..., Any], body: dict[str, Any]) -> None:
    refused = key_client("admin").post("/api/v1/users", json=body)
    assert refused.status_code == 422 and PASSWORD not in refused.text and users.every() == []


@pytest.mark.parametrize(
    "body", [{}, {"name": "x", "rate": -1}, {"name": "x", "days": 0}, {"name": "a/b"}, {"name": "x", "role": 3}]
)
def test_a_key_that_cannot_be_is_refused(key_client: Callable[..., Any], body: dict[str, Any]) -> None:
    assert key_client("admin").post("/api/v1/keys", json=body).status_code == 422


def test_who_asks_is_told_the_role_the_limit_and_what_is_left(key_client: Callable[..., Any]) -> None:
    mine = key_client(name="shop", rate=50, pages_a_month=10)
    with queues.owned_by(mine.key.id):
        queues.submit(scrape.scrape_url, "https://example.com/")
    told = mine.get("/api/v1/me").json
    assert (told["name"], told["role"], told["how"], told["rate"]) == ("shop", "operator", "key", 50)
    assert (told["quota"]["limit"], told["quota"]["reserved"], told["quota"]["left"]) == (10, 1, 9)
    assert mine.put("/api/v1/me/password", json={"old": PASSWORD, "password": PASSWORD}).status_code == 403
    assert mine.get("/api/v1/me/sessions").json == {"items": [], "next": None}


def test_a_key_without_pages_left_is_told_so_in_the_words_of_each_door(key_client: Callable[..., Any]) -> None:
    mine = key_client(pages_a_month=1)
    with queues.owned_by(mine.key.id):
        queues.submit(scrape.scrape_url, "https://example.com/")
    for path in ("/scrape", "/v1/scrape", "/v2/scrape", "/v1/crawl"):
        refused = mine.post(path, json={"url": "https://example.com/2"})
        assert refused.status_code == 402, (path, refused.text)
        assert "left this month" in refused.text


def test_a_key_is_changed_and_stays_the_same_key(key_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    admin, mine = key_client("admin"), key_client(name="shop", pages_a_month=5, days=9)
    url = f"/api/v1/keys/{mine.key.id}"
    assert mine.patch(url, json={"role": "admin"}).status_code == 403
    changed = admin.patch(url, json={"pages_a_month": 50, "rate": 7, "days": None, "role": "viewer"}).json
    assert (changed["quota"]["limit"], changed["rate"], changed["expires_at"], changed["role"]) == (50, 7, None, "viewer")
    assert mine.get("/api/v1/me").json["quota"]["limit"] == 50
    assert admin.patch(url, json={"pages_a_month": None, "rate": None}).json["quota"]["limit"] is None
    assert admin.patch(url, json={}).status_code == 200
    assert admin.patch(url, json={"pages_a_month": 0}).status_code == 422
    assert admin.patch("/api/v1/keys/nothing", json={"rate": 1}).status_code == 404
    admin.delete(url)
    assert admin.patch(url, json={"role": "admin"}).status_code == 409
    assert mine.get("/api/v1/me").status_code == 401


def test_a_person_gets_another_role(key_client: Callable[..., Any]) -> None:
    users.add("ada", "viewer", PASSWORD)
    admin = key_client("admin")
    assert admin.put("/api/v1/users/ada/role", json={"role": "admin"}).json["role"] == "admin"
    assert admin.put("/api/v1/users/bob/role", json={"role": "admin"}).status_code == 404
    assert admin.put("/api/v1/users/ada/role", json={"role": None}).status_code == 422
