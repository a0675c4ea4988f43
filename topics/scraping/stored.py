"""What is kept of scraping in object storage, below the day on which it was put there.

    pages/2026-11-28/example.com/<page>-<sha256>.html.gz   a page as it was fetched; the same content has the same key
    results/2026-11-28/<job>.json.gz                       a result that is too large for Redis
    records/2026-11-28/<ledger>/<n>-<n>-<token>.jsonl.gz   records of a batch or crawl, one a line: from which to which page

The day comes first, so that cleaning up lists what is old and nothing else.
"""

import functools
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import chunks
import clock
import config
import queues
import wording
from clients import storage
from errors import DataError, NotFound
from state.scraping import ledger_looks, ledgers, pages

FOLDERS = ("pages", "results", "records")
LEVEL = 5

#: A packed result above this size (bytes) becomes an object.
SMALL_BYTES = 64 * 1024

#: A record of fewer bytes is not compressed.
WORTH_BYTES = 500

#: What stays of a large record in Redis.
HEAD = (
    "n",
    "url",
    "final_url",
    "outcome",
    "status",
    "title",
    "depth",
    "fetched_at",
    "object",
    "sha256",
    "content_type",
    "parser",
)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

UNSAFE = re.compile(r"[^a-z0-9._-]")


@functools.cache
def store() -> storage.Store:
    """The object storage of this process."""
    return storage.make(config.settings())


def today() -> date:
    """The day below which objects are put (UTC)."""
    return clock.now().date()


def put_page(body: bytes, host: str, fingerprint: bytes) -> tuple[str, str]:
    """Keep a page as it was fetched; returns its key and its sha256."""
    sha256 = hashlib.sha256(body).hexdigest()
    folder = UNSAFE.sub("_", host.lower())[:200].strip(".") or "_"
    key = f"pages/{today()}/{folder}/{fingerprint.hex()}-{sha256[:16]}.html.gz"
    store().put(key, gzip.compress(body, LEVEL, mtime=0), content_type="text/html", content_encoding="gzip")
    return key, sha256


def page(key: str, sha256: str) -> bytes | None:
    """A page as it was fetched; None where it is gone. Raises DataError where it is not what was put there."""
    found = store().get(key)
    if found is None:
        return None
    try:
        body = gzip.decompress(found)
    except (OSError, EOFError, zlib.error):
        raise DataError(f"The kept page {key} is damaged: scrape it again.") from None
    if hashlib.sha256(body).hexdigest() != sha256:
        raise DataError(f"The kept page {key} is not the one that was stored: scrape it again.")
    return body


def pack(value: dict[str, Any]) -> bytes:
    """A record as it lies in Redis: JSON, compressed where that saves anything."""
    text = _encode(value).encode(errors="replace")
    return text if len(text) < WORTH_BYTES else zlib.compress(text, 1)


def pack_record(value: dict[str, Any], ledger_id: str) -> bytes:
    """A record of a batch or crawl as it lies in Redis; of a large one the head, which names the object that holds the whole."""
    packed = pack(value)
    if len(packed) <= SMALL_BYTES:
        return packed
    key = f"results/{today()}/{ledger_id}-{value['n']}.json.gz"
    _put_json(key, value)
    return pack({name: value[name] for name in HEAD if name in value} | {"record": key})


def unpack(packed: bytes) -> dict[str, Any]:
    """A record again. Raises DataError where it is damaged."""
    try:
        value: dict[str, Any] = json.loads(_text(packed))
    except (ValueError, zlib.error):
        raise DataError("A stored record is damaged: scrape its page again.") from None
    return value


def _text(packed: bytes) -> bytes:
    return packed if packed.startswith(b"{") else zlib.decompress(packed)


def put_result(job_id: str, value: dict[str, Any]) -> None:
    """Keep the result of a scrape: in Redis, or as an object where it is large."""
    packed = pack(value)
    if len(packed) > SMALL_BYTES:
        key = f"results/{today()}/{job_id}.json.gz"
        _put_json(key, value)
        packed = pack({"object": key})
    pages.put_result(job_id, packed, queues.current_owner())


def remove_results(job_ids: Sequence[str]) -> int:
    """Remove the results of single scrapes, those in object storage too; returns how many. Batches and crawls stay RESULT_DAYS.

    An object goes first: where that fails, its result still names it.
    """
    found = {job_id: packed for job_id, packed in zip(job_ids, pages.results(job_ids), strict=True) if packed}
    objects = [key for packed in found.values() if (key := _object_of(packed))]
    if objects:
        store().delete(objects)
    pages.forget_results(list(found))
    return len(found)


def _object_of(packed: bytes) -> str | None:
    try:
        value = unpack(packed)
    except DataError:
        return None
    return str(value["object"]) if set(value) == {"object"} else None


def _put_json(key: str, value: dict[str, Any]) -> None:
    text = _encode(value).encode(errors="replace")
    store().put(key, gzip.compress(text, LEVEL, mtime=0), content_type="application/json", content_encoding="gzip")


