"""The pages of networks: what they show, whom they show buttons, and that texts stay texts."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from tests.topics.forms.conftest import garden as garden
from tests.topics.forms.form_site import FormSite, page
from topics.forms import discovery, networks
from worker import inline

EVIL = "<img src=x onerror=alert(1)>"


def test_empty_it_says_what_to_do(client: FlaskClient) -> None:
    assert "network add URL" in client.get("/networks").text
    assert client.get("/networks/1").status_code == 404


def test_networks_and_forms_are_shown_and_downloaded(client: FlaskClient, garden: FormSite) -> None:
    number = networks.add(f"{garden.url}/", EVIL).id
    assert "never looked at" in client.get(f"/networks/{number}").text
    garden.pages["/contact"] = page(EVIL, f'<form method=post><input name="{EVIL}"><button>{EVIL}</button></form>')
    garden.pages["/"] = garden.pages["/"].replace("/news", "/none")
    discovery.run(number)
    for path in ("/networks", f"/networks/{number}"):
        text = client.get(path).text
        assert "<img src=x" not in text and "&lt;img" in text
    assert f"{garden.url}/contact" in client.get(f"/networks/{number}").text and "/none" in client.get(f"/networks/{number}").text
    assert len(client.get(f"/networks/{number}?table=forms&format=json").json) == 3
    assert client.get(f"/networks/{number}?table=changes&format=csv").text.count("\n") == 4
    assert client.get("/networks?format=json").json[0]["id"] == number


def test_buttons_work_and_removal_asks_first(client: FlaskClient, garden: FormSite) -> None:
    number = networks.add(f"{garden.url}/", "Garden").id
    assert client.post(f"/networks/{number}/discover").status_code == 303
    assert "runs already" in client.post(f"/networks/{number}/discover", follow_redirects=True).text
    inline.run_until_idle()
    asked = client.post(f"/networks/{number}/remove")
    assert asked.status_code == 200 and "4 pages with forms" in asked.text and networks.every()
    assert client.post(f"/networks/{number}/remove", data={"confirmed": "1"}).status_code == 303
    assert networks.every() == []


def test_a_viewer_sees_no_button_and_a_key_only_its_own(key_client: Callable[..., Any], garden: FormSite) -> None:
    operator, viewer, admin = (key_client(role) for role in ("operator", "viewer", "admin"))
    operator.post("/api/v1/networks", json={"url": garden.url, "name": "Mine"})
    accept = {"Accept": "text/html"}
    assert "Look for forms" in operator.get("/networks/1", headers=accept).text
    assert viewer.get("/networks/1", headers=accept).status_code == 404
    assert "Mine" not in viewer.get("/networks", headers=accept).text and "Mine" in admin.get("/networks", headers=accept).text
    assert viewer.post("/networks/1/discover").status_code == 403
