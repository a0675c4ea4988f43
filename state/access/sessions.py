"""Sessions of people. The key of one is the SHA-256 of its secret, which only the browser has.

Fields of the hash: user, made_s, seen_s, ends_s (s since 1970), address, agent.
"""

from collections.abc import Mapping

from state.access import keys
from state.store import connection, scripts


def put(digest: str, fields: Mapping[str, str | int], idle_s: int, life_s: int) -> None:
    """Keep a new session, which lives `idle_s` unless it is used, and `life_s` at most (both s)."""
    listed = keys.sessions(str(fields["user"]))
    with connection.client().pipeline() as pipe:
        pipe.hset(keys.session(digest), mapping=dict(fields))
        pipe.expire(keys.session(digest), min(idle_s, life_s))
        pipe.zremrangebyscore(listed, "-inf", float(fields["made_s"]))
        pipe.zadd(listed, {digest: float(fields["ends_s"])})
        pipe.expire(listed, life_s)
        pipe.execute()


def get(digest: str) -> dict[str, str]:
    """The fields of a session; {} where it is over. One command."""
    return _text(connection.client().hgetall(keys.session(digest)))


def touch(digest: str, now_s: int, idle_s: int) -> None:
    """Note that it was used."""
    _touch(session=keys.session(digest), seen_s=now_s, idle_s=idle_s)


@scripts.script("access/touch_session")
def _touch(*, session: str, seen_s: int, idle_s: int) -> int:
    raise scripts.InLua


def of_user(name: str) -> dict[str, dict[str, str]]:
    """The sessions of a person that are not over: digest → fields. Two round trips."""
    client = connection.client()
    digests = [digest.decode(errors="replace") for digest in client.zrange(keys.sessions(name), 0, -1)]
    with client.pipeline(transaction=False) as pipe:
        for digest in digests:
            pipe.hgetall(keys.session(digest))
        found = pipe.execute() if digests else []
    return {digest: fields for digest, raw in zip(digests, found, strict=True) if (fields := _text(raw))}


def end(name: str, digest: str) -> bool:
    """End a session; False where it was over."""
    with connection.client().pipeline() as pipe:
        pipe.delete(keys.session(digest))
        pipe.zrem(keys.sessions(name), digest)
        removed, _ = pipe.execute()
    return bool(removed)


def _text(found: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode(errors="replace") for name, value in found.items()}
