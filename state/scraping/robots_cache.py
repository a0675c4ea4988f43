"""robots.txt of each origin as Redis keeps it, compressed. One holder at a time fetches it; the others get a moment."""

import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import clock
from state.scraping import keys
from state.store import connection, scripts

#: RFC 9309 (2.5) asks a crawler to read 500 KiB at least; what comes after that is not kept.
MOST_BYTES = 500 * 1024

#: The one who fetches is believed to live for so long (s).
FETCH_S = 60.0

#: `nameless`: its host has no address, which costs nobody anything to ask again. So nothing is kept of it.
Kind = Literal["rules", "free", "unreachable", "nameless"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known. `state`: rules (`body`), free (there is none), fetch (the caller is the one who fetches, and calls `keep`),
    fetching (another one does) or unreachable. `in_s`: for the last two, when the caller should come again; `body` may then hold
    an older text that still counts. `failures`: how often in a row it could not be reached.
    """

    state: Literal["rules", "free", "fetch", "fetching", "unreachable"]
    body: bytes = b""
    in_s: float = 0.0
    failures: int = 0


def take(origin: str, holder: str, apart_s: float) -> Known:
    """What is known of an origin (`https://example.com`); those who must wait come `apart_s` after each other."""
    return _known(
        _take_robots(
            robots=keys.ROBOTS + origin,
            now_ms=clock.script_now_ms(),
            holder=holder,
            apart_ms=round(apart_s * 1000),
            fetch_ms=round(FETCH_S * 1000),
        )
    )


@scripts.script("scraping/take_robots")
def _take_robots(*, robots: str, now_ms: str, holder: str, apart_ms: int, fetch_ms: int) -> list[bytes]:
    raise scripts.InLua


def keep(origin: str, holder: str, kind: Kind, body: bytes = b"") -> Known:
    """Write down what a fetch found; of the text the first 500 KiB. Returns what is known now."""
    packed = zlib.compress(body[:MOST_BYTES]) if body else b""
    return _known(_keep_robots(robots=keys.ROBOTS + origin, now_ms=clock.script_now_ms(), holder=holder, kind=kind, body=packed))


@scripts.script("scraping/keep_robots")
def _keep_robots(*, robots: str, now_ms: str, holder: str, kind: str, body: bytes) -> list[bytes]:
    raise scripts.InLua


class Seen(NamedTuple):
    """What is kept of an origin. `until`: when it is read again, at the earliest. `failures`: tries in a row that failed."""

    origin: str
    kind: str
    body: bytes
    until: datetime | None
    failures: int


def seen(origins: Sequence[str]) -> list[Seen]:
    """What is kept of those of these origins of which anything is; one round trip that changes nothing."""
    fields = ("kind", "body", "fresh_until", "next", "failures")
    with connection.client().pipeline(transaction=False) as pipe:
        for origin in origins:
            pipe.hmget(keys.ROBOTS + origin, *fields)
        rows = pipe.execute(raise_on_error=False) if origins else []
    return [_seen(origin, *row) for origin, row in zip(origins, rows, strict=True) if isinstance(row, list) and row[0]]


def _seen(origin: str, kind: bytes, body: bytes | None, fresh: bytes | None, after: bytes | None, failed: bytes | None) -> Seen:
    until = after if kind == b"unreachable" else fresh
    return Seen(origin, kind.decode(errors="replace"), _unpacked(body or b""), _moment(until), int(_number(failed)))


def _moment(raw: bytes | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(_number(raw) / 1000, UTC) if raw else None
    except (OverflowError, OSError, ValueError):
        return None


def _number(raw: bytes | None) -> float:
    """A number of a record; a broken one counts as missing."""
    try:
        return float(raw or 0)
    except ValueError:
        return 0.0


def _known(reply: list[Any]) -> Known:
    word = reply[0].decode()
    if word == "wait":
        return Known(reply[2].decode(), _unpacked(reply[3]), int(reply[1]) / 1000, int(reply[4]))
    return Known(word, _unpacked(reply[1]) if word == "rules" else b"")


def _unpacked(packed: bytes) -> bytes:
    """The text; what is broken, or larger than any we keep, counts as empty."""
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(packed, MOST_BYTES)
    return b""
