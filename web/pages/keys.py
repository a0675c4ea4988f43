"""API keys, for admins: who has one, what it may do, what it used; making one, changing its limits, revoking it."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, request

import config
from errors import ArgumentError, TrawlError
from topics.access import api_keys, quotas
from topics.access.api_keys import MOST_DAYS, MOST_PAGES, MOST_RATE, Key
from topics.access.roles import WORDS
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import frame, lists, refusals, secrets, tables
from web.pages.filters import Filter, shown, values
from web.pages.tables import Column

COLUMNS = (
    Column("name", "Name"),
    Column("id", "Id"),
    Column("role", "Role"),
    Column("state", "State"),
    Column("used_at", "Last used", "to a minute or so"),
    Column("rate", "Rate", "requests a minute; none of its own: the setting KEY_RATE", numeric=True),
    Column("fetched", "Fetched this month", "pages", numeric=True),
    Column("reserved", "Reserved", "pages of this month for jobs that are not over", numeric=True),
    Column("quota", "Quota of a month", "pages", numeric=True),
    Column("made_at", "Made"),
    Column("expires_at", "Expires"),
)

STATES = ("valid", "expired", "revoked")

FILTERS = (
    Filter("state", "State", [("", "valid and expired"), *((one, one) for one in STATES)]),
    Filter("role", "Role", [("", "all"), *((one, one) for one in WORDS)]),
    Filter("text", "Name holds"),
)

EMPTY = "There is no such API key: make one below, or by `python manage.py apikey add NAME`."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/keys", "keys_page", keys_page)
    app.add_url_rule("/keys", "keys_add", add, methods=["POST"])
    app.add_url_rule("/keys/<key_id>", "key_page", key_page)
    app.add_url_rule("/keys/<key_id>", "keys_change", change, methods=["POST"])
    app.add_url_rule("/keys/<key_id>/revoke", "keys_revoke", revoke, methods=["POST"])


@access.needs(Role.ADMIN)
def keys_page() -> Response:
    """All keys, without their secrets."""
    return _page()


def _page(problem: Problem | None = None) -> Response:
    wanted = values(FILTERS)
    found = [one for one in api_keys.every() if _fits(one, wanted)]
    read = lists.part_of(found, lambda one: f"{one.name.casefold()} {one.id}", _rows)
    if file := tables.wanted_file("keys", COLUMNS, read):
        return file
    return frame.show(
        "keys.html",
        "API keys",
        status=problem.status if problem else 200,
        found=tables.make("keys", "Who has a key, by name", COLUMNS, read, EMPTY),
        filters=shown(FILTERS),
        problem=problem,
        typed=request.form,
        **_bounds(),
    )


def state_of(key: Key) -> str:
    """valid, expired or revoked."""
    return "revoked" if key.revoked_at else "valid" if key.is_valid else "expired"


def _fits(key: Key, wanted: dict[str, str]) -> bool:
    state = state_of(key)
    return (
        (state == wanted["state"] if wanted["state"] else state != "revoked")
        and wanted["role"] in ("", key.role.word)
        and wanted["text"].casefold() in key.name.casefold()
    )


def _rows(found: Sequence[Key]) -> list[dict[str, Any]]:
    used = quotas.of_many({key.id: key.pages_a_month for key in found})
    return [{**_facts(key), **_used(used[key.id])} for key in found]


def _facts(key: Key) -> dict[str, Any]:
    facts = {name: getattr(key, name) for name in ("id", "name", "rate", "made_at", "expires_at", "revoked_at", "used_at")}
    return {**facts, "role": key.role.word, "state": state_of(key)}


def _used(found: quotas.Quota) -> dict[str, Any]:
    return {"fetched": found.fetched, "reserved": found.reserved, "quota": found.limit, "left": found.left}


@access.needs(Role.ADMIN)
def add() -> Response:
    """Make a key; the reply shows its secret, this once."""
    form = request.form
    try:
        limits: dict[str, Any] = {name: _number(form.get(name, ""), name) for name in ("days", "rate", "pages_a_month")}
        key, secret = api_keys.add(" ".join(form.get("name", "").split()), form.get("role", ""), **limits)
    except TrawlError as exc:
        return _page(refusals.of(exc))
    says = f"It is the key {key.name} ({key.role.word}), sent as `Authorization: Bearer …` or `X-API-Key`."
    return secrets.show(f"The key {key.name}", says, secret, f"/keys/{key.id}", "To the key")


@access.needs(Role.ADMIN)
def key_page(key_id: str) -> Response:
    """One key, with the form of its limits."""
    return _key_page(api_keys.get(key_id))


def _key_page(key: Key, problem: Problem | None = None) -> Response:
    [row] = _rows([key])
    status = problem.status if problem else 200
    return frame.show("key.html", f"Key {key.name}", status=status, row=row, problem=problem, typed=request.form, **_bounds())


@access.needs(Role.ADMIN)
def change(key_id: str) -> Response:
    """Change role and limits of a key; an empty field takes a limit away, but for its days, which stay."""
    key, form = api_keys.get(key_id), request.form
    try:
        limits: dict[str, Any] = {name: _number(form.get(name, ""), name) for name in ("rate", "pages_a_month")}
        limits = {name: "" if value is None else value for name, value in limits.items()}
        limits["days"] = "" if form.get("days") == "none" else _number(form.get("days", ""), "days")
        done = api_keys.change(key.id, role=form.get("role", key.role.word), **limits)
    except TrawlError as exc:
        return _key_page(key, refusals.of(exc))
    return frame.done(f"/keys/{done.id}", f"The key {done.name} is changed; it holds within five seconds.")


@access.needs(Role.ADMIN)
def revoke(key_id: str) -> Response:
    """End a key for good."""
    key = api_keys.get(key_id)
    if not frame.is_confirmed():
        own = " It is the key that asks this." if access.caller().key_id == key.id else ""
        says = f"The key {key.name} ({key.role.word}) is refused within five seconds, for good. Its jobs go on.{own}"
        return frame.confirm("Revoke a key", says, f"/keys/{key.id}/revoke", button="Revoke it", back=f"/keys/{key.id}")
    done = api_keys.revoke(key.id)
    return frame.done("/keys", f"The key {done.name} ({done.id}) is revoked.")


def _number(text: str, name: str) -> float | int | None:
    """A limit that was typed; None = none. Raises ArgumentError."""
    text = text.strip()
    if not text:
        return None
    try:
        value = float(text) if name == "days" else int(text)
    except ValueError:
        raise ArgumentError(f"{name} {text!r:.20} is no number.") from None
    return value


def _bounds() -> dict[str, Any]:
    most = {"most_days": MOST_DAYS, "most_rate": MOST_RATE, "most_pages": MOST_PAGES}
    return {**most, "roles": [(one, one) for one in WORDS], "key_rate": config.settings().key_rate}
