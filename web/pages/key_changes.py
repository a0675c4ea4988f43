"""What is done with API keys, for admins: one made, its limits changed, one revoked."""

from typing import Any

from flask import Flask, Response, request

from errors import ArgumentError, TrawlError
from topics.access import api_keys
from web import access
from web.access import Role
from web.pages import frame, keys, refusals, secrets


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/keys", "keys_add", add, methods=["POST"])
    app.add_url_rule("/keys/<key_id>", "keys_change", change, methods=["POST"])
    app.add_url_rule("/keys/<key_id>/revoke", "keys_revoke", revoke, methods=["POST"])


@access.needs(Role.ADMIN)
def add() -> Response:
    """Make a key; the reply shows its secret, this once."""
    form = request.form
    try:
        limits: dict[str, Any] = {name: _number(form.get(name, ""), name) for name in ("days", "rate", "pages_a_month")}
        key, secret = api_keys.add(" ".join(form.get("name", "").split()), form.get("role", ""), **limits)
    except TrawlError as exc:
        return keys.page_of_all(refusals.of(exc))
    says = f"It is the key {key.name} ({key.role.word}), sent as `Authorization: Bearer …` or `X-API-Key`."
    return secrets.show(f"The key {key.name}", says, secret, f"/keys/{key.id}", "To the key")


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
        return keys.page_of(key, refusals.of(exc))
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
