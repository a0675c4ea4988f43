"""`apikey`: keys for programs. The secret of a new one is shown once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import rich_click as click

from commands import apikey_set, output
from commands.root import writes

COLUMNS = ("id", "name", "role", "state", "made", "used", "expires", "rate", "pages_left")


@click.group("apikey")
def group() -> None:
    """API keys: made, listed, revoked."""


group.add_command(apikey_set.set_)


@group.command()
@click.argument("name")
@click.option("--role", default="operator", metavar="ROLE", help="viewer, operator or admin. [default: operator]")
@click.option("--days", type=float, metavar="N", help="How long it is valid. [default: until it is revoked]")
@click.option("--rate", type=int, metavar="N", help="Requests a minute, 0 = no limit. [default: KEY_RATE]")
@click.option("--pages-a-month", type=int, metavar="N", help="Pages it may fetch in a month. [default: no quota]")
@output.json_option
@writes
def add(name: str, role: str, as_json: bool, **limits: Any) -> None:
    """Make a key, and show its secret: this once, and never again."""
    from topics.access import api_keys

    key, secret = api_keys.add(name, role, **limits)
    if as_json:
        output.as_json({"id": key.id, "name": key.name, "role": key.role.word, "key": secret})
        return
    output.line(secret)
    output.warn(f"That is the key {key.name} ({key.role.word}). Keep it now: it is not shown again.")


@group.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List keys; revoked ones for 90 days."""
    from topics.access import api_keys, quotas

    rows = [_row(key, quotas.of(key.id)) for key in api_keys.every()]
    if as_json:
        output.as_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    elif rows:
        output.table(COLUMNS, rows)
    else:
        output.line("There is no API key: `python manage.py apikey add NAME` makes one.")


@group.command()
@click.argument("key", metavar="KEY")
@output.json_option
@writes
def revoke(key: str, as_json: bool) -> None:
    """Revoke a key by its id or name: it is refused within five seconds. Its jobs go on."""
    from topics.access import api_keys

    done = api_keys.revoke(key)
    if as_json:
        output.as_json({"id": done.id, "name": done.name, "revoked": done.revoked_at})
    else:
        output.line(f"The key {done.name} ({done.id}) is revoked; every web process refuses it within 5 s.")


def _row(key: Any, quota: Any) -> Sequence[object]:
    state = "revoked" if key.revoked_at else "valid" if key.is_valid else "expired"
    times: tuple[datetime | None, ...] = (key.made_at, key.used_at, key.expires_at)
    return (key.id, key.name, key.role.word, state, *times, key.rate, quota.left)
