"""API keys as they are stored. Of the secret there is only its SHA-256: it has 256 random bits, so nobody can guess it back.

Fields of the hash: name, role, digest (hex), made_s, and where they are set expires_s, revoked_s, rate (requests a minute) and
pages_a_month. Times are seconds since 1970.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from state.access import keys
from state.store import connection, scripts

#: A revoked key is listed for so long (s); when a key was used last is known for so long (s).
REVOKED_S, USED_S = 90 * 86_400, 400 * 86_400


class Stored(NamedTuple):
    """A key and when it was used last (s; 0 = never)."""

    id: str
    fields: Mapping[str, str]
    used_s: int = 0


def put(key_id: str, fields: Mapping[str, str | int]) -> None:
    """Keep a new key."""
    with connection.client().pipeline() as pipe:
        pipe.hset(keys.api_key(key_id), mapping=dict(fields))
        pipe.zadd(keys.KEYS, {key_id: float(fields["made_s"])})
        pipe.set(keys.CLOSED, 1)
        pipe.execute()


def change(key_id: str, fields: Mapping[str, str | int]) -> bool:
    """Set fields of a key that is not revoked; an empty text takes one away. False where there is no such key."""
    flat = [part for pair in fields.items() for part in pair]
    return bool(_change(key=keys.api_key(key_id), fields=flat))


@scripts.script("access/change_key")
def _change(*, key: str, fields: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua


def get(key_id: str) -> dict[str, str]:
    """The fields of a key; {} where there is none. One command."""
    return _text(connection.client().hgetall(keys.api_key(key_id)))


def every() -> list[Stored]:
    """All keys, the oldest first, revoked ones too for a time."""
    client = connection.client()
    ids = [key_id.decode(errors="replace") for key_id in client.zrange(keys.KEYS, 0, -1)]
    with client.pipeline(transaction=False) as pipe:
        for key_id in ids:
            pipe.hgetall(keys.api_key(key_id))
            pipe.get(keys.used(key_id))
        found = pipe.execute()
    pairs = zip(ids, found[::2], found[1::2], strict=True)
    return [Stored(key_id, _text(fields), int(used or 0)) for key_id, fields, used in pairs if fields]


def revoke(key_id: str, now_s: int) -> bool:
    """End a key; False where it was ended before or there is none."""
    return bool(_revoke(key=keys.api_key(key_id), now_s=now_s, keep_s=REVOKED_S))


@scripts.script("access/revoke_key")
def _revoke(*, key: str, now_s: int, keep_s: int) -> int:
    raise scripts.InLua


def note_use(key_id: str, now_s: int) -> None:
    """Note that a key was used."""
    connection.client().set(keys.used(key_id), now_s, ex=USED_S)


def forget_old() -> int:
    """Take keys out of the list that were revoked long ago; returns how many."""
    client = connection.client()
    ids = client.zrange(keys.KEYS, 0, -1)
    gone = [key_id for key_id in ids if not client.exists(keys.api_key(key_id.decode(errors="replace")))]
    return int(client.zrem(keys.KEYS, *gone)) if gone else 0


def is_closed() -> bool:
    """Whether a key or a user was ever made."""
    return bool(connection.client().exists(keys.CLOSED))


def _text(found: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode(errors="replace") for name, value in found.items()}
