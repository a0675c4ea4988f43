"""Links that log somebody in once. The key of one is the SHA-256 of its token; it holds when it was made (s), and the name."""

from state.access import keys
from state.store import connection


def put(digest: str, name: str, made_s: int, life_s: int) -> None:
    """Keep a link for so long (s)."""
    connection.client().set(keys.login_link(digest), f"{made_s} {name}", ex=life_s)


def get(digest: str) -> tuple[str, int] | None:
    """Whom a link logs in, and when it was made (s); None where it was used, or is over."""
    return _read(connection.client().get(keys.login_link(digest)))


def take(digest: str) -> tuple[str, int] | None:
    """The same, and the link is used by that: of two who take it, one gets it."""
    return _read(connection.client().getdel(keys.login_link(digest)))


def _read(found: bytes | None) -> tuple[str, int] | None:
    made, _, name = (found or b"").decode(errors="replace").partition(" ")
    return (name, int(made)) if made.isdigit() and name else None
