"""Competitors of a project: the domains that are pinned to it, and the last count of who ranks beside it."""

import json
from collections.abc import Mapping
from typing import Any

from errors import ArgumentError, NotFound
from state.store import connection, scripts
from state.store import keys as stored_keys
from state.tracking import keys

KEPT_S = 7 * 86_400
MOST_PINS = 10


def pins(project_id: str) -> tuple[str, ...]:
    """The pinned domains, oldest pin first."""
    value = connection.client().hget(stored_keys.project(project_id), "pins")
    return tuple(value.decode().split("\n")) if value else ()


def pin(project_id: str, domain: str) -> None:
    """Pin a domain. Safe to repeat. Raises NotFound for the project, ArgumentError where ten are pinned already."""
    outcome = _pin(project=stored_keys.project(project_id), domain=domain, wanted=1, most=MOST_PINS)
    if outcome == b"full":
        raise ArgumentError(f"{MOST_PINS} domains are pinned already: unpin one of {', '.join(pins(project_id))} first.")
    _found(project_id, outcome)


def unpin(project_id: str, domain: str) -> None:
    """Take a pin away. Safe to repeat. Raises NotFound for the project."""
    _found(project_id, _pin(project=stored_keys.project(project_id), domain=domain, wanted=0, most=MOST_PINS))


def keep(project_id: str, facts: Mapping[str, Any]) -> None:
    """Keep a count in place of the one before."""
    connection.client().set(keys.competitors(project_id), json.dumps(facts, ensure_ascii=False), ex=KEPT_S)


def read(project_id: str) -> dict[str, Any] | None:
    """The last count, None where there is none."""
    value = connection.client().get(keys.competitors(project_id))
    return json.loads(value) if value else None


def forget(project_id: str) -> None:
    """Remove the last count. Safe to repeat."""
    connection.client().delete(keys.competitors(project_id))


def _found(project_id: str, outcome: bytes) -> None:
    if outcome == b"gone":
        raise NotFound(f"No project {project_id}. Add it with `python manage.py project add DOMAIN`.")


@scripts.script("tracking/pin")
def _pin(*, project: str, domain: str, wanted: int, most: int) -> bytes:
    raise scripts.InLua
