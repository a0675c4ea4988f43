"""What is remembered of fetched pages, and the results of scrapes: small ones here, large ones as objects."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import clock
from state.scraping import keys, ledgers
from state.store import connection, scripts
from state.store.constants import PACKING_MS, SEGMENT_RECORDS


class Kept(NamedTuple):
    """A page that was fetched before. `object`: where it is kept; `mode`: how it was fetched, "" = not as others would get it."""

    etag: str
    last_modified: str
    final_url: str
    object: str
    sha256: str
    content_type: str
    fetched_ms: str = ""  # since 1970; "" = before that was remembered
    mode: str = ""

    def age_s(self, now: datetime) -> float | None:
        """How long ago it was fetched, or was found to be the same; None where nobody knows."""
        return max(0.0, now.timestamp() - int(self.fetched_ms) / 1000) if self.fetched_ms.isdigit() else None


def recall_call(fingerprint: bytes) -> scripts.Call:
    """The question after a page that was fetched before, to be sent together with others."""
    return _recall.call(page=keys.fetched_page(fingerprint.hex()))


def recalled(reply: Sequence[bytes]) -> Kept | None:
    """Its answer; None = never fetched, or not kept any more."""
    return Kept(*(part.decode(errors="replace") for part in reply)) if reply else None


@scripts.script("scraping/recall")
def _recall(*, page: str) -> list[bytes]:
    raise scripts.InLua


def keep_call(fingerprint: bytes, kept: Kept) -> scripts.Call:
    """What remembers a page, to be sent together with others."""
    names = ("etag", "modified", "final_url", "object", "sha256", "content_type", "fetched_ms", "mode")
    fields = [part for pair in zip(names, kept, strict=True) for part in pair]
    return _keep_page.call(page=keys.fetched_page(fingerprint.hex()), keep_s=ledgers.keep_s(), fields=fields)


@scripts.script("scraping/keep_page")
def _keep_page(*, page: str, keep_s: int, fields: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua


def put_result(job_id: str, packed: bytes, owner: str = "") -> None:
    """Keep the result of a scrape, or the key of its object, packed as the caller likes; and who owns it."""
    with connection.client().pipeline(transaction=False) as pipe:
        if owner:
            pipe.set(keys.result_owner(job_id), owner, ex=ledgers.keep_s())
        pipe.set(keys.scrape_result(job_id), packed, ex=ledgers.keep_s())
        pipe.execute()


def result(job_id: str) -> bytes | None:
    """The result of a scrape as it was put; None where there is none (any more)."""
    found: bytes | None = connection.client().get(keys.scrape_result(job_id))
    return found


def owner_of_result(job_id: str) -> str:
    """Who owns the result of a scrape; "" = nobody."""
    return (connection.client().get(keys.result_owner(job_id)) or b"").decode(errors="replace")


def results(job_ids: Sequence[str]) -> list[bytes | None]:
    """The results of scrapes as they were put, in one round trip."""
    return connection.client().mget([keys.scrape_result(job_id) for job_id in job_ids]) if job_ids else []


def forget_results(job_ids: Sequence[str]) -> None:
    """Remove results of scrapes."""
    if job_ids:
        names = [name for job_id in job_ids for name in (keys.scrape_result(job_id), keys.result_owner(job_id))]
        connection.client().delete(*names)


def records(ledger_id: str) -> list[tuple[int, bytes]]:
    """The records of a ledger that are not packed yet, in the order of their pages."""
    found = connection.client().hgetall(keys.ledger(ledger_id, "records"))
    return sorted((int(n), record) for n, record in found.items())


def record(ledger_id: str, n: int) -> bytes | None:
    """The record of one page, packed as it was put; None where it is packed into an object, or gone."""
    found: bytes | None = connection.client().hget(keys.ledger(ledger_id, "records"), str(n))
    return found


def loose(ledger_id: str) -> int:
    """How many records of a ledger are not packed yet."""
    found: int = connection.client().hlen(keys.ledger(ledger_id, "records"))
    return found


def segments(ledger_id: str) -> list[str]:
    """The objects that hold the other records of a ledger, oldest first."""
    return [key.decode() for key in connection.client().lrange(keys.ledger(ledger_id, "segments"), 0, -1)]


class Packing(NamedTuple):
    """Records that one caller may pack now."""

    token: str
    records: list[tuple[int, bytes]]


def take_records(ledger_id: str, most: int = SEGMENT_RECORDS) -> Packing:
    """Take records to pack; none where there are none, or another caller packs."""
    token = secrets.token_hex(6)
    found: list[Any] = _take_records(
        ledger=keys.ledger(ledger_id),
        records=keys.ledger(ledger_id, "records"),
        now_ms=clock.script_now_ms(),
        token=token,
        most=most,
        hold_ms=PACKING_MS,
    )
    return Packing(token, [(int(n), record) for n, record in zip(found[::2], found[1::2], strict=True)])


@scripts.script("scraping/take_records")
def _take_records(*, ledger: str, records: str, now_ms: str, token: str, most: int, hold_ms: int) -> list[Any]:
    raise scripts.InLua


def put_segment(ledger_id: str, packing: Packing, object_key: str) -> bool:
    """The records stand in this object now and leave Redis; False where another caller packs them by now."""
    return bool(
        _put_segment(
            ledger=keys.ledger(ledger_id),
            records=keys.ledger(ledger_id, "records"),
            segments=keys.ledger(ledger_id, "segments"),
            token=packing.token,
            object=object_key,
            keep_s=ledgers.keep_s(),
            packed=[n for n, _ in packing.records],
        )
    )


@scripts.script("scraping/put_segment")
def _put_segment(
    *, ledger: str, records: str, segments: str, token: str, object: str, keep_s: int, packed: Sequence[scripts.Argument]
) -> int:
    raise scripts.InLua
