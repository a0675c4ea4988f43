"""Overviews of projects as they were counted last: JSON, kept for a week."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from state.store import connection
from state.tracking import keys

KEPT_S = 7 * 86_400


def keep(project_id: str, facts: Mapping[str, Any], brief: Mapping[str, Any]) -> None:
    """Keep an overview, and what lists tell of it, in place of the one before."""
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.set(keys.overview(project_id), json.dumps(facts, ensure_ascii=False), ex=KEPT_S)
        pipe.set(keys.brief(project_id), json.dumps(brief, ensure_ascii=False), ex=KEPT_S)
        pipe.execute()


def read(project_id: str) -> dict[str, Any] | None:
    """The last one, None where there is none."""
    value = connection.client().get(keys.overview(project_id))
    return json.loads(value) if value else None


def read_briefs(project_ids: Sequence[str]) -> list[dict[str, Any] | None]:
    """What lists tell of the overviews of projects, None where there is none. One round trip."""
    values = connection.client().mget([keys.brief(one) for one in project_ids]) if project_ids else []
    return [json.loads(value) if value else None for value in values]


def forget(project_id: str) -> None:
    """Remove it. Safe to repeat."""
    connection.client().delete(keys.overview(project_id), keys.brief(project_id))
