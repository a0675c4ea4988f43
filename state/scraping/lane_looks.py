"""The lanes of a batch or crawl, and what they wait for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from state.scraping import keys as own_keys
from state.store import connection


class Lanes(NamedTuple):
    """The lanes of a ledger, and what they wait for. `jobs`: the id of each lane's live job → whether it waits for a page."""

    jobs: Mapping[str, bool]
    asleep: int
    retries: int  # pages that are tried again later
    retry_at: datetime | None  # the first of them
    host: str  # whose page comes next
    host_at: datetime | None  # from when on it may be taken


def of(ledger_id: str) -> Lanes:
    """The lanes of a ledger now; one round trip that changes nothing."""
    parts = {name: own_keys.ledger(ledger_id, name) for name in ("lanes", "later", "hosts")}
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.hgetall(parts["lanes"])
        pipe.zcard(parts["later"])
        pipe.zrange(parts["later"], 0, 0, withscores=True)
        pipe.zrange(parts["hosts"], 0, 0, withscores=True)
        found, retries, later, hosts = pipe.execute()
    states = {name.decode(): value.decode().split(" ") for name, value in found.items()}
    jobs_ = {f"{ledger_id}-{name}-{words[0]}": words[1] == "w" for name, words in states.items() if words[1] != "s"}
    host, host_at = (hosts[0][0].decode(errors="replace"), _moment(hosts[0][1])) if hosts else ("", None)
    return Lanes(jobs_, len(states) - len(jobs_), retries, _moment(later[0][1]) if later else None, host, host_at)


def _moment(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
