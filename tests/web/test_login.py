"""People log in: the cookie, what a session may do, how guessing is slowed down, and who is never kept out."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

import clock
import config
from topics.access import audit, logins, passwords, sessions, users

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash takes a millisecond; one test looks at the real ones."""
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")
    passwords._nobodys.cache_clear()


@pytest.fixture
def ada(client: FlaskClient) -> FlaskClient:
    """A browser in which ada, an operator, is logged in."""
    users.add("ada", "operator", PASSWORD)
    assert log_in(client).status_code == 200
    return client


@pytest.fixture
def other(app: OpenAPI) -> Iterator[FlaskClient]:
    """Another browser."""
    yield app.test_client()


def log_in(client: FlaskClient, password: str = PASSWORD, name: str = "ada", **options: Any) -> Any:
    return client.post("/login", json={"name": name, "password": password}, **options)


def token(client: FlaskClient) -> str:
    return str(client.get("/api/v1/me").json["csrf_token"])  # type: ignore[index]


def cookie_of(reply: Any) -> str:
    return str(reply.headers["Set-Cookie"])


def test_a_login_gives_a_cookie_that_scripts_and_other_sites_cannot_use(client: FlaskClient) -> None:
    users.add("Ada", "operator", PASSWORD)
    reply = log_in(client, name=" ADA ")
    assert reply.json["role"] == "operator" and reply.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"trawl=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", cookie_of(reply))
    assert client.get("/api/v1/me").json["how"] == "session"  # type: ignore[index]


def test_on_https_the_cookie_is_bound_to_the_host(client: FlaskClient) -> None:
    users.add("ada", "operator", PASSWORD)
    reply = log_in(client, base_url="https://trawl.example", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert re.fullmatch(r"__Host-trawl=[\w-]{43}; Secure; HttpOnly; Path=/; SameSite=Lax", cookie_of(reply))
    assert "Strict-Transport-Security" in reply.headers


def test_over_plain_http_from_elsewhere_no_password_is_taken(client: FlaskClient) -> None:
    users.add("ada", "operator", PASSWORD)
    reply = log_in(client, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert reply.status_code == 403 and "PUBLIC_URL" in reply.json["detail"]
    with config.overridden(public_url="https://trawl.example"):  # a proxy in front speaks https
        assert log_in(client, environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_the_secret_of_a_session_is_nowhere_in_the_store(ada: FlaskClient, store: Any) -> None:
    secret = ada.get_cookie("trawl").value  # type: ignore[union-attr]
    for key in store.scan_iter("*"):
        kind = store.type(key)
        held = (
            store.hgetall(key)
            if kind == b"hash"
            else store.dump(key)
            if kind == b"string"
            else store.zrange(key, 0, -1)
            if kind == b"zset"
            else ""
        )
        assert secret not in repr(key) and secret not in repr(held) and PASSWORD not in repr(held)


def test_each_login_gives_a_new_session_and_ends_the_one_before_in_that_browser(ada: FlaskClient) -> None:
    before = ada.get_cookie("trawl").value  # type: ignore[union-attr]
    log_in(ada)
    after = ada.get_cookie("trawl").value  # type: ignore[union-attr]
    assert before != after and sessions.holder(before) is None and len(sessions.of_user("ada")) == 1


def test_a_change_needs_the_token_and_our_own_origin(ada: FlaskClient) -> None:
    mine = token(ada)
    job = ada.post("/scrape", json={"url": "https://example.com/"})
    assert job.status_code == 403 and "X-CSRFToken" in job.json["detail"]  # type: ignore[index]
    for wrong in ("", "x", mine[:-1], mine + "0", "é"):
        assert (
            ada.post(
                "/scrape", json={"url": "https://example.com/"}, headers={"X-CSRFToken": wrong.encode().decode("latin-1")}
            ).status_code
            == 403
        )
    assert ada.post("/scrape", json={"url": "https://example.com/"}, headers={"X-CSRFToken": mine}).status_code < 300
    for foreign in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ):
        refused = ada.post("/scrape", json={"url": "https://example.com/"}, headers={"X-CSRFToken": mine, **foreign})
        assert refused.status_code == 403 and refused.json["code"] == "origin", foreign  # type: ignore[index]
    for own in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "none"}):
        assert ada.post("/scrape", json={"url": "https://example.com/"}, headers={"X-CSRFToken": mine, **own}).status_code < 300


