"""Saved views: filters of a list under a name, for oneself or for all; only of our own pages, and only so many."""

import json
from typing import Any

import pytest
from flask import render_template_string
from flask.testing import FlaskClient

from errors import ArgumentError, NotAllowed
from state.access import saved_views as stored
from tests.web.pages.people import HOSTILE, PASSWORD, Browser, is_escaped
from tests.web.pages.people import quick_hashes as quicken
from topics.access import api_keys, saved_views, users, view_addresses
from topics.tracking import projects
from web.pages import frame, saved


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


BAR = """{% extends "pages/base.html" %}{% import "pages/saved_parts.html" as saved_parts with context %}
{% block content %}{{ saved_parts.bar(saved) }}{% endblock %}"""


def bar(app: Any, who: Browser | FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What stands above the list of an address: the macro in place of whatever view has that address."""

    def view(**names: str) -> str:
        return render_template_string(BAR, title="x", **frame._shared(200), saved=saved.shown())

    endpoint, _ = app.url_map.bind("localhost").match(path.partition("?")[0])
    monkeypatch.setitem(app.view_functions, endpoint, view)
    return str(who.get(path).text)


@pytest.fixture
def listed(app: Any) -> str:
    """A list that has saved views, with an address."""
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    return next((path for path in ("/jobs", "/failures") if path in paths), "")


def save(who: Any, name: str, address: str = "/jobs?status=failed", **fields: str) -> Any:
    return who.post("/views", name=name, address=address, **fields)


def names(owner: str, path: str = "") -> list[str]:
    return [one.name for one in saved_views.of(owner, path)]


def test_filters_are_saved_for_oneself_or_for_all(app: Any) -> None:
    ada, bob = Browser(app, "ada", "operator"), Browser(app, "bob", "viewer")
    done = save(ada, "Failed today", "/jobs?status=failed&since=24h")
    assert (done.status_code, done.headers["Location"]) == (303, "/jobs?since=24h&status=failed")
    save(ada, "Theirs", for_all="1")
    save(bob, "Mine")
    assert names("user:ada") == ["Failed today", "Theirs"] and names("user:bob") == ["Mine", "Theirs"]
    assert names("user:bob", "/failures") == []


def test_a_viewer_saves_for_himself_and_changes_nothing_of_others(app: Any) -> None:
    ada, bob = Browser(app, "ada", "operator"), Browser(app, "bob", "viewer")
    save(ada, "Theirs", for_all="1")
    save(ada, "Hers")
    assert save(bob, "For all", for_all="1").status_code == 403
    hers, theirs = saved_views.of("user:ada")
    for view in (hers, theirs):
        assert bob.post(f"/views/{view.id}/remove").status_code == 404
        assert bob.post(f"/views/{view.id}/remove", for_all="1").status_code == 403
    assert names("user:ada") == ["Hers", "Theirs"]
    assert ada.post(f"/views/{theirs.id}/remove", for_all="1", back="/jobs").headers["Location"] == "/jobs"
    assert ada.post(f"/views/{hers.id}/remove", back="//evil.example").headers["Location"] == "/"
    assert names("user:ada") == []


def test_the_same_name_on_the_same_page_is_replaced(app: Any) -> None:
    ada = Browser(app, "ada", "viewer")
    save(ada, "Mine", "/jobs?status=failed")
    save(ada, "mine", "/jobs?status=running")
    assert "in place of the view of that name" in ada.get("/pauses").text
    save(ada, "Mine", "/failures?kind=serp")
    assert [(one.name, one.address) for one in saved_views.of("user:ada", "/jobs")] == [("mine", "/jobs?status=running")]
    assert len(saved_views.of("user:ada")) == 2


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example/jobs?a=b", "//evil.example/jobs?a=b", "javascript:alert(1)", "/\\evil?a=b", "jobs?a=b"),
        *("/keys?a=b", "/jobs/../keys?a=b", "/jobs", "/jobs?", "/jobs?format=csv", "/jobs?jobs-cursor=x", "/jobs?a=b#x"),
        *("/jobs?a=b\r\nX: y", "/jobs?a=\u202eb", "/jobs?" + "a" * 3000, "/jobs/x?a=b", "/projects/P/keywords?a=b", ""),
        "/jobs?" + "&".join(f"a{number}=1" for number in range(60)),
    ],
)
def test_only_filters_of_our_lists_are_saved(address: str) -> None:
    with pytest.raises(ArgumentError):
        saved_views.add("user:ada", "x", address, "ada")


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u202eb", "a\x00b", "\ud800"])
def test_a_name_is_a_line_of_sixty_characters(name: str) -> None:
    with pytest.raises(ArgumentError):
        saved_views.add("user:ada", name, "/jobs?a=b", "ada")


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST", 3)
    for number in range(3):
        saved_views.add("user:ada", f"v{number}", "/jobs?a=b", "ada")
    with pytest.raises(NotAllowed):
        saved_views.add("user:ada", "v3", "/jobs?a=b", "ada")
    saved_views.add("user:ada", "v2", "/jobs?a=c", "ada")
    assert len(saved_views.of("user:ada")) == 3


def test_they_go_with_their_owner(app: Any) -> None:
    Browser(app, "ada", "viewer")
    key, _ = api_keys.add("ci", "viewer")
    saved_views.add("user:ada", "x", "/jobs?a=b", "ada")
    saved_views.add(f"key:{key.id}", "x", "/jobs?a=b", "ci")
    users.remove("ada")
    api_keys.revoke(key.id)
    users.add("ada", "viewer", PASSWORD)
    assert names("user:ada") == names(f"key:{key.id}") == []


def test_what_somebody_broke_in_the_store_is_left_out(store: Any) -> None:
    store.hset("trawl:access:views:all", mapping={"a": b"\xff", "b": "[]", "c": '{"name": 3}'})
    assert saved_views.of("user:ada") == []


def test_the_bar_shows_links_forms_and_hostile_names_as_text(app: Any, listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not listed:
        monkeypatch.setattr(view_addresses, "PAGES", __import__("re").compile("/pauses"))
        listed = "/pauses"
    ada, bob = Browser(app, "ada", "operator"), Browser(app, "bob", "viewer")
    save(ada, HOSTILE, f"{listed}?a={HOSTILE}", for_all="1")
    page = bar(app, bob, f"{listed}?b=%3Cimg%20onerror&limit=5&x-cursor=1", monkeypatch)
    assert is_escaped(page) and f'href="{listed}?a=' in page and "For all</label>" not in page and "Remove" not in page
    assert f'name="address" value="{listed}?b=%3Cimg+onerror"' in page
    page = bar(app, ada, f"{listed}?a=" + HOSTILE.replace(" ", "+"), monkeypatch)
    assert 'aria-current="page"' in page.split("Saved views:")[1] and "For all</label>" in page and "Remove" in page
    assert "Save these filters" not in bar(app, ada, listed, monkeypatch)


def test_routes_do_the_same(key_client: Any) -> None:
    viewer, operator = key_client("viewer"), key_client("operator")
    made = viewer.post("/api/v1/views", json={"name": "Mine", "address": "/jobs?status=failed&jobs-cursor=x"})
    assert made.status_code == 201 and made.json["address"] == "/jobs?status=failed" and made.json["for_all"] is False
    body = {"name": "All", "address": "/failures?kind=serp", "for_all": True}
    assert viewer.post("/api/v1/views", json=body).status_code == 403
    assert operator.post("/api/v1/views", json=body).status_code == 201
    assert {one["name"] for one in viewer.get("/api/v1/views").json["items"]} == {"Mine", "All"}
    assert [one["name"] for one in viewer.get("/api/v1/views?path=/failures").json["items"]] == ["All"]
    shared = operator.get("/api/v1/views").json["items"][0]["id"]
    assert viewer.delete(f"/api/v1/views/{shared}?for_all=true").status_code == 403
    assert viewer.delete(f"/api/v1/views/{made.json['id']}").status_code == 204
    assert operator.delete(f"/api/v1/views/{shared}?for_all=true").status_code == 204
    assert operator.delete(f"/api/v1/views/{shared}?for_all=true").status_code == 404
    assert operator.post("/api/v1/views", json={"name": "x", "address": "https://evil.example/"}).status_code == 422
    assert json.dumps(stored.of(["all"])) == "[{}]"


@pytest.mark.parametrize(
    "address", ["/jobs?since=24h&status=failed", "/failures?kind=serp", "/projects/example.com/keywords?tag=a"]
)
def test_every_list_that_has_views_shows_them(client: FlaskClient, address: str) -> None:
    projects.add("example.com")
    assert "Save these filters" in client.get(address).text
    saved_at = client.post("/views", data={"name": "Mine", "address": address}).headers["Location"]
    page = client.get(saved_at).text
    assert saved_at == address and 'aria-current="page">Mine</a>' in page and "Saved as Mine." in page
    assert 'aria-current="page">Mine</a>' not in client.get(address.partition("?")[0]).text
