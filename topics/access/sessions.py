"""Sessions: what a browser holds after somebody logged in. Only its holder knows the secret; Redis has its SHA-256."""

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import clock
import config
from errors import SystemFault
from state.access import sessions as stored
from state.store import connection
from topics.access import tokens, users
from topics.access.recent import Recent
from topics.access.roles import Role

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")

#: Characters of a session's digest by which it is named; and how often (s) its use is noted.
ID_CHARS, USE_NOTED_S = 16, 60


@dataclass(frozen=True, slots=True)
class Session:
    """A session without its secret. `id` names it in lists."""

    id: str
    user: str
    made_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a session now."""

    user: str
    role: Role
    session_id: str


def begin(user: str, address: str, agent: str) -> str:
    """A new session of a person; returns its secret."""
    secret, settings, now_s = secrets.token_urlsafe(32), config.settings(), int(clock.now().timestamp())
    life_s, idle_s = round(settings.session_days * 86_400), round(settings.session_idle_h * 3600)
    fields: dict[str, str | int] = {"user": user, "made_s": now_s, "seen_s": now_s, "ends_s": now_s + life_s}
    stored.put(tokens.digest(secret), fields | {"address": address, "agent": agent[:200]}, idle_s, life_s)
    return secret


def holder(secret: str) -> Holder | None:
    """Who holds this session now; None where it is over, or the person was removed. Two commands every five seconds."""
    if not SECRET.fullmatch(secret):
        return None
    digest = tokens.digest(secret)
    session = _recent.get(digest)
    if session is None or session.ends_at <= clock.now():
        return None
    user = users.recent.get(session.user)
    if user is None or user.changed_at > session.made_at:
        return None
    if (clock.now() - session.seen_at).total_seconds() > USE_NOTED_S:
        _note_use(digest)
    return Holder(user.name, user.role, session.id)


def _note_use(digest: str) -> None:
    """A Redis that is full takes no writes, but people must see its pages all the same."""
    with suppress(SystemFault), connection.errors_translated():
        stored.touch(digest, int(clock.now().timestamp()), round(config.settings().session_idle_h * 3600))
        _recent.forget(digest)


def csrf_token(secret: str) -> str:
    """What a form of this session must send beside the cookie: only who can read our pages knows it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def of_user(name: str) -> list[Session]:
    """The sessions of a person, the newest first."""
    with connection.errors_translated():
        found = [_session(digest, fields) for digest, fields in stored.of_user(name).items()]
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def end(name: str, session_id: str) -> bool:
    """End the session of a person by its id, within five seconds everywhere; False where there is none."""
    with connection.errors_translated():
        found = (
            [digest for digest in stored.of_user(name) if digest.startswith(session_id)] if len(session_id) == ID_CHARS else []
        )
        ended = [stored.end(name, digest) for digest in found]
    for digest in found:
        _recent.forget(digest)
    return any(ended)


def end_held(secret: str) -> None:
    """End the session that somebody holds. Safe to repeat."""
    digest = tokens.digest(secret)
    with connection.errors_translated():
        fields = stored.get(digest)
        if fields:
            stored.end(fields.get("user", ""), digest)
    _recent.forget(digest)


def _read(digest: str) -> Session | None:
    fields = stored.get(digest)
    return _session(digest, fields) if fields else None


_recent: Recent[Session] = Recent(_read)


def _session(digest: str, fields: dict[str, str]) -> Session:
    made, seen, ends = (datetime.fromtimestamp(int(fields.get(name, 0)), UTC) for name in ("made_s", "seen_s", "ends_s"))
    return Session(
        digest[:ID_CHARS], fields.get("user", ""), made, seen, ends, fields.get("address", ""), fields.get("agent", "")
    )
