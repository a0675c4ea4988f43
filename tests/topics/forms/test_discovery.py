"""A discovery on a real site: what it finds, what it never does, what it says has changed."""

from typing import Any

import pytest

import errors
from state.forms import networks as stored
from state.forms import pages
from tests.topics.forms.form_site import CONTACT, PASSWORD, SEARCH, USER, FormSite, page
from topics.forms import discovery, networks, views
from topics.forms.locks import Login

LOGIN = Login(USER, PASSWORD)


def added(site: FormSite, login: Login | None = None, **options: Any) -> int:
    return networks.add(f"{site.url}/", "Garden", login, options=options).id


def found(number: int) -> dict[str, list[str]]:
    """Paths with the types of their forms."""
    return {
        one.url.partition("/")[2].partition("/")[2].partition("/")[2]: [form["form_type"] for form in one.forms]
        for one in pages.of(number)
    }


def test_it_finds_forms_behind_links_and_in_frames_each_once_and_submits_none(garden: FormSite) -> None:
    number = added(garden)

    assert discovery.run(number) == {"pages_found": 4, "forms_found": 4}
    assert set(found(number)) == {"", "contact", "frames/newsletter", "login"}
    assert all(len(types) == 1 for types in found(number).values()) and found(number)["login"] == ["login"]
    assert garden.posts == []
    assert {"/logout", "/items/3/delete", "/file.pdf"}.isdisjoint(garden.gets)


def test_behind_a_login_only_the_login_form_is_sent_and_that_once(garden: FormSite) -> None:
    number = added(garden, LOGIN)

    assert discovery.run(number) == {"pages_found": 5, "forms_found": 5}
    assert "account" in found(number)
    assert garden.posts == [("/login", {"csrf_token": "t0k3n", "username": USER, "password": PASSWORD})]


@pytest.mark.parametrize("status", [302, 303, 307, 308])
def test_no_redirect_sends_the_password_anywhere(garden: FormSite, status: int) -> None:
    """307 asks a browser to post again, wherever it leads."""
    garden.login_status, garden.login_sends_to = status, "/home"
    assert discovery.run(added(garden, LOGIN))["pages_found"] == 5
    garden.posts.clear()
    garden.login_sends_to = "http://elsewhere.example/steal"
    with pytest.raises(errors.DataError, match="another one"):
        discovery.run(added(garden, LOGIN))
    assert [path for path, _ in garden.posts] == ["/login"]


def test_a_login_that_is_not_taken_fails_the_whole_and_forgets_nothing(garden: FormSite) -> None:
    number = added(garden, LOGIN)
    discovery.run(number)
    before = found(number)
    networks.change(number, {}, Login(USER, "wrong"))
    with pytest.raises(errors.DataError, match="did not take the login") as raised:
        discovery.run(number)
    assert found(number) == before and "wrong" not in str(raised.value)
    assert all(not one.gone_ms for one in pages.of(number))


def test_a_login_form_that_sends_to_another_site_gets_no_password(garden: FormSite) -> None:
    garden.pages["/login"] = garden.pages["/login"].replace("action=/login", "action=http://elsewhere.example/login")
    with pytest.raises(errors.DataError, match="was not sent"):
        discovery.run(added(garden, LOGIN))
    assert garden.posts == []


def test_a_site_without_a_login_form_says_so(garden: FormSite) -> None:
    garden.pages["/login"] = page("Closed")
    with pytest.raises(errors.DataError, match="No login form"):
        discovery.run(added(garden, LOGIN))


def test_the_next_discovery_says_what_changed(garden: FormSite) -> None:
    number = added(garden)
    discovery.run(number)
    first = {one.url: one for one in pages.of(number)}
    assert networks.named(number).last["changes"] == {"new": 4, "gone": 0, "changed": 0}
    discovery.run(number)
    assert networks.named(number).last["changes"] == {"new": 0, "gone": 0, "changed": 0}

    garden.pages["/contact"] = page(
        "Contact", SEARCH, CONTACT.replace("<button>", "<label>Phone <input name=phone></label><button>")
    )
    garden.pages["/news"] = page("News", SEARCH)
    del garden.pages["/frames/newsletter"]
    garden.pages["/login"] = page("Log in", SEARCH)
    discovery.run(number)

    last = networks.named(number).last
    assert last["changes"] == {"new": 0, "gone": 1, "changed": 1}
    [changed] = [one for one in last["changed"] if one["what"] == "changed"]
    assert changed["page"].endswith("/contact") and {"name": "phone", "what": "added"} in changed["fields"]
    now = {one.url: one for one in pages.of(number)}
    assert now[f"{garden.url}/login"].gone_ms and not now[f"{garden.url}/frames/newsletter"].gone_ms  # nobody looked there
    assert now[f"{garden.url}/contact"].id == first[f"{garden.url}/contact"].id


