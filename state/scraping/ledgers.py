"""Ledgers: the records of batches and crawls. Every page found stands in the counters of its ledger once, at any time.

    found = done + skipped + failed + pending

`pending` holds the pages to fetch, those in flight and those that are tried again. The fields of the hash: kind, url, config,
queue, lanes, max_pages, deadline_s, owner, state (opening, running, stopped, over), the counters, and times in ms since 1970.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import chunks
import clock
import config
from state.engine import jobs
from state.scraping import keys as own_keys
from state.store import connection, keys, scripts

#: Pages offered in one script call: a few milliseconds of the server's time.
CHUNK = 500

#: The parts of a ledger besides its pages by host (lua/parts/ledger.lua).
PARTS = (
    *("seen", "pages", "hosts", "later", "lanes", "traps", "contents", "records", "segments", "finished", "problems"),
    "claims",  # state/scraping/claims.py
)

SKIPPED, FAILED = "skipped:", "failed:"


class Work(NamedTuple):
    """The job that each lane is: its function takes one argument, the name of the lane's job."""

    path: str
    timeout_s: int


class Offer(NamedTuple):
    """A page that was found. `reason`: why it is skipped ("" = it is fetched). `fingerprint` names it within its ledger."""

    fingerprint: bytes
    host: str
    pattern: str
    reason: str
    url: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger as it is now. `found` is always the sum of the others."""

    id: str
    kind: str
    state: str
    fields: Mapping[str, str]
    found: int = 0
    done: int = 0
    pending: int = 0
    in_flight: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether nothing moves any more."""
        return self.state in ("over", "stopped")

    @property
    def owner(self) -> str:
        """Who owns it; "" = nobody."""
        return self.fields.get("owner", "")

    def number(self, name: str) -> int:
        """A counter or bound by its name; 0 where there is none."""
        return int(self.fields.get(name, "0") or 0)

    def at(self, name: str) -> datetime | None:
        """A time by its name; None where there is none."""
        ms = self.number(name)
        return datetime.fromtimestamp(ms / 1000, UTC) if ms else None


def keep_s() -> int:
    """How long ledgers, results and pages are kept (s)."""
    return config.settings().result_days * 86400


def open_new(ledger_id: str, fields: Mapping[str, str | int | float]) -> bool:
    """Make a ledger that takes pages; False where it is there already. `fields`: what describes it, see the module."""
    return bool(scripts.run_together([open_call(ledger_id, fields)])[0])


def open_call(ledger_id: str, fields: Mapping[str, str | int | float], pages: str = "") -> scripts.Call:
    """The same, to be sent with others; 1 = it is made. `pages`: the key where its pages must be reserved before, else -1."""
    flat: list[scripts.Argument] = [part for pair in fields.items() for part in pair]
    flat += ["created_ms", round(clock.now().timestamp() * 1000)]
    ledger = own_keys.ledger(ledger_id)
    of_it = {"ledger": ledger, "ledgers": own_keys.LEDGERS, "pages": pages or ledger, "id": ledger_id}
    return _open_ledger.call(**of_it, now_ms=clock.script_now_ms(), keep_s=keep_s(), fields=flat)


@scripts.script("scraping/open_ledger")
def _open_ledger(
    *, ledger: str, ledgers: str, pages: str, id: str, now_ms: str, keep_s: int, fields: Sequence[scripts.Argument]
) -> int:
    raise scripts.InLua


def add(ledger_id: str, offers: Iterable[Offer], depth: int = 0) -> int:
    """Add pages, 500 a round trip; each counts once, however often it is added. Returns the pages found so far; -1: no ledger."""
    found = -1
    for chunk in chunks.of(offers, CHUNK):
        found = _add_pages(
            ledger=own_keys.ledger(ledger_id),
            now_ms=clock.script_now_ms(),
            keep_s=keep_s(),
            depth=depth,
            offers=[part for offer in chunk for part in offer],
        )
    return found


