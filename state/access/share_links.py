"""Share links of projects. The key of one is the SHA-256 of its token, which only those have who were given the link.

Fields of the hash: project, born (when that project was made: another one of its name is not meant), scope, title, actor, made_s,
ends_s, used_s (s since 1970).
"""

from collections.abc import Mapping, Sequence

from state.access import keys
from state.store import connection, scripts

#: Links of one project that are not over.
MOST = 50


def put(digest: str, fields: Mapping[str, str | int]) -> bool:
    """Keep a new link until its end; False where its project has too many."""
    now_s, life_s = int(fields["made_s"]), int(fields["ends_s"]) - int(fields["made_s"])
    share, shares = keys.share(digest), keys.shares(str(fields["project"]))
    flat = [part for pair in fields.items() for part in pair]
    return bool(_put(share=share, shares=shares, digest=digest, now_s=now_s, life_s=life_s, most=MOST, fields=flat))


@scripts.script("access/put_share")
def _put(*, share: str, shares: str, digest: str, now_s: int, life_s: int, most: int, fields: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua


def get(digest: str) -> dict[str, str]:
    """The fields of a link; {} where there is none, or it is over. One command."""
    return _text(connection.client().hgetall(keys.share(digest)))


def of_project(project_id: str) -> dict[str, dict[str, str]]:
    """The links of a project that are not over: digest → fields. Two round trips."""
    client = connection.client()
    digests = [digest.decode(errors="replace") for digest in client.zrange(keys.shares(project_id), 0, -1)]
    with client.pipeline(transaction=False) as pipe:
        for digest in digests:
            pipe.hgetall(keys.share(digest))
        found = pipe.execute() if digests else []
    return {digest: fields for digest, raw in zip(digests, found, strict=True) if (fields := _text(raw))}


def remove(project_id: str, digest: str) -> bool:
    """End a link; False where it was over."""
    with connection.client().pipeline() as pipe:
        pipe.delete(keys.share(digest))
        pipe.zrem(keys.shares(project_id), digest)
        removed, _ = pipe.execute()
    return bool(removed)


def note_use(digest: str, now_s: int) -> None:
    """Note that a link was opened."""
    _touch(share=keys.share(digest), used_s=now_s)


@scripts.script("access/touch_share")
def _touch(*, share: str, used_s: int) -> int:
    raise scripts.InLua


def _text(found: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode(errors="replace") for name, value in found.items()}
