"""/keys and /people, for admins; one's own password; a link that logs in once."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import config
from tests.web.pages.people import PASSWORD, Browser, is_escaped, pages_of, round_trips
from tests.web.pages.people import quick_hashes as quicken
from topics.access import api_keys, audit, login_links, sessions, tokens, users


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@pytest.fixture
def boss(app: Any) -> Browser:
    """An admin in a browser."""
    return Browser(app, "boss", "admin")


def make(boss: Browser, **fields: Any) -> tuple[api_keys.Key, str]:
    page = boss.post("/keys", **{"name": "ci", "role": "operator", **fields})
    assert page.status_code == 201, page.text
    [secret] = set(re.findall(r"trawl_\w{8}_[\w-]{43}", page.text))
    found = tokens.parse(secret)
    assert found
    return api_keys.get(found.id), secret


def test_a_key_is_made_and_its_secret_is_shown_once(boss: Browser) -> None:
    page = boss.post("/keys", name="ci", role="viewer", days="2", rate="10", pages_a_month="100")
    [secret] = set(re.findall(r"trawl_\w{8}_[\w-]{43}", page.text))
    assert page.headers["Cache-Control"] == "no-store" and "Location" not in page.headers and "Set-Cookie" not in page.headers
    key = api_keys.every()[0]
    assert (key.role.word, key.rate, key.pages_a_month) == ("viewer", 10, 100) and key.expires_at
    for path in ("/keys", f"/keys/{key.id}", "/keys?format=csv", "/keys?format=json", "/audit"):
        assert secret not in boss.get(path).text and secret[-43:] not in boss.get(path).text
    fresh = boss.client.application.test_client()
    assert fresh.get("/pauses", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_keys_say_what_they_may_and_what_they_used(boss: Browser, store: Any) -> None:
    key, _ = make(boss, pages_a_month="100", rate="0")
    month = f"{clock.now():%Y-%m}"
    store.hset(f"trawl:access:pages:{key.id}:{month}", mapping={"=taken": 30, "=fetched": 20})
    store.expire(f"trawl:access:pages:{key.id}:{month}", 1000)
    [row] = json.loads(boss.get("/keys?format=json").text)
    assert (row["fetched"], row["reserved"], row["quota"], row["rate"], row["state"]) == (20, 10, 100, 0, "valid")
    page = boss.get(f"/keys/{key.id}").text
    assert "20 fetched, 10 reserved, 70 left of 100" in page
    assert "digest" not in boss.get("/keys?format=csv").text


def test_limits_are_changed_and_taken_away(boss: Browser) -> None:
    key, _ = make(boss, days="3")
    path = f"/keys/{key.id}"
    assert boss.post(path, role="viewer", rate="7", pages_a_month="9", days="").status_code == 303
    changed = api_keys.get(key.id)
    assert (changed.role.word, changed.rate, changed.pages_a_month, changed.expires_at) == ("viewer", 7, 9, key.expires_at)
    boss.post(path, role="viewer", rate="", pages_a_month="", days="none")
    changed = api_keys.get(key.id)
    assert (changed.rate, changed.pages_a_month, changed.expires_at) == (None, None, None)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "<b>"}, "must be up to 60 letters"),
        ({"name": "ci", "role": "god"}, "no role"),
        ({"name": "ci", "days": "x"}, "is no number"),
        ({"name": "ci", "days": "nan"}, "days must be"),
        ({"name": "ci", "rate": "-1"}, "rate must be"),
        ({"name": "ci", "pages_a_month": "0"}, "pages_a_month must be"),
        ({"name": "twice"}, "There is a valid key"),
    ],
)
def test_a_key_that_cannot_be_is_refused_on_the_page(boss: Browser, fields: dict[str, str], says: str) -> None:
    api_keys.add("twice", "viewer")
    page = boss.post("/keys", **{"role": "viewer", **fields})
    assert page.status_code in (409, 422) and says in page.text and "<b>" not in page.text and len(api_keys.every()) == 1
    key = api_keys.every()[0]
    assert boss.post(f"/keys/{key.id}", role="viewer", rate="x").status_code == 422


def test_revoking_asks_and_a_revoked_key_is_found_by_its_filter(boss: Browser) -> None:
    key, _ = make(boss)
    assert api_keys.get(key.id).is_valid
    assert boss.confirmed(f"/keys/{key.id}/revoke").status_code == 303
    assert not api_keys.get(key.id).is_valid
    assert f"/keys/{key.id}" not in boss.get("/keys").text and f"/keys/{key.id}" in boss.get("/keys?state=revoked").text
    assert "Revoke" not in boss.get(f"/keys/{key.id}").text


def test_many_keys_are_read_page_by_page_in_few_round_trips(boss: Browser, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        api_keys.add(f"key{number}", "viewer")
    pages = pages_of(boss, "/keys?limit=3")
    assert len(pages) == 3 and [f"key{number}</a>" in "".join(pages) for number in range(7)] == [True] * 7
    boss.get("/keys")
    counted = round_trips(store, monkeypatch)
    assert boss.get("/keys").status_code == 200 and len(counted) <= 10


ADMIN_PAGES = ("/keys", "/keys/abc", "/people", "/people/boss", "/audit", "/keys?format=json", "/people?format=csv")
ADMIN_FORMS = (
    *("/keys", "/keys/abc", "/keys/abc/revoke", "/people", "/people/boss/role", "/people/boss/password"),
    *("/people/boss/sessions/end", "/people/boss/remove"),
)


def test_nobody_but_admins_comes_near(boss: Browser, app: Any, key_client: Any) -> None:
    for role in ("viewer", "operator"):
        person, program = Browser(app, role, role), key_client(role)
        for path in ADMIN_PAGES:
            assert person.get(path).status_code == program.get(path).status_code == 403, path
        for path in ADMIN_FORMS:
            assert person.post(path, confirmed="1", role="admin", name="x", password=PASSWORD).status_code == 403, path
            assert program.post(path, data={"confirmed": "1", "role": "admin"}).status_code == 403, path
    stranger = app.test_client()
    assert all(stranger.get(path).status_code == 401 for path in ADMIN_PAGES)
    assert users.find("boss").role.word == "admin"


def test_without_the_token_of_the_session_no_form_does_anything(boss: Browser) -> None:
    for path in ADMIN_FORMS:
        sent = boss.client.post(path, data={"confirmed": "1", "role": "viewer", "name": "x", "password": "y" * 20})
        assert sent.status_code == 403, path
    assert [one.name for one in users.every()] == ["boss"] and api_keys.every() == []


def test_people_are_made_changed_logged_out_and_removed(boss: Browser, app: Any) -> None:
    assert boss.post("/people", name="Ada", role="viewer", password=PASSWORD).headers["Location"] == "/people/ada"
    browser = app.test_client()
    agent = {"User-Agent": '<img src=x onerror="alert(1)">'}
    assert browser.post("/login", json={"name": "ada", "password": PASSWORD}, headers=agent).status_code == 200
    assert is_escaped(boss.get("/people/ada").text)
    boss.post("/people/ada/role", role="operator")
    assert users.find("ada").role.word == "operator"
    asked = boss.post("/people/ada/sessions/end")
    assert "1 session" in asked.text and len(sessions.of_user("ada")) == 1
    boss.confirmed("/people/ada/sessions/end")
    assert sessions.of_user("ada") == []
    assert boss.post("/people/ada/password", password="another password").status_code == 303
    assert browser.post("/login", json={"name": "ada", "password": "another password"}).status_code == 200
    assert boss.post("/people/ada/remove").status_code == 200 and users.find("ada")
    boss.confirmed("/people/ada/remove")
    assert [one.name for one in users.every()] == ["boss"]
    assert "another" not in repr(audit.page()) and PASSWORD not in repr(audit.page())


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "a b"}, "must be up to 60 letters"),
        ({"password": "short"}, "10 to 200"),
        ({"role": "god"}, "no role"),
        ({"name": "boss"}, "There is a person"),
    ],
)
def test_a_person_that_cannot_be_is_refused_without_showing_the_password(
    boss: Browser, fields: dict[str, str], says: str
) -> None:
    page = boss.post("/people", **{"name": "ada", "role": "viewer", "password": "my own password", **fields})
    assert page.status_code in (409, 422) and says in page.text and "my own password" not in page.text
    assert [one.name for one in users.every()] == ["boss"]


def test_an_admin_who_would_lock_himself_out_is_asked(boss: Browser) -> None:
    asked = boss.post("/people/boss/role", role="viewer")
    assert asked.status_code == 200 and "from yourself" in asked.text and users.find("boss").role.word == "admin"
    boss.confirmed("/people/boss/role", role="viewer")
    assert users.find("boss").role.word == "viewer"
    assert "That is you" not in asked.text


def test_to_remove_the_last_admin_says_how_to_make_another(boss: Browser) -> None:
    assert "Nobody else who logs in is an admin" in boss.post("/people/boss/remove").text
    users.add("ada", "admin", PASSWORD)
    asked = boss.post("/people/boss/remove").text
    assert "Nobody else" not in asked and "That is you" in asked and "API keys and share links that they made stay" in asked


def test_a_refused_form_can_be_loaded_again(boss: Browser) -> None:
    assert boss.post("/people/boss/password", password="x").status_code == 422
    assert boss.get("/people/boss/password").status_code == boss.get("/people/boss/role").status_code == 200
    assert boss.get("/people/nobody").status_code == 404 and boss.get("/keys/nothing1").status_code == 404


def test_ones_own_password_needs_the_old_one_and_ends_the_other_sessions(boss: Browser, app: Any) -> None:
    other = app.test_client()
    other.post("/login", json={"name": "boss", "password": PASSWORD})
    assert boss.post("/account/password", old="wrong", password="another password").status_code == 403
    assert boss.post("/account/password", old=PASSWORD, password="short").status_code == 422
    assert boss.post("/account/password", old=PASSWORD, password="another password").headers["Location"] == "/account"
    assert len(sessions.of_user("boss")) == 1 and boss.get("/account").status_code == 200
    assert boss.post("/account/password", old=PASSWORD, password="x").status_code == 403  # the token of the session before


def test_guessing_the_old_password_is_slowed_down(boss: Browser) -> None:
    for _ in range(5):
        assert boss.post("/account/password", old="wrong", password="another password").status_code == 403
    refused = boss.post("/account/password", old=PASSWORD, password="another password")
    assert refused.status_code == 429 and refused.headers["Retry-After"]


def test_who_has_no_session_has_no_password(client: FlaskClient, key_client: Any) -> None:
    assert client.get("/account/password").headers["Location"] == "/account"
    assert client.post("/account/password", data={"old": "x"}).status_code == 403
    assert key_client("admin").post("/account/password", data={"old": "x"}).status_code == 403


# --- a link that logs in once ----------------------------------------------------------------------------------------


def link(name: str = "boss") -> str:
    return login_links.make(name)[1]


def test_a_link_logs_in_once_and_looking_at_it_does_not_use_it(boss: Browser, app: Any) -> None:
    token, browser = link(), app.test_client()
    for _ in range(3):
        page = browser.get(f"/login/link/{token}")
        assert page.status_code == 200 and "<strong>boss</strong>" in page.text and "<script" not in page.text
        assert browser.head(f"/login/link/{token}").status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["Cache-Control"] == "no-store"
    used = browser.post("/login/link", data={"token": token})
    assert used.status_code == 303 and browser.get("/api/v1/me").json["name"] == "boss"
    again = app.test_client()
    assert again.post("/login/link", data={"token": token}).status_code == 401
    assert again.get(f"/login/link/{token}").status_code == 404 and again.get("/api/v1/me").status_code == 401


def test_the_token_is_nowhere_but_in_the_link(boss: Browser, app: Any, store: Any) -> None:
    token = link()
    assert all(token not in repr(store.dump(key)) + repr(key) for key in store.scan_iter("trawl:access:login:*"))
    app.test_client().post("/login/link", data={"token": token})
    app.test_client().post("/login/link", data={"token": token})
    lines = audit.page()[0]
    assert [(one.who, one.what, one.outcome) for one in lines][:2] == [
        ("a used or wrong link", "POST /login/link", "401"),
        ("boss", "POST /login/link", "303"),
    ]
    assert token not in repr(lines)


def test_a_link_is_over_after_its_time_another_password_and_a_removal(boss: Browser, app: Any, store: Any) -> None:
    users.add("ada", "viewer", PASSWORD)
    browser, (first, second, third) = app.test_client(), (link("ada") for _ in range(3))
    name = next(store.scan_iter("trawl:access:login:*"))
    assert 0 < store.ttl(name) <= login_links.LIVES_S
    store.delete(f"trawl:access:login:{tokens.digest(first)}")
    assert browser.post("/login/link", data={"token": first}).status_code == 401
    store.hset("trawl:access:user:ada", "changed_s", int(clock.now().timestamp()) + 5)
    assert browser.get(f"/login/link/{second}").status_code == 404
    assert browser.post("/login/link", data={"token": second}).status_code == 401
    users.remove("ada")
    assert browser.post("/login/link", data={"token": third}).status_code == 401


def test_over_plain_http_from_elsewhere_a_link_is_neither_shown_nor_used(boss: Browser, app: Any) -> None:
    token, away = link(), {"REMOTE_ADDR": "192.0.2.7"}
    browser = app.test_client()
    assert browser.get(f"/login/link/{token}", environ_overrides=away).status_code == 403
    assert browser.post("/login/link", data={"token": token}, environ_overrides=away).status_code == 403
    assert login_links.person(token)
    with config.overridden(public_url="https://trawl.example"):
        given = browser.post("/login/link", data={"token": token}, environ_overrides=away)
        assert given.status_code == 303 and "__Host-trawl" in given.headers["Set-Cookie"]


def test_another_sites_page_cannot_use_a_link_and_guesses_are_counted(boss: Browser, app: Any) -> None:
    token, browser = link(), app.test_client()
    foreign = browser.post("/login/link", data={"token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403 and login_links.person(token)
    with config.overridden(address_rate=3):
        answers = [browser.post("/login/link", data={"token": f"x{number}"}).status_code for number in range(5)]
    assert answers == [401, 401, 401, 429, 429]


@pytest.mark.parametrize("token", ["", "x", "é", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "a" * 5000])
def test_what_is_no_token_logs_nobody_in(boss: Browser, app: Any, token: str) -> None:
    assert app.test_client().post("/login/link", data={"token": token}).status_code == 401


def test_the_session_that_the_browser_had_ends(boss: Browser) -> None:
    before = boss.client.get_cookie("trawl").value  # type: ignore[union-attr]
    users.add("ada", "viewer", PASSWORD)
    assert boss.client.post("/login/link", data={"token": link("ada"), "csrf_token": boss.token}).status_code == 303
    assert sessions.holder(before) is None and boss.get("/api/v1/me").json["name"] == "ada"