def whole(value: dict[str, Any]) -> dict[str, Any]:
    """A record with all it holds."""
    found = store().get(value["record"]) if "record" in value else None
    whole: dict[str, Any] = value if found is None else json.loads(gzip.decompress(found))
    return whole


def result(job_id: str) -> dict[str, Any] | None:
    """The result of a scrape; None where there is none. Raises NotFound where its object is gone."""
    packed = pages.result(job_id)
    if packed is None:
        return None
    value = unpack(packed)
    if set(value) != {"object"}:
        return value
    found = store().get(value["object"])
    if found is None:
        raise NotFound(f"The result of {job_id} was removed from object storage ({value['object']}): scrape it again.")
    whole: dict[str, Any] = json.loads(gzip.decompress(found))
    return whole


def owner_of(job_id: str) -> str:
    """Who owns the result of a scrape; "" = nobody, or there is none."""
    return pages.owner_of_result(job_id)


def place(id_: str) -> str | None:
    """Where the result of a scrape, or the records of a batch or crawl, lie now, in words; None where there are none."""
    packed = pages.result(id_)
    if packed is not None:
        value = unpack(packed)
        return f"object storage ({value['object']})" if set(value) == {"object"} else "Redis"
    segments, loose = len(pages.segments(id_)), pages.loose(id_)
    parts = [f"object storage, {wording.pluralize(segments, 'segment')}"] if segments else []
    return " and ".join([*parts, *([f"Redis, {wording.pluralize(loose, 'record')}"] if loose else [])]) or None


def pack_records(ledger_id: str, at_least: int = 1) -> int:
    """Move records of a ledger from Redis into an object; returns how many. One caller at a time does it.

    A caller that is killed leaves all records where they were, and at most an object that nothing names.
    """
    packing = pages.take_records(ledger_id)
    if len(packing.records) < at_least:
        return 0
    lines = b"\n".join(_text(record) for _, record in packing.records)
    first, last = packing.records[0][0], packing.records[-1][0]
    key = f"records/{today()}/{ledger_id}/{first:08d}-{last:08d}-{packing.token}.jsonl.gz"
    body = gzip.compress(lines + b"\n", LEVEL, mtime=0)
    store().put(key, body, content_type="application/x-ndjson", content_encoding="gzip")
    return len(packing.records) if pages.put_segment(ledger_id, packing, key) else 0


def records(ledger_id: str) -> Iterator[dict[str, Any]]:
    """Every record of a ledger, one object at a time; what is packed first. What is packed meanwhile comes once."""
    seen: set[int] = set()
    done: set[str] = set()
    while new := [key for key in pages.segments(ledger_id) if key not in done]:
        for key in new:
            done.add(key)
            yield from _of_segment(key, seen)
    for n, record in pages.records(ledger_id):
        if n not in seen:
            seen.add(n)
            yield whole(unpack(record))
    for key in pages.segments(ledger_id):  # packed while the rest was read
        if key not in done:
            yield from _of_segment(key, seen)


def _of_segment(key: str, seen: set[int]) -> Iterator[dict[str, Any]]:
    found = store().get(key)
    if found is None:
        raise NotFound(f"Records were removed from object storage ({key}).")
    for line in gzip.decompress(found).splitlines():
        value = json.loads(line)
        if value["n"] not in seen:
            seen.add(value["n"])
            yield whole(value)


def forget(job_ids: Sequence[str]) -> None:
    """Remove the results of these jobs with their objects, and the batches and crawls of that name that are over. Safe to repeat.

    Pages as they were fetched stay until they are old: other results may name the same object.
    """
    remove_results(job_ids)
    for ledger_id in ledger_looks.over(job_ids):
        segments = pages.segments(ledger_id)
        packed = [unpack(record) for _, record in pages.records(ledger_id)]
        large = [one["record"] for one in (*packed, *_lines(segments)) if "record" in one]
        for chunk in chunks.of([*large, *segments], 500):  # the segments last: they name the others
            store().delete(chunk)
        ledgers.forget(ledger_id)


def _lines(segments: Sequence[str]) -> Iterator[dict[str, Any]]:
    for key in segments:
        for line in gzip.decompress(store().get(key) or gzip.compress(b"")).splitlines():
            yield json.loads(line)


def clean_up(days: int) -> int:
    """Remove objects put more than twice `days` ago: an unchanged page may be used again as long as it is kept. Says how many."""
    before, removed = today() - timedelta(days=2 * days), 0
    for folder in FOLDERS:
        for chunk in chunks.of(_older(f"{folder}/", before.isoformat()), 500):
            store().delete(chunk)
            removed += len(chunk)
    return removed


def _older(folder: str, before: str) -> Iterator[str]:
    """Keys come in order, so the first young one ends the look."""
    for key in store().keys(folder):
        if key.removeprefix(folder)[:10] >= before:
            return
        yield key
