"""The reports of what keeps house, the newest first: a bounded list for each kind."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis.exceptions import ResponseError

from state.engine import keys
from state.store import connection

#: Reports kept of each kind, and for how long after the last one (s).
MOST, TTL_S = 200, 400 * 86_400


def put(kind: str, report: Mapping[str, Any]) -> None:
    """Keep a report. In place of a key of another type nothing is kept."""
    key = keys.upkeep(kind)
    with suppress(ResponseError), connection.client().pipeline() as pipe:
        pipe.lpush(key, json.dumps(report))
        pipe.ltrim(key, 0, MOST - 1)
        pipe.expire(key, TTL_S)
        pipe.execute()


def latest(kinds: Sequence[str], most: int = MOST) -> list[dict[str, Any]]:
    """The last reports of these kinds, kind by kind, the newest first; what cannot be read is left out."""
    with connection.client().pipeline(transaction=False) as pipe:
        for kind in kinds:
            pipe.lrange(keys.upkeep(kind), 0, most - 1)
        found = pipe.execute(raise_on_error=False)
    return [report for texts in found if isinstance(texts, list) for text in texts if (report := _read(text))]


def _read(text: bytes) -> dict[str, Any]:
    try:
        report = json.loads(text)
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}
