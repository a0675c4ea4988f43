"""People: made, listed, removed; their role and password."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import clock
from errors import AlreadyExists, ArgumentError, NotFound
from state.access import rates, saved_views, sessions
from state.access import users as stored
from state.store import connection
from topics.access import passwords
from topics.access.recent import Recent
from topics.access.roles import Role, named

#: A name is compared in lower case.
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,59}")


@dataclass(frozen=True, slots=True)
class User:
    """A person without the password."""

    name: str
    role: Role
    made_at: datetime
    changed_at: datetime


def add(name: str, role: str | Role, password: str) -> User:
    """Make a person. Raises ArgumentError for what cannot be a name, role or password, and AlreadyExists."""
    name, wanted = name.lower(), role if isinstance(role, Role) else named(role)
    if not NAME.fullmatch(name):
        raise ArgumentError(f"the name {name!r:.60} must be up to 60 letters, digits and . _ - @ +, e.g. ada or ada@example.com.")
    secret = passwords.hashed(password, name)
    with connection.errors_translated():
        if stored.get(name):
            raise AlreadyExists(f"There is a person {name}: `python manage.py user passwd {name}` sets another password.")
        stored.put(name, {"role": wanted.word, "password": secret, "made_s": _now_s(), "changed_s": _now_s()})
    return find(name)


def set_password(name: str, password: str) -> User:
    """Set another password; all sessions of that person end, and nobody has to wait any more to log in.

    Raises NotFound and ArgumentError.
    """
    user = find(name)
    secret = passwords.hashed(password, user.name)
    with connection.errors_translated():
        stored.put(user.name, {"password": secret, "changed_s": _now_s()})
        end_sessions(user.name)
        rates.forget_tries(f"user:{user.name}")
    return find(user.name)


def set_role(name: str, role: str | Role) -> User:
    """Give a person another role, within five seconds everywhere. Raises NotFound and ArgumentError."""
    wanted = role if isinstance(role, Role) else named(role)
    user = find(name)
    with connection.errors_translated():
        stored.put(user.name, {"role": wanted.word})
    recent.forget(user.name)
    return find(user.name)


def every() -> list[User]:
    """All people by name."""
    with connection.errors_translated():
        return [_user(name, fields) for name, fields in stored.every().items()]


def find(name: str) -> User:
    """The person of that name. Raises NotFound."""
    with connection.errors_translated():
        found = _read(name.lower())
    if found is None:
        raise NotFound(f"No person {name!r:.60}: `python manage.py user list` shows them.")
    return found


def remove(name: str) -> User:
    """Remove a person and end their sessions. Raises NotFound."""
    user = find(name)
    with connection.errors_translated():
        end_sessions(user.name)
        saved_views.forget(f"user:{user.name}")
        stored.remove(user.name)
    recent.forget(user.name)
    return user


def end_sessions(name: str) -> int:
    """End all sessions of a person; returns how many."""
    return sum(sessions.end(name, digest) for digest in sessions.of_user(name))


def password_of(name: str) -> str | None:
    """What is stored of a person's password; None where there is no such person."""
    return stored.get(name).get("password") if NAME.fullmatch(name) else None


def _read(name: str) -> User | None:
    fields = stored.get(name) if NAME.fullmatch(name) else {}
    return _user(name, fields) if fields else None


recent: Recent[User] = Recent(_read)


def _user(name: str, fields: Mapping[str, str]) -> User:
    made, changed = (datetime.fromtimestamp(int(fields.get(field, 0)), UTC) for field in ("made_s", "changed_s"))
    return User(name, named(fields.get("role", "viewer")), made, changed)


def _now_s() -> int:
    return int(clock.now().timestamp())
