"""A check before the connection is first used: for commands, which say what is wrong with their input without Redis."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_waiting: Callable[[], object] | None = None


def check() -> None:
    """Run the check that waits, which uses the connection itself; where it fails, the next use runs it again."""
    global _waiting
    if _waiting is None:
        return
    waiting, _waiting = _waiting, None
    try:
        waiting()
    except BaseException:
        _waiting = waiting
        raise


@contextmanager
def checked(by: Callable[[], object]) -> Iterator[None]:
    """While this lasts, whoever uses the connection first runs `by` before; its errors are theirs."""
    global _waiting
    _waiting = by
    try:
        yield
    finally:
        _waiting = None


def is_to_come() -> bool:
    """Whether such a check has not passed yet: nothing was read from Redis, or written there."""
    return _waiting is not None