def test_another_sites_page_cannot_use_the_open_server_nor_log_somebody_in(client: FlaskClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post("/scrape", json={"url": "https://example.com/"}, headers=headers).status_code == 403
        assert log_in(client, headers=headers).status_code == 403
    assert client.post("/scrape", json={"url": "https://example.com/"}).status_code < 300


def test_a_key_beside_the_cookie_counts_alone(ada: FlaskClient, key_client: Any) -> None:
    viewer = key_client("viewer")
    refused = ada.post(
        "/scrape",
        json={"url": "https://example.com/"},
        headers={"Authorization": f"Bearer {viewer.secret}", "X-CSRFToken": token(ada)},
    )
    assert refused.status_code == 403 and "viewer" in refused.json["detail"]  # type: ignore[index]
    assert ada.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_session_ends_when_it_is_idle_at_its_end_by_logout_and_by_another_password(
    ada: FlaskClient, other: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(other)
    assert ada.post("/logout", headers={"X-CSRFToken": token(ada)}).status_code == 200
    assert ada.get("/api/v1/me").status_code == 401 and other.get("/api/v1/me").status_code == 200
    users.set_password("ada", "another password")
    forget_what_was_read(monkeypatch)
    assert other.get("/api/v1/me").status_code == 401
    assert log_in(other, "another password").status_code == 200
    started, future = clock.now(), config.settings().session_days * 86_400 + 1
    monkeypatch.setattr(clock, "now", lambda: started.fromtimestamp(started.timestamp() + future, started.tzinfo))
    assert other.get("/api/v1/me").status_code == 401


def forget_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds later."""
    now = clock.monotonic() + 6
    monkeypatch.setattr(clock, "monotonic", lambda: now)


def test_the_store_forgets_a_session_that_is_not_used(ada: FlaskClient, store: Any) -> None:
    [key] = list(store.scan_iter("trawl:access:session:*"))
    assert 0 < store.ttl(key) <= config.settings().session_idle_h * 3600
    store.delete(key)
    assert sessions.of_user("ada") == []


def test_sessions_are_listed_and_ended_and_only_ones_own(ada: FlaskClient, other: FlaskClient) -> None:
    users.add("bob", "admin", PASSWORD)
    log_in(other, name="bob")
    [mine] = ada.get("/api/v1/me/sessions").json["items"]  # type: ignore[index]
    assert mine["is_this"]
    assert other.delete(f"/api/v1/me/sessions/{mine['id']}", headers={"X-CSRFToken": token(other)}).status_code == 404
    assert ada.delete("/api/v1/me/sessions/", headers={"X-CSRFToken": token(ada)}).status_code == 404
    assert ada.delete(f"/api/v1/me/sessions/{mine['id']}", headers={"X-CSRFToken": token(ada)}).status_code == 200
    assert ada.get("/api/v1/me").status_code == 401


def test_a_removed_person_is_out(ada: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ada.get("/api/v1/me").status_code == 200
    users.remove("ada")
    forget_what_was_read(monkeypatch)
    assert ada.get("/api/v1/me").status_code == 401


def test_guessing_is_slowed_down_and_the_wait_doubles(client: FlaskClient) -> None:
    users.add("ada", "operator", PASSWORD)
    answers = [log_in(client, "wrong").status_code for _ in range(5)]
    refused = log_in(client)
    assert answers == [401] * 5 and refused.status_code == 429 and refused.headers["Retry-After"] == "1"
    assert log_in(client, "wrong", name="nobody").status_code == 401  # another account, another count


def test_the_wait_grows_to_fifteen_minutes_and_no_further(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    users.add("ada", "operator", PASSWORD)
    now = [1_800_000_000_000]
    monkeypatch.setattr(clock, "script_now_ms", lambda: str(now[0]))
    waits = []
    for number in range(25):
        place = f"192.0.2.{number}"  # each from somewhere else: the account counts them together
        assert logins.log_in("ada", "wrong", place) is None
        if number >= 4:
            with pytest.raises(logins.TooMany) as refused:
                logins.log_in("ada", PASSWORD, place)
            waits.append(round((refused.value.until - clock.now()).total_seconds()))
            now[0] += (waits[-1] + 1) * 1000
    assert waits[:4] == [1, 2, 4, 8] and max(waits) == 900 and waits[-1] == 900
    assert logins.log_in("ada", PASSWORD, "198.51.100.1")  # the wait is over: the right password opens


def test_strangers_who_guess_do_not_keep_the_owner_out(client: FlaskClient) -> None:
    users.add("ada", "operator", PASSWORD)
    assert log_in(client, environ_overrides={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200
    for number in range(8):
        with pytest.raises(logins.TooMany) if number >= 5 else nullcontext():
            logins.log_in("ada", "wrong", f"203.0.113.{number}")
    assert log_in(client).status_code == 200  # from where she has logged in before


def test_an_address_that_tries_many_accounts_waits(client: FlaskClient) -> None:
    answers = [log_in(client, "wrong", name=f"user{number}").status_code for number in range(11)]
    assert answers == [401] * 10 + [429]


def test_unknown_accounts_cost_the_same_hash(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    check = passwords.check_password_hash
    monkeypatch.setattr(passwords, "check_password_hash", lambda stored, given: seen.append(stored) or check(stored, given))
    users.add("ada", "operator", PASSWORD)
    unknown, wrong = log_in(client, "wrong", name="nobody"), log_in(client, "wrong")
    assert len(seen) == 2 and unknown.json == wrong.json and unknown.status_code == wrong.status_code == 401


def test_a_stored_password_is_scrypt_as_strong_as_it_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    stored = passwords.hashed(PASSWORD)
    assert stored.startswith("scrypt:32768:8:1$") and passwords.fits(PASSWORD, stored) and not passwords.fits("x", stored)


def test_two_hashes_at_a_time_and_the_third_is_told_to_come_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE_S", 0.01)
    users.add("ada", "operator", PASSWORD)
    with passwords._turn(), passwords._turn():
        busy = log_in(client)
    assert busy.status_code == 429 and busy.headers["Retry-After"]
    assert log_in(client).status_code == 200


def test_the_form_needs_no_script_and_leads_back_only_to_our_own_pages(client: FlaskClient) -> None:
    users.add("ada", "operator", PASSWORD)
    page = client.get("/login?next=/rq/")
    assert (
        'value="/rq/"' in page.text
        and "<script" not in page.text
        and "default-src 'none'" in page.headers["Content-Security-Policy"]
    )
    assert client.post("/login", data={"name": "ada", "password": PASSWORD, "next": "/rq/"}).headers["Location"] == "/rq/"
    for foreign in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\tx",
        "",
        "/a\r\nX: y",
        "///x",
    ):
        assert (
            client.post("/login", data={"name": "ada", "password": PASSWORD, "next": foreign}).headers["Location"] == "/account"
        )
        assert "evil" not in client.get("/login", query_string={"next": foreign}).text


def test_a_wrong_password_on_the_form_says_so_and_escapes_what_was_typed(client: FlaskClient) -> None:
    users.add("ada", "operator", PASSWORD)
    reply = client.post("/login", data={"name": '"><script>alert(1)</script>', "password": "x", "next": '/"><script>'})
    assert reply.status_code == 401 and "wrong" in reply.text and "<script" not in reply.text


def test_a_browser_without_a_session_is_led_to_the_login_and_a_program_is_not(client: FlaskClient) -> None:
    users.add("ada", "operator", PASSWORD)
    led = client.get("/account", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (led.status_code, led.headers["Location"]) == (303, "/login?next=/account")
    assert client.get("/account", headers={"Accept": "*/*"}).status_code == 401


def test_the_account_page_lists_sessions_and_ends_them_by_a_form(ada: FlaskClient, other: FlaskClient) -> None:
    log_in(other, headers={"User-Agent": "<b>evil</b>"})
    page = ada.get("/account").text
    assert "&lt;b&gt;evil" in page and "<b>evil" not in page
    [action] = re.findall(r'action="(/account/sessions/\w+/end)"', page)
    held = re.findall(r'name="csrf_token" value="(\w+)"', page)[0]
    assert ada.post(action, data={"csrf_token": "wrong"}).status_code == 403
    assert ada.post(action, data={"csrf_token": held}).status_code == 303
    assert ada.post("/logout", data={"csrf_token": held}, headers={"Accept": "text/html"}).headers["Location"] == "/login"


def test_ones_own_password_is_changed_only_with_the_old_one(ada: FlaskClient) -> None:
    headers = {"X-CSRFToken": token(ada)}
    wrong = ada.put("/api/v1/me/password", json={"old": "wrong", "password": "another password"}, headers=headers)
    right = ada.put("/api/v1/me/password", json={"old": PASSWORD, "password": "another password"}, headers=headers)
    assert (wrong.status_code, right.status_code) == (403, 200)
    assert log_in(ada, "another password").status_code == 200


def test_logins_good_and_bad_are_in_the_audit_without_the_password(ada: FlaskClient) -> None:
    log_in(ada, "a wrong secret", name="ada\r\nwho=root")
    found, _ = audit.page()
    assert [(one.who, one.what, one.outcome) for one in found] == [
        ("ada\\r\\nwho=root", "POST /login", "401"),
        ("ada", "POST /login", "200"),
    ]
    assert "secret" not in repr(found) and PASSWORD not in repr(found)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "ada"},
        {"name": 1, "password": 2},
        {"name": ["a"], "password": {}},
        [],
        None,
        {"name": "\ud800", "password": "x"},
    ],
)
def test_a_login_that_is_none_is_refused(client: FlaskClient, body: Any) -> None:
    assert client.post("/login", json=body).status_code in (400, 422)


def test_a_session_that_was_left_over_opens_nothing(ada: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody was killed between a change of the person and the end of the sessions."""
    later = int(clock.now().timestamp()) + 10
    store.hset("trawl:access:user:ada", "changed_s", later)
    forget_what_was_read(monkeypatch)
    assert ada.get("/api/v1/me").status_code == 401
    store.hset("trawl:access:user:ada", "changed_s", 1)
    forget_what_was_read(monkeypatch)
    assert ada.get("/api/v1/me").status_code == 200
    store.delete("trawl:access:user:ada")
    forget_what_was_read(monkeypatch)
    assert ada.get("/api/v1/me").status_code == 401


def test_a_forwarded_address_that_nobody_vouches_for_is_no_new_address(client: FlaskClient) -> None:
    headers = [{"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"} for number in range(12)]
    with config.overridden(public_url="https://localhost"):
        answers = [log_in(client, "wrong", name=f"user{n}", headers=one).status_code for n, one in enumerate(headers)]
    assert answers == [401] * 10 + [429] * 2


def test_another_password_ends_the_wait(client: FlaskClient) -> None:
    users.add("ada", "operator", PASSWORD)
    for number in range(5):
        logins.log_in("ada", "wrong", f"203.0.113.{number}")
    assert log_in(client).status_code == 429
    users.set_password("ada", PASSWORD)
    assert log_in(client).status_code == 200
