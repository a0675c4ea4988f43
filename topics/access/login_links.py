"""Links that log somebody in once, without a password: made by a command on the machine, good for some minutes.

The token has 256 random bits; Redis has its SHA-256. To look at a link does not use it: programs that show previews do that.
"""

import secrets
from datetime import datetime, timedelta

import clock
from errors import NotFound
from state.access import login_links as stored
from state.store import connection
from topics.access import sessions, tokens, users
from topics.access.users import User

#: How long a link is good (s).
LIVES_S = 900


def make(name: str) -> tuple[User, str, datetime]:
    """A link for a person: who it is, the token that is nowhere kept, and until when it is good. Raises NotFound."""
    user, token, now = users.find(name), secrets.token_urlsafe(32), clock.now()
    with connection.errors_translated():
        stored.put(tokens.digest(token), user.name, int(now.timestamp()), LIVES_S)
    return user, token, now + timedelta(seconds=LIVES_S)


def person(token: str) -> User | None:
    """Whom a link would log in; None where it logs nobody in. The link stays good."""
    with connection.errors_translated():
        return _person(stored.get(tokens.digest(token)))


def log_in(token: str, address: str, agent: str = "") -> tuple[User, str] | None:
    """The person and the secret of a new session; None where the link was used or is over. It works once."""
    with connection.errors_translated():
        user = _person(stored.take(tokens.digest(token)))
        return (user, sessions.begin(user.name, address, agent)) if user else None


def _person(found: tuple[str, int] | None) -> User | None:
    """The person, unless removed since then, or given another password: then what was handed out before opens nothing."""
    if found is None:
        return None
    try:
        user = users.find(found[0])
    except NotFound:
        return None
    return user if int(user.changed_at.timestamp()) <= found[1] else None
