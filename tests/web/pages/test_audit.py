"""/audit: who changed what, for admins; filtered, page by page, as files."""

import json
from typing import Any

from flask.testing import FlaskClient

from tests.web.pages.people import HOSTILE, is_escaped, pages_of
from topics.access import audit
from topics.access.audit import Actor


def write(number: int, who: str = "ada") -> None:
    audit.write(Actor(who, "session", "192.0.2.7"), f"DELETE /api/v1/keys/{number}", "name=x", "200")


def test_a_change_says_who_what_when_from_where_and_how_it_ended(client: FlaskClient) -> None:
    assert "Nothing was changed yet" in client.get("/audit").text
    client.post("/pauses", data={"scope": "queue:low", "reason": "trouble"})
    page = client.get("/audit").text
    for text in ("local", "POST /pauses", "scope=queue:low reason=trouble", "303", "127.0.0.1"):
        assert text in page


def test_it_is_filtered_and_read_to_its_last_page(client: FlaskClient) -> None:
    for number in range(7):
        write(number)
        write(number, who="bob")
    pages = pages_of(client, "/audit?who=ADA&what=/keys/&limit=3")
    assert len(pages) == 3 and sum(page.count("DELETE /api/v1/keys/") for page in pages) == 7
    assert all("bob" not in page for page in pages) and 'value="ADA"' in pages[0]
    rows = json.loads(client.get("/audit?who=bob&format=json").text)
    assert len(rows) == 7 and rows[0]["what"] == "DELETE /api/v1/keys/6" and rows[0]["at"].startswith("20")
    assert client.get("/audit?format=csv").text.count("DELETE") == 14
    assert "No change fits" in client.get("/audit?who=nobody").text


def test_only_admins_see_it(key_client: Any) -> None:
    for role in ("viewer", "operator"):
        caller = key_client(role)
        for path in ("/audit", "/audit?format=csv", "/audit?format=json"):
            assert caller.get(path).status_code == 403
        assert 'href="/audit"' not in caller.get("/pauses").text
    assert key_client("admin").get("/audit").status_code == 200


def test_a_bad_cursor_is_refused_and_hostile_text_is_text(client: FlaskClient) -> None:
    assert client.get("/audit?audit-cursor=x").status_code == 422
    audit.write(Actor(HOSTILE, HOSTILE, HOSTILE), HOSTILE, HOSTILE, HOSTILE)
    assert is_escaped(client.get("/audit").text)


def test_the_fields_of_forms_that_are_secret_are_not_written(client: FlaskClient) -> None:
    client.post("/people", data={"name": "ada", "role": "admin", "password": "hunter2 hunter2"})
    [line] = audit.page()[0]
    assert line.details == "name=ada role=admin" and "hunter2" not in repr(line)
