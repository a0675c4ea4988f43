"""People in browsers, for the tests of pages: logged in, with the token that their forms send."""

import re
from typing import Any

from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from topics.access import passwords, users

PASSWORD = "correct horse battery"

HOSTILE = '<img src=x onerror="alert(1)">'


class Browser:
    """A browser in which somebody is logged in."""

    def __init__(self, app: OpenAPI, name: str, role: str) -> None:
        users.add(name, role, PASSWORD)
        self.client: FlaskClient = app.test_client()
        assert self.client.post("/login", json={"name": name, "password": PASSWORD}).status_code == 200
        self.token = str(self.client.get("/api/v1/me").json["csrf_token"])  # type: ignore[index]

    def get(self, path: str, **options: Any) -> Any:
        """A page."""
        return self.client.get(path, **options)

    def post(self, path: str, **fields: Any) -> Any:
        """A form with its token."""
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def confirmed(self, path: str, **fields: Any) -> Any:
        """A form that asks, and is confirmed by what the question sends."""
        asked = self.post(path, **fields)
        assert asked.status_code == 200 and 'name="confirmed"' in asked.text, asked.text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
        [action] = re.findall(r'<form method="post" action="([^"]*)"', asked.text)
        return self.client.post(action, data=hidden)


def quick_hashes(monkeypatch: Any) -> None:
    """A hash takes a millisecond."""
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")
    passwords._nobodys.cache_clear()


def is_escaped(page: str) -> bool:
    """Whether what is hostile stands in the page as text alone."""
    return "onerror" in page and "<img" not in page and HOSTILE not in page


def pages_of(client: Any, path: str, most: int = 20) -> list[str]:
    """The page and those after it, to the last one."""
    found = [client.get(path).text]
    while links := re.findall(r'href="([^"]*)" rel="next"', found[-1]):
        assert len(found) < most, "it does not end"
        found.append(client.get(links[0].replace("&amp;", "&")).text)
    return found


def round_trips(store: Any, monkeypatch: Any) -> list[str]:
    """What is sent to the store from now on, a line each time."""
    counted: list[str] = []
    kind = type(store.connection_pool)
    take = kind.get_connection

    def get_connection(self: Any, *args: Any, **options: Any) -> Any:
        counted.append(str(args))
        return take(self, *args, **options)

    monkeypatch.setattr(kind, "get_connection", get_connection)
    return counted