@scripts.script("scraping/add_pages")
def _add_pages(*, ledger: str, now_ms: str, keep_s: int, depth: int, offers: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua


def run(ledger_id: str, work: Work, *, max_pages: int | None = None, first: bool = False) -> int:
    """Start its lanes; returns how many. -1 = no such ledger, -2 = it runs already or nothing is left.

    `first`: only where it never ran, so that a job that is repeated does not go on with what somebody stopped.
    """
    return _run_ledger(
        ledger=own_keys.ledger(ledger_id),
        ledgers=own_keys.LEDGERS,
        queues=keys.RQ_QUEUES,
        wakeups=keys.WAKE,
        events=keys.EVENTS,
        now_ms=clock.script_now_ms(),
        now_iso=jobs.rq_time(clock.now()),
        id=ledger_id,
        path=work.path,
        timeout_s=work.timeout_s,
        jobs=keys.RQ_JOB,
        queue_keys=keys.RQ_QUEUE,
        failure_ttl_s=keys.FAILURE_TTL_S,
        keep_s=keep_s(),
        max_pages=max_pages or "",
        first="1" if first else "",
    )


@scripts.script("scraping/run_ledger")
def _run_ledger(
    *,
    ledger: str,
    ledgers: str,
    queues: str,
    wakeups: str,
    events: str,
    now_ms: str,
    now_iso: str,
    id: str,
    path: str,
    timeout_s: int,
    jobs: str,
    queue_keys: str,
    failure_ttl_s: int,
    keep_s: int,
    max_pages: int | str,
    first: str,
) -> int:
    raise scripts.InLua


def stop(ledger_id: str, says: str) -> str | None:
    """Take no further page; what is pending stays. Returns the state it was in; None = no such ledger. Safe to repeat."""
    state = _stop_ledger(
        ledger=own_keys.ledger(ledger_id),
        ledgers=own_keys.LEDGERS,
        events=keys.EVENTS,
        now_ms=clock.script_now_ms(),
        id=ledger_id,
        says=says,
    )
    return state.decode() or None


@scripts.script("scraping/stop_ledger")
def _stop_ledger(*, ledger: str, ledgers: str, events: str, now_ms: str, id: str, says: str) -> bytes:
    raise scripts.InLua


def note(ledger_id: str, **fields: str | int) -> None:
    """Write what describes a ledger; one that is gone stays gone."""
    client = connection.client()
    if client.exists(own_keys.ledger(ledger_id)):
        client.hset(own_keys.ledger(ledger_id), mapping=dict(fields))
        client.expire(own_keys.ledger(ledger_id), keep_s())


def read(ledger_id: str) -> Ledger | None:
    """The ledger now; None where there is none. One command."""
    found = connection.client().hgetall(own_keys.ledger(ledger_id))
    return read_from(ledger_id, found)


def read_many(ledger_ids: Sequence[str]) -> list[Ledger | None]:
    """The same for several, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for ledger_id in ledger_ids:
            pipe.hgetall(own_keys.ledger(ledger_id))
        found = pipe.execute() if ledger_ids else []
    return [read_from(*pair) for pair in zip(ledger_ids, found, strict=True)]


def read_from(ledger_id: str, found: Mapping[bytes, bytes]) -> Ledger | None:
    """A ledger by its fields; None where there are none."""
    return _ledger(ledger_id, found) if found else None


def _ledger(ledger_id: str, found: Mapping[bytes, bytes]) -> Ledger:
    fields = {name.decode(): value.decode(errors="replace") for name, value in found.items()}
    return Ledger(
        ledger_id,
        fields.get("kind", ""),
        fields.get("state", ""),
        fields,
        **{name: int(fields.get(name, 0)) for name in ("found", "done", "pending", "in_flight")},
        skipped=_counts(fields, SKIPPED),
        failed=_counts(fields, FAILED),
    )


def _counts(fields: Mapping[str, str], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): int(value) for name, value in sorted(fields.items()) if name.startswith(prefix)}


def forget(ledger_id: str) -> None:
    """Let go of a ledger with all its parts; what it holds in objects stays."""
    client = connection.client()
    hosts = [host.decode() for host in client.zrange(own_keys.ledger(ledger_id, "hosts"), 0, -1)]
    parts = [own_keys.ledger(ledger_id, part) for part in (*PARTS, *(f"host:{host}" for host in hosts))]
    client.unlink(own_keys.ledger(ledger_id), *parts)
    client.zrem(own_keys.ENDED, ledger_id)


def revive(ledger_id: str, work: Work) -> int:
    """Give each lane whose job is gone a new job; returns how many. A ledger that expired leaves the list of those that run."""
    if not connection.client().exists(own_keys.ledger(ledger_id)):
        connection.client().zrem(own_keys.LEDGERS, ledger_id)
        return 0
    return _revive(
        ledger=own_keys.ledger(ledger_id),
        queues=keys.RQ_QUEUES,
        wakeups=keys.WAKE,
        now_iso=jobs.rq_time(clock.now()),
        id=ledger_id,
        path=work.path,
        timeout_s=work.timeout_s,
        jobs=keys.RQ_JOB,
        queue_keys=keys.RQ_QUEUE,
        failure_ttl_s=keys.FAILURE_TTL_S,
        keep_s=keep_s(),
    )


@scripts.script("scraping/revive")
def _revive(
    *,
    ledger: str,
    queues: str,
    wakeups: str,
    now_iso: str,
    id: str,
    path: str,
    timeout_s: int,
    jobs: str,
    queue_keys: str,
    failure_ttl_s: int,
    keep_s: int,
) -> int:
    raise scripts.InLua
