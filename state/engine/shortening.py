"""Streams shortened some entries at a time, so that nobody waits long for the server."""

from contextlib import suppress

from redis.exceptions import ResponseError

from state.store import connection

#: Entries that one command forgets.
AT_ONCE = 1000


def forget_before(stream: str, entry: str) -> None:
    """Forget the entries of a stream before that one. Safe to repeat; a key of another type stays: `status` names it."""
    client = connection.client()
    with suppress(ResponseError):
        while client.xtrim(stream, minid=entry, approximate=True, limit=AT_ONCE):
            pass
        client.xtrim(stream, minid=entry, approximate=False)
