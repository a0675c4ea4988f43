"""People as they are stored. Fields of the hash: role, password (werkzeug's scrypt), made_s, changed_s (s since 1970)."""

from collections.abc import Mapping

from state.access import keys
from state.store import connection

#: An address from which somebody logged in is known for so long (s); so many of them.
KNOWN_S, MOST_KNOWN = 60 * 86_400, 20


def put(name: str, fields: Mapping[str, str | int]) -> None:
    """Keep a person, or what changed of one."""
    with connection.client().pipeline() as pipe:
        pipe.hset(keys.user(name), mapping=dict(fields))
        pipe.sadd(keys.USERS, name)
        pipe.set(keys.CLOSED, 1)
        pipe.execute()


def get(name: str) -> dict[str, str]:
    """The fields of a person; {} where there is none. One command."""
    return _text(connection.client().hgetall(keys.user(name)))


def every() -> dict[str, dict[str, str]]:
    """All people by name. Two round trips."""
    client = connection.client()
    names = sorted(name.decode(errors="replace") for name in client.smembers(keys.USERS))
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hgetall(keys.user(name))
        found = pipe.execute() if names else []
    return {name: fields for name, raw in zip(names, found, strict=True) if (fields := _text(raw))}


def remove(name: str) -> bool:
    """Forget a person; False where there is none."""
    with connection.client().pipeline() as pipe:
        pipe.delete(keys.user(name), keys.known(name))
        pipe.srem(keys.USERS, name)
        removed, _ = pipe.execute()
    return bool(removed)


def knows(name: str, address: str) -> bool:
    """Whether this person logged in from that address before."""
    return connection.client().zscore(keys.known(name), address) is not None


def note_address(name: str, address: str, now_s: int) -> None:
    """Note from where a person logged in."""
    with connection.client().pipeline() as pipe:
        pipe.zadd(keys.known(name), {address: now_s})
        pipe.zremrangebyscore(keys.known(name), "-inf", now_s - KNOWN_S)
        pipe.zremrangebyrank(keys.known(name), 0, -MOST_KNOWN - 1)
        pipe.expire(keys.known(name), KNOWN_S)
        pipe.execute()


def _text(found: Mapping[bytes, bytes]) -> dict[str, str]:
    return {field.decode(): value.decode(errors="replace") for field, value in found.items()}
