"""Keys of a backup written into the store: what is there stays, a large key is made aside and then put in its place."""

from collections.abc import Sequence
from typing import Any

from state.store import connection, dumps, keys
from state.store.dumps import Entry

#: What a restore has written of a list or stream stays so long without the rest (s).
RESTORING_S = 3600

#: Types whose elements have an order: they are written beside their place first.
ASIDE = ("list", "stream")


def there(wanted: Sequence[str]) -> list[bool]:
    """Which of these keys are there. One round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for key in wanted:
            pipe.exists(dumps.raw(key))
        return [bool(found) for found in pipe.execute()]


def write(entries: Sequence[Entry], *, replace: bool) -> None:
    """Write keys and parts of keys. One round trip; safe to repeat.

    `replace`: each takes the place of what is there. Else what is there stays, and what is missing is added: fields, members;
    a list, stream or string only where there is none.
    """
    lists = [entry.key for entry in entries if entry.type in ASIDE]
    stay = {key for key, is_there in zip(lists, there(lists), strict=True) if is_there and not replace}
    with connection.client().pipeline(transaction=False) as pipe:
        for entry in entries:
            if entry.key not in stay:
                _write(pipe, entry, replace)
        pipe.execute()


def _write(pipe: Any, entry: Entry, replace: bool) -> None:
    name = dumps.raw(entry.key)
    if entry.type in ASIDE:
        _write_aside(pipe, entry, name)
    else:
        if replace and entry.part == 0:
            pipe.delete(name)
        _write_in_place(pipe, entry, name)
    if entry.expires_ms is not None and entry.is_last:
        pipe.pexpireat(name, entry.expires_ms)


def _write_in_place(pipe: Any, entry: Entry, name: bytes) -> None:
    """What is there stays; after a delete there is nothing."""
    if entry.type == "string":
        pipe.setnx(name, entry.value)
    elif entry.type == "hash":
        for field, value in entry.value:
            pipe.hsetnx(name, field, value)
    elif entry.type == "set":
        pipe.sadd(name, *entry.value)
    else:
        pipe.zadd(name, dict(entry.value), nx=True)


def _write_aside(pipe: Any, entry: Entry, name: bytes) -> None:
    aside = dumps.raw(keys.RESTORING + entry.key)
    if entry.part == 0:
        pipe.delete(aside)
    if entry.type == "list":
        pipe.rpush(aside, *entry.value)
    else:
        for line, fields in entry.value:
            pipe.xadd(aside, dict(fields), id=line)
    pipe.expire(aside, RESTORING_S)
    if entry.is_last:
        pipe.persist(aside)
        pipe.rename(aside, name)
