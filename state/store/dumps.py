"""Keys of the store read whole, whatever they hold: for backups. Bounded memory, also for large keys.

A large key comes in parts. One that is a list or stream is written beside its place, `trawl:restoring:<key>`, until it is whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import chunks
from state.store import connection

#: Keys of one round trip, and elements of a key that come at once.
KEYS, ELEMENTS = 200, 2000

SIZES = {"string": "STRLEN", "hash": "HLEN", "set": "SCARD", "zset": "ZCARD", "list": "LLEN", "stream": "XLEN"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, or a part of it. `value` by type: bytes; pairs; members; member and score; elements; id and pairs.

    `expires_ms`: since 1970, None = never. `part` counts from 0; `is_last`: no other part follows.
    """

    key: str
    type: str
    value: Any
    expires_ms: int | None = None
    part: int = 0
    is_last: bool = True


def names(pattern: str) -> Iterator[str]:
    """All keys that fit a pattern, as the server walks over them: one that is there throughout comes at least once."""
    for name in connection.client().scan_iter(match=pattern, count=1000):
        yield name.decode(errors="surrogateescape")


def read(wanted: Iterator[str] | Sequence[str]) -> Iterator[Entry]:
    """These keys with what they hold; one that is gone by now is left out."""
    for chunk in chunks.of(wanted, KEYS):
        with connection.client().pipeline(transaction=False) as pipe:
            for key in chunk:
                pipe.type(raw(key))
                pipe.pttl(raw(key))
            told = pipe.execute()
            types = [kind.decode() for kind in told[::2]]
            for key, kind in zip(chunk, types, strict=True):
                pipe.execute_command(SIZES.get(kind, "EXISTS"), raw(key))
            sizes = pipe.execute(raise_on_error=False)
        now_ms = round(connection.now().timestamp() * 1000)
        for key, kind, ttl, size in zip(chunk, types, told[1::2], sizes, strict=True):
            if kind in SIZES and isinstance(size, int):
                yield from _parts(key, kind, size, now_ms + ttl if ttl > 0 else None)


def _parts(key: str, kind: str, size: int, expires_ms: int | None) -> Iterator[Entry]:
    """The parts of a key; nothing where it is gone or of another type by now."""
    found, part = _values(key, kind, size), 0
    value = next(found, None)
    while value is not None:
        following = next(found, None)
        yield Entry(key, kind, value, expires_ms, part, following is None)
        value, part = following, part + 1


def _values(key: str, kind: str, size: int) -> Iterator[Any]:
    client, name = connection.client(), raw(key)
    if kind == "string":
        value = client.get(name)
        yield from () if value is None else (value,)
    elif kind == "list":
        for at in range(0, size, ELEMENTS):
            if found := client.lrange(name, at, at + ELEMENTS - 1):
                yield found
    elif kind == "stream":
        after = "-"
        while found := client.xrange(name, after, "+", count=ELEMENTS):
            yield [(line, list(fields.items())) for line, fields in found]
            after = f"({found[-1][0].decode()}"
    else:
        yield from chunks.of(_walk(name, kind), ELEMENTS)


def _walk(name: bytes, kind: str) -> Iterator[Any]:
    client = connection.client()
    if kind == "set":
        return iter(client.sscan_iter(name, count=ELEMENTS))
    return iter(client.hscan_iter(name, count=ELEMENTS) if kind == "hash" else client.zscan_iter(name, count=ELEMENTS))


def raw(key: str) -> bytes:
    """The name of a key as bytes."""
    return key.encode(errors="surrogateescape")
