"""Errors as pages, and pages while Redis is away: for people as HTML with the remedy, for programs as JSON as ever."""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
from state.store import connection
from tests.local.real import until
from topics.access import api_keys, passwords, users
from web.pages import kept

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No page of another test, and hashes that take a millisecond."""
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")
    passwords._nobodys.cache_clear()
    kept.forget()
    yield
    kept.forget()


@pytest.fixture
def stop_redis(store: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], pytest.MonkeyPatch]:
    """Takes Redis away; returns what brings it back by `undo`."""

    def away(*args: Any, **kwargs: Any) -> Any:
        raise connection.redis.ConnectionError("away")

    def stop() -> pytest.MonkeyPatch:
        patch = pytest.MonkeyPatch()
        patch.setattr(store, "execute_command", away)
        patch.setattr(store, "pipeline", away)
        stopped.append(patch)
        return patch

    stopped: list[pytest.MonkeyPatch] = []
    yield stop
    for patch in stopped:
        patch.undo()


def logged_in(client: FlaskClient, name: str = "ada") -> FlaskClient:
    users.add(name, "operator", "correct horse battery")
    client.post("/login", data={"name": name, "password": "correct horse battery"}, headers=BROWSER)
    return client


def without_redis(client: FlaskClient) -> str:
    """The page, as soon as nothing that was read a moment ago can fill it."""
    reply = until(lambda: (found := client.get("/workers", headers=BROWSER)).status_code == 503 and found)
    return str(reply.text)  # type: ignore[union-attr]


# --- errors ---


def test_an_unknown_address_is_a_page_for_people_and_json_for_programs(client: FlaskClient) -> None:
    page = client.get("/nothing", headers=BROWSER)
    assert page.status_code == 404 and page.mimetype == "text/html" and "There is no page at this address." in page.text
    assert "<h1>404 Not Found</h1>" in page.text and 'aria-label="Pages"' in page.text
    for path, headers in (
        ("/nothing", {}),
        ("/nothing", {"Accept": "*/*"}),
        ("/api/v1/nothing", BROWSER),
        ("/v1/nothing", BROWSER),
    ):
        assert "json" in client.get(path, headers=headers).mimetype, (path, headers)


def test_a_wrong_method_is_a_page_and_names_the_right_ones(client: FlaskClient) -> None:
    page = client.post("/workers", headers=BROWSER)
    assert page.status_code == 405 and page.mimetype == "text/html" and "GET" in page.headers["Allow"]


def test_a_key_gets_json_even_where_it_takes_html(key_client: Callable[..., Any]) -> None:
    assert key_client().get("/nothing", headers=BROWSER).mimetype == "application/problem+json"


def test_strangers_see_the_error_without_the_menu(client: FlaskClient) -> None:
    api_keys.add("a", "viewer")
    page = client.get("/nothing", headers=BROWSER).text
    assert 'aria-label="Pages"' not in page and "Log in" in page and "System:" not in page


def test_what_was_wrong_is_text(client: FlaskClient) -> None:
    page = client.get(f"/workers?table=workers&format={HOSTILE}", headers=BROWSER)
    assert page.status_code == 422 and HOSTILE[:12] not in page.text and "format is csv or json" in page.text


def test_a_form_without_its_token_is_refused_with_a_page(client: FlaskClient) -> None:
    page = logged_in(client).post("/account/sessions/x/end", headers=BROWSER)
    assert page.status_code == 403 and page.mimetype == "text/html" and "load the page again" in page.text


# --- Redis away ---


def test_without_redis_the_page_says_so_with_the_command_and_tries_again(client: FlaskClient, stop_redis: Any) -> None:
    stop_redis()
    page = client.get("/workers", headers=BROWSER)
    assert page.status_code == 503 and int(page.headers["Retry-After"]) > 0 and "data-retry" in page.text
    assert "<h1>Redis does not answer</h1>" in page.text and "<code>python manage.py redis</code>" in page.text
    assert client.get("/workers").mimetype == "application/problem+json"


def test_the_last_figures_are_shown_with_their_time(client: FlaskClient, stop_redis: Any) -> None:
    was = client.get("/workers?limit=7", headers=BROWSER).text
    stop_redis()
    page = client.get("/workers?limit=7", headers=BROWSER)
    assert page.status_code == 503 and re.search(r"Figures of \d\d:\d\d:\d\d UTC; Redis does not answer", page.text)
    assert "Workers that live now" in was and "Workers that live now" in page.text
    assert "Figures of" not in client.get("/workers?limit=8", headers=BROWSER).text


def test_the_last_figures_are_shown_to_their_viewer_alone(client: FlaskClient, app: Any, stop_redis: Any) -> None:
    logged_in(client).get("/workers", headers=BROWSER)
    other, nobody = logged_in(app.test_client(), "bob"), app.test_client()
    stop_redis()
    assert "Figures of" in without_redis(client)
    assert "Figures of" not in without_redis(other) and "Figures of" not in without_redis(nobody)


def test_after_a_logout_nothing_is_shown(client: FlaskClient, stop_redis: Any) -> None:
    page = logged_in(client).get("/workers", headers=BROWSER).text
    secret = client.get_cookie("trawl").value  # type: ignore[union-attr]
    token = re.findall(r'name="csrf_token" value="(\w+)"', client.get("/account", headers=BROWSER).text)[0]
    assert page and client.post("/logout", data={"csrf_token": token}, headers=BROWSER).status_code == 303
    client.set_cookie("trawl", secret)
    stop_redis()
    assert "Figures of" not in without_redis(client)


def test_a_logout_that_redis_could_not_hear_forgets_too(client: FlaskClient, stop_redis: Any) -> None:
    logged_in(client).get("/workers", headers=BROWSER)
    stop_redis()
    assert "Figures of" in without_redis(client)
    client.post("/logout", headers=BROWSER)
    assert "Figures of" not in without_redis(client)


def test_who_was_removed_elsewhere_sees_nothing_any_more(
    client: FlaskClient, stop_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(client).get("/workers", headers=BROWSER)
    users.remove("ada")
    now = clock.monotonic() + 6
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    kept.check()
    stop_redis()
    assert "Figures of" not in without_redis(client)


def test_who_has_a_smaller_role_by_now_sees_nothing_of_the_larger_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(client).get("/workers", headers=BROWSER)
    users.set_role("ada", "viewer")
    now = clock.monotonic() + 6
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    assert kept._pages
    kept.check()
    assert not kept._pages


def test_while_redis_is_away_nobody_loses_the_figures_until_they_are_too_old(
    client: FlaskClient, stop_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(client).get("/workers", headers=BROWSER)
    stop_redis()
    kept.check()
    assert "Figures of" in without_redis(client)
    later = clock.now() + kept.LIFE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Figures of" not in without_redis(client)


def test_what_is_kept_is_bounded_and_neither_files_nor_errors(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/workers?table=workers&format=csv", headers=BROWSER)
    client.get("/nothing", headers=BROWSER)
    assert not kept._pages
    monkeypatch.setattr(kept, "MOST", 5000)
    for number in range(20):
        client.get(f"/workers?limit={number}", headers=BROWSER)
    assert 0 < sum(len(one.packed) for one in kept._pages.values()) <= 5000


def test_when_redis_is_back_the_page_is_as_ever(client: FlaskClient, stop_redis: Any) -> None:
    client.get("/workers", headers=BROWSER)
    patch = stop_redis()
    assert client.get("/workers", headers=BROWSER).status_code == 503
    patch.undo()
    back = client.get("/workers", headers=BROWSER)
    assert back.status_code == 200 and "Figures of" not in back.text


def test_a_redis_that_is_full_still_shows_its_pages(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> Any:
        raise connection.redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'.")

    logged_in(client)
    later = clock.now() + timedelta(seconds=90)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr("state.access.sessions.touch", full)
    assert client.get("/workers", headers=BROWSER).status_code == 200


@pytest.mark.parametrize("came", ["//evil.example/x", "//evil.example", "/\\evil.example/"])
def test_back_leads_to_this_site_only(client: FlaskClient, came: str) -> None:
    """A page of ours may have an address that a browser reads as another site: its path is no link."""
    reply = client.get("/nothing/here", headers={**BROWSER, "Referer": f"http://localhost{came}"})
    assert reply.status_code == 404 and "evil" not in reply.text
    reply = client.get("/nothing/here", headers={**BROWSER, "Referer": "http://localhost/jobs?status=failed"})
    assert 'href="/jobs?status=failed">Back' in reply.text


@pytest.mark.parametrize("text", ["[" * 2500, '"\\ud800"', '{"a": 1}', "no JSON"])
def test_a_message_that_somebody_else_wrote_stops_no_page(client: FlaskClient, text: str) -> None:
    """Another host of the same domain can plant a cookie: pages are shown all the same, and the cookie goes."""
    client.set_cookie("trawl_said", base64.urlsafe_b64encode(text.encode()).decode())
    reply = client.get("/login", headers=BROWSER)
    assert reply.status_code == 200 and "trawl_said=;" in reply.headers["Set-Cookie"]
