"""What keys take in the server's memory, looked at some at a time: by name, or on a walk that goes on where it ended."""

from collections.abc import Iterator, Sequence

from redis.exceptions import ResponseError

from state.store import connection

#: Keys asked for by one SCAN, and in one round trip; elements of a large key that are measured to estimate it.
PAGE, AT_ONCE, SAMPLES = 500, 250, 5


class NotTold(Exception):
    """The server does not allow the question; the text says why."""


def count() -> int:
    """How many keys there are."""
    return int(connection.client().dbsize())


def of(names: Sequence[str]) -> dict[str, int]:
    """Bytes of these keys; those that are gone are left out. Raises NotTold."""
    found: dict[str, int] = {}
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        with connection.client().pipeline(transaction=False) as pipe:
            for name in some:
                pipe.memory_usage(name, samples=SAMPLES)
            for name, size in zip(some, pipe.execute(raise_on_error=False), strict=True):
                if isinstance(size, ResponseError):
                    raise NotTold(f"MEMORY USAGE: {size}")
                if isinstance(size, Exception):
                    raise size
                if size is not None:
                    found[name] = int(size)
    return found


def live_for_ever(names: Sequence[str]) -> set[str]:
    """Those of these keys that never expire."""
    with connection.client().pipeline(transaction=False) as pipe:
        for name in names:
            pipe.ttl(name)
        return {name for name, ttl in zip(names, pipe.execute(raise_on_error=False), strict=True) if ttl == -1}


def walk(cursor: int, most: int) -> Iterator[tuple[int, dict[str, int]]]:
    """Pages of keys with their bytes from a cursor on, and the cursor behind each; 0 = the walk came to its end.

    At most so many keys are looked at, and each once. Raises NotTold.
    """
    seen = 0
    while seen < most:
        cursor, names = connection.client().scan(cursor, count=PAGE)
        texts = [name.decode(errors="replace") for name in names]
        yield int(cursor), of(texts)
        seen += len(texts)
        if not int(cursor):
            return
