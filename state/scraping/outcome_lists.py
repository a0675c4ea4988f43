"""What of a batch or crawl is over, in the order in which it ended: lists that grow at their end only, so readers may go on."""

from collections.abc import Sequence

from state.scraping import keys
from state.store import connection

#: Ledgers that are looked at in one call.
MOST_ACTIVE = 1_000


def finished(ledger_id: str, skip: int, limit: int) -> tuple[list[int], int]:
    """Numbers of pages that were done, from the `skip`th on, and how many there are. One round trip."""
    return _part(keys.ledger(ledger_id, "finished"), skip, limit)


def problems(ledger_id: str, skip: int, limit: int) -> tuple[list[int], int]:
    """Numbers of pages that failed, and of those that robots.txt forbids; likewise."""
    return _part(keys.ledger(ledger_id, "problems"), skip, limit)


def _part(key: str, skip: int, limit: int) -> tuple[list[int], int]:
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.lrange(key, skip, skip + limit - 1) if limit > 0 else pipe.lrange(key, 1, 0)
        pipe.llen(key)
        found, count = pipe.execute()
    return [int(n) for n in found], count


def loose(ledger_id: str, numbers: Sequence[int]) -> dict[int, bytes]:
    """The records of these pages that lie in Redis still; the others are in segments."""
    if not numbers:
        return {}
    found = connection.client().hmget(keys.ledger(ledger_id, "records"), [str(n) for n in numbers])
    return {n: record for n, record in zip(numbers, found, strict=True) if record is not None}


def active() -> list[str]:
    """Batches and crawls that are not over, the latest first."""
    found = connection.client().zrange(keys.LEDGERS, 0, MOST_ACTIVE - 1, desc=True)
    return [name.decode() for name in found]
