"""Networks whose forms stand behind scripts: their pages are read as a real browser leaves them, within one session."""

import importlib.util
import os
from typing import Any

import pytest

import errors
from tests.topics.forms.form_site import PASSWORD, USER, FormSite, page
from topics.forms import discovery, networks, views
from topics.forms.locks import Login

MISSING = importlib.util.find_spec("playwright") is None or not os.access("/usr/bin/chromium", os.X_OK)
browser = pytest.mark.skipif(MISSING, reason="Playwright or Chromium is not installed")

MADE = """<p id=x></p><script>
document.getElementById('x').innerHTML =
  '<form method=post action=/send><input name=email type=email><button>Sign up for news</button></form>'
</script>"""
SHADOW = """<my-login></my-login><script>
customElements.define('my-login', class extends HTMLElement { connectedCallback() {
  this.attachShadow({mode: 'open'}).innerHTML = '<my-inner></my-inner>' } })
customElements.define('my-inner', class extends HTMLElement { connectedCallback() {
  this.attachShadow({mode: 'open'}).innerHTML =
    '<form method=post action=/in><label>User<input name=user></label>' +
    '<input type=password name=pw><button>Log in</button></form>' } })
</script>"""


def types(number: int) -> dict[str, list[str]]:
    shown, _ = views.pages_of(networks.named(number), 100)
    return {one["url"].rpartition("/")[2]: [form["form_type"] for form in one["forms"]] for one in shown}


@browser
def test_forms_that_scripts_make_are_found_in_shadow_roots_as_well(garden: FormSite) -> None:
    garden.pages |= {"/": page('<a href="/made">a</a> <a href="/shadow">b</a>'), "/made": page(MADE), "/shadow": page(SHADOW)}
    plain = networks.add(f"{garden.url}/", "Plain").id
    assert discovery.run(plain)["forms_found"] == 0
    number = networks.add(f"{garden.url}/", "Rendered", options={"render": True}).id
    assert discovery.run(number)["forms_found"] == 2
    assert types(number) == {"made": ["join mailing list"], "shadow": ["login"]}
    assert garden.posts == [], "nothing is submitted"


@browser
def test_a_rendered_network_has_one_session_behind_its_login(garden: FormSite) -> None:
    number = networks.add(f"{garden.url}/", "Garden", Login(USER, PASSWORD), options={"render": True}).id
    assert discovery.run(number) == {"pages_found": 5, "forms_found": 5}
    assert "account" in types(number) and len(garden.posts) == 1


def test_without_a_browser_a_network_is_not_rendered_and_it_says_what_to_install(
    garden: FormSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str, *args: Any) -> None:
        return None

    made = networks.add(f"{garden.url}/", "Garden")
    monkeypatch.setattr("clients.fetch.by_render.importlib.util.find_spec", missing)
    for attempt in (
        lambda: networks.add(f"{garden.url}/", "Garden", options={"render": True}),
        lambda: networks.change(made.id, {"render": True}),
    ):
        with pytest.raises(errors.ConfigError, match="requirements-browser"):
            attempt()
    assert networks.change(made.id, {"render": False}).render == 0