def test_a_page_that_failed_is_no_page_without_forms(garden: FormSite) -> None:
    number = added(garden)
    discovery.run(number)
    garden.pages["/"] = garden.pages["/"].replace("/contact", "/elsewhere")
    discovery.run(number)
    last = networks.named(number).last
    assert last["changes"]["gone"] == 0 and f"{garden.url}/elsewhere" in [one["url"] for one in last["unread"]]


def test_it_is_bounded_by_pages_and_depth(garden: FormSite) -> None:
    number = added(garden, max_pages=2)
    discovery.run(number)
    assert networks.named(number).last["is_cut"] and len(set(garden.gets) - {"/robots.txt"}) == 2
    garden.gets.clear()
    discovery.run(added(garden, max_depth=0))
    assert set(garden.gets) <= {"/", "/robots.txt"}


def test_robots_txt_is_obeyed(garden: FormSite) -> None:
    garden.pages["/robots.txt"] = "User-agent: *\nDisallow: /contact\n"
    number = added(garden)
    discovery.run(number)
    assert "/contact" not in garden.gets and "contact" not in found(number)


def test_a_start_that_is_not_there_fails(garden: FormSite) -> None:
    del garden.pages["/"]
    with pytest.raises(errors.DataError):
        discovery.run(added(garden))
    with pytest.raises(errors.NotFound):
        discovery.run(99)


def test_values_of_hidden_fields_are_not_kept(garden: FormSite, store: Any) -> None:
    number = added(garden, LOGIN)
    discovery.run(number)
    kept = b"".join(
        value for key in store.keys("trawl:forms*") if store.type(key) == b"hash" for value in store.hgetall(key).values()
    )
    assert b"csrf_token" in kept and b"t0k3n" not in kept and PASSWORD.encode() not in kept and USER.encode() not in kept


def test_a_network_that_is_removed_meanwhile_leaves_nothing(
    garden: FormSite, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = added(garden)
    real = discovery._keep

    def removed(*args: Any) -> Any:
        networks.remove(number)
        return real(*args)

    monkeypatch.setattr(discovery, "_keep", removed)
    discovery.run(number)
    assert stored.find(number) is None and not [key for key in store.keys("trawl:forms:*") if b"counters" not in key]


def test_details_say_what_a_form_takes(garden: FormSite) -> None:
    number = added(garden)
    discovery.run(number)
    [contact] = [one for one in pages.of(number) if one.url.endswith("/contact")]
    [form] = views.details(contact, 7)["forms"]
    assert form["required"] == ["name", "email"] and form["steps"] and form["has_captcha"] is False


def test_hostile_pages_are_texts(garden: FormSite) -> None:
    evil = "<img src=x onerror=alert(1)>"
    garden.pages["/contact"] = page(
        "x</title>" + evil, f'<form action="javascript:alert(1)" method=post><input name="{evil}"></form>' * 300
    )
    garden.pages["/news"] = page(
        "News", '<iframe src="http://169.254.169.254/latest"></iframe><iframe src="javascript:1"></iframe>' * 200
    )
    number = added(garden)
    told = discovery.run(number)
    assert told["pages_found"] >= 2
    assert any(one["url"].startswith("http://169.254.169.254") for one in networks.named(number).last["unread"])


def test_pages_that_lead_to_a_login_are_not_gone(garden: FormSite) -> None:
    """A session that ends, or a login that is taken away, says nothing of the forms behind it."""
    number = added(garden, LOGIN)
    discovery.run(number)
    networks.change(number, {}, forget_login=True)
    discovery.run(number)
    last = networks.named(number).last
    assert last["changes"]["gone"] == 0 and {"url": f"{garden.url}/account", "why": "it leads to a login"} in last["unread"]
    assert all(not one.gone_ms for one in pages.of(number))


def test_a_login_sends_what_a_browser_sends(garden: FormSite) -> None:
    more = "<select name=level><option value=0>low<option value=1 selected>high</select>"
    more += "<input type=checkbox name=stay value=1 checked>"
    buttons = "<button name=login>Log in</button><button name=validate>Check my address</button>"
    garden.pages["/login"] = garden.pages["/login"].replace("<button>Log in</button>", more + buttons)
    discovery.run(added(garden, LOGIN))
    [(_, sent)] = garden.posts
    assert sent == {"csrf_token": "t0k3n", "username": USER, "password": PASSWORD, "level": "1", "stay": "1", "login": ""}
