"""What the hours of the last three months were like."""

import json
from collections.abc import Iterator
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
    """The last `number` hours of which figures were kept, latest first: when each began, and its figures."""
    now = clock.now()
    for back in range(number // 24 + 2):
        day = (now - timedelta(days=back)).date()
        for hour, figures in reversed(hours(day.isoformat()).items()):
            began = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
            if began > now - timedelta(hours=number + 1):
                yield began, figures


def hours(day: str) -> dict[int, dict[str, Any]]:
    """Hour (UTC) → figures of that day (YYYY-MM-DD)."""
    kept = connection.client().hgetall(keys.statistics(day))
    return {int(hour): json.loads(figures) for hour, figures in sorted(kept.items())}
