"""Tables as files: all rows, part by part; errors before anything is sent; nothing that a spreadsheet runs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from errors import StoreUnreachable
from web import access
from web.access import Role
from web.app import create_app
from web.pages import tables
from web.pages.tables import Column, Part

COLUMNS = (Column("n", "Number"), Column("who", "Who"), Column("text", "Text"))

TEXTS = ("plain", "=1+1", "+1", "-1", "@x", '"quoted", with a comma', "two\nlines", "<b>")


def app_of(read: tables.Read) -> OpenAPI:
    """An application whose page /rows reads so."""
    app = create_app()

    @access.needs(Role.VIEWER)
    def rows_page() -> Response:
        return tables.wanted_file("rows", COLUMNS, read) or Response("page")

    app.add_url_rule("/rows", "rows_page", rows_page)
    return app


def numbered(limit: int, cursor: str) -> Part:
    """1,234 rows in parts."""
    begin = int(cursor or 0)
    end = min(begin + limit, 1234)
    found = [{"n": n, "who": "ada", "text": TEXTS[n % len(TEXTS)]} for n in range(begin, end)]
    return Part(found, str(end) if end < 1234 else "")


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with app_of(numbered).test_client() as made:
        yield made


def test_a_file_has_all_rows(client: FlaskClient) -> None:
    rows = json.loads(client.get("/rows?format=json&table=rows").data)
    assert [row["n"] for row in rows] == list(range(1234))
    assert len(client.get("/rows?format=csv").text.splitlines()) == 1235 + sum(TEXTS[n % 8] == "two\nlines" for n in range(1234))


def test_a_spreadsheet_runs_nothing_of_it(client: FlaskClient) -> None:
    text = client.get("/rows?format=csv").text
    assert text.startswith("\ufeffn,who,text")
    assert all(f",'{cell}" in text and f",{cell}" not in text for cell in ("=1+1", "+1", "-1", "@x"))
    assert '"""quoted"", with a comma"' in text


def test_another_tables_file_is_not_this_one(client: FlaskClient) -> None:
    assert client.get("/rows?format=csv&table=other").text == "page"
    assert client.get("/rows?format=xls").status_code == 422


def test_what_is_wrong_is_said_before_anything_is_sent() -> None:
    def away(limit: int, cursor: str) -> Any:
        raise StoreUnreachable("Redis does not answer.")

    assert app_of(away).test_client().get("/rows?format=csv").status_code == 503
