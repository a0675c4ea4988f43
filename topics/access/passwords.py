"""Passwords: werkzeug's scrypt (N 32768, r 8, p 1), two at a time. One takes a tenth of a second and 32 MB on purpose."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

import clock
from errors import ArgumentError, NotNow

METHOD = "scrypt:32768:8:1"

SHORTEST, LONGEST = 10, 200

#: Hashes at a time; how many may wait for a turn, each with a thread of the server, and for how long (s).
AT_ONCE, MOST_WAITING, PATIENCE_S = 2, 6, 5.0

_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


def hashed(password: str, name: str = "") -> str:
    """What is stored of a password. Raises ArgumentError for one that is too short, too long or the name itself."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ArgumentError(f"a password has {SHORTEST} to {LONGEST} characters: several words are easy to remember.")
    if name and password.strip().lower() == name.lower():
        raise ArgumentError("the password must not be the name.")
    with _turn():
        return generate_password_hash(password, METHOD)


def fits(password: str, stored: str | None) -> bool:
    """Whether this is the password that was stored. None is nobody's, and takes as long. Raises NotNow when busy."""
    with _turn():
        is_right = check_password_hash(stored or _nobodys(), password[: LONGEST + 1])
    return is_right and stored is not None and len(password) <= LONGEST


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise _busy()
    try:
        if not _turns.acquire(timeout=PATIENCE_S):
            raise _busy()
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()


def _busy() -> NotNow:
    return NotNow(clock.now() + timedelta(seconds=2), "too many people log in at this moment")


@cache
def _nobodys() -> str:
    return generate_password_hash("nobody's password", METHOD)
