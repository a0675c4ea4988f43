"""API keys, for admins: who has one, what it may do, what it used."""

from typing import Any

from flask import Flask, Response, request

import config
from topics.access import api_keys
from topics.access.api_keys import MOST_DAYS, MOST_PAGES, MOST_RATE, Key
from topics.access.roles import WORDS
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, key_rows, lists, tables
from web.pages.filters import shown, values

EMPTY = "There is no such API key: make one below, or by `python manage.py apikey add NAME`."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/keys", "keys_page", keys_page)
    app.add_url_rule("/keys/<key_id>", "key_page", key_page)


@access.needs(Role.ADMIN)
def keys_page() -> Response:
    """All keys, without their secrets."""
    return page_of_all()


def page_of_all(problem: Problem | None = None) -> Response:
    """The page of all keys; `problem`: what is wrong with its form."""
    wanted = values(key_rows.FILTERS)
    found = [one for one in api_keys.every() if key_rows.fits(one, wanted)]
    read = lists.part_of(found, lambda one: f"{one.name.casefold()} {one.id}", key_rows.of)
    if file := tables.wanted_file("keys", key_rows.COLUMNS, read):
        return file
    return frame.show(
        "keys.html",
        "API keys",
        status=problem.status if problem else 200,
        found=tables.make("keys", "Who has a key, by name", key_rows.COLUMNS, read, EMPTY),
        filters=shown(key_rows.FILTERS),
        problem=problem,
        typed=request.form,
        **_bounds(),
    )


@access.needs(Role.ADMIN)
def key_page(key_id: str) -> Response:
    """One key, with the form of its limits."""
    return page_of(api_keys.get(key_id))


def page_of(key: Key, problem: Problem | None = None) -> Response:
    """The page of one key; `problem`: what is wrong with its form."""
    [row] = key_rows.of([key])
    status = problem.status if problem else 200
    return frame.show("key.html", f"Key {key.name}", status=status, row=row, problem=problem, typed=request.form, **_bounds())


def _bounds() -> dict[str, Any]:
    most = {"most_days": MOST_DAYS, "most_rate": MOST_RATE, "most_pages": MOST_PAGES}
    return {**most, "roles": [(one, one) for one in WORDS], "key_rate": config.settings().key_rate}
