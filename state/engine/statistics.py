"""What the hours of the last three months were like."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import clock
from state.store import connection, keys

TTL_S = 90 * 86400


def record(hour: datetime, figures: dict[str, Any]) -> None:
    """Keep the figures of the hour that begins then; a second time they are replaced."""
    key = keys.statistics(hour.date().isoformat())
    with connection.client().pipeline() as pipe:
        pipe.hset(key, f"{hour.hour:02}", json.dumps(figures))
        pipe.expire(key, TTL_S)
        pipe.execute()


def latest(number: int) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """The last `number` hours of which figures were kept, latest first: when each began, and its figures. One round trip."""
    now = clock.now()
    days = [(now - timedelta(days=back)).date() for back in range(number // 24 + 2)]
    with connection.client().pipeline(transaction=False) as pipe:
        for day in days:
            pipe.hgetall(keys.statistics(day.isoformat()))
        kept = pipe.execute()
    for day, found in zip(days, kept, strict=True):
        for hour, figures in reversed(_hours(found).items()):
            began = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
            if began > now - timedelta(hours=number + 1):
                yield began, figures


def hours(day: str) -> dict[int, dict[str, Any]]:
    """Hour (UTC) → figures of that day (YYYY-MM-DD)."""
    return _hours(connection.client().hgetall(keys.statistics(day)))


def _hours(kept: Mapping[bytes, bytes]) -> dict[int, dict[str, Any]]:
    return {int(hour): json.loads(figures) for hour, figures in sorted(kept.items())}
