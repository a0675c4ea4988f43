"""API keys: made, listed, revoked; and the key that a request holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import clock
from errors import AlreadyExists, ArgumentError, NotFound, WrongState
from state.access import api_keys as stored
from state.access import saved_views
from state.store import connection
from topics.access import tokens
from topics.access.recent import Recent
from topics.access.roles import Role, named

NAME = re.compile(r"[^\W_]([\w .@+-]{0,58}[\w.])?")

#: A key's last use is noted so often (s).
USE_NOTED_S = 60.0

MOST_RATE, MOST_PAGES, MOST_DAYS = 1_000_000, 1_000_000_000, 3660


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. `rate` (requests a minute) None: the setting; 0: no limit. `pages_a_month` None: no quota."""

    id: str
    name: str
    role: Role
    made_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None
    rate: int | None = None
    pages_a_month: int | None = None
    digest: str = ""

    def __repr__(self) -> str:
        return f"Key({self.id}, {self.name!r}, {self.role.word})"

    @property
    def is_valid(self) -> bool:
        """Whether it opens anything now."""
        return bool(self.digest) and self.revoked_at is None and (self.expires_at is None or clock.now() < self.expires_at)


def add(
    name: str,
    role: str | Role,
    *,
    days: float | None = None,
    rate: int | None = None,
    pages_a_month: int | None = None,
) -> tuple[Key, str]:
    """Make a key; returns it, and the secret text that is nowhere kept. Raises ArgumentError, and AlreadyExists for its name.

    `days`: how long it is valid. `rate`: requests a minute (0 = no limit, default: KEY_RATE). `pages_a_month`: quota.
    """
    wanted = role if isinstance(role, Role) else named(role)
    _check(name, days, rate, pages_a_month)
    if any(key.name == name and key.is_valid for key in every()):
        raise AlreadyExists(f"There is a valid key {name!r}: revoke it first, or take another name.")
    token, now = tokens.make(), clock.now()
    fields: dict[str, str | int] = {"name": name, "role": wanted.word, "digest": tokens.digest(token.secret)}
    fields["made_s"] = int(now.timestamp())
    optional = {"expires_s": int((now + timedelta(days=days)).timestamp()) if days else None}
    optional |= {"rate": rate, "pages_a_month": pages_a_month}
    fields |= {field: value for field, value in optional.items() if value is not None}
    with connection.errors_translated():
        stored.put(token.id, fields)
    return _key(token.id, {field: str(value) for field, value in fields.items()}), str(token)


def _check(name: str, days: float | None, rate: int | None, pages_a_month: int | None) -> None:
    if not NAME.fullmatch(name):
        raise ArgumentError(f"the name {name!r:.60} must be up to 60 letters, digits, spaces and . _ - @ +, e.g. ci or shop-42.")
    if days is not None and not 0 < days <= MOST_DAYS:
        raise ArgumentError(f"days must be more than 0 and at most {MOST_DAYS}, not {days!r}.")
    if rate is not None and not 0 <= rate <= MOST_RATE:
        raise ArgumentError(f"rate must be 0 to {MOST_RATE:,} requests a minute, not {rate!r}.")
    if pages_a_month is not None and not 1 <= pages_a_month <= MOST_PAGES:
        raise ArgumentError(f"pages_a_month must be 1 to {MOST_PAGES:,}, not {pages_a_month!r}.")


def change(name_or_id: str, **limits: float | str | None) -> Key:
    """Change `days` (from now on), `rate`, `pages_a_month`, `role` of a key; "" takes a limit away, None leaves it.

    Raises NotFound and ArgumentError, and WrongState for a key that is revoked.
    """
    key = find(name_or_id)
    given = {name: value for name, value in limits.items() if value is not None}
    numbers: dict[str, Any] = {name: value for name, value in given.items() if value != "" and name != "role"}
    _check(key.name, *(numbers.get(name) for name in ("days", "rate", "pages_a_month")))
    fields: dict[str, str | int] = {name: "" if value == "" else str(value) for name, value in given.items() if name != "days"}
    if "role" in given:
        fields["role"] = named(str(given["role"])).word
    if "days" in given:
        days = given["days"]
        fields["expires_s"] = "" if days == "" else int((clock.now() + timedelta(days=float(days))).timestamp())
    with connection.errors_translated():
        if not stored.change(key.id, fields):
            raise WrongState(f"The key {key.name} is revoked: make another one.", ())
    _recent.forget(key.id)
    return get(key.id)


def every() -> list[Key]:
    """All keys, the oldest first; revoked ones for 90 days."""
    with connection.errors_translated():
        return [_key(one.id, one.fields, one.used_s) for one in stored.every()]


def get(key_id: str) -> Key:
    """The key of that id. Raises NotFound."""
    with connection.errors_translated():
        found = _read(key_id)
    if found is None:
        raise NotFound(f"No API key {key_id!r:.60}: `python manage.py apikey list` shows them.")
    return found


def find(name_or_id: str) -> Key:
    """The key of that id, or the valid one of that name. Raises NotFound."""
    found = [key for key in every() if key.id == name_or_id] or [
        key for key in every() if key.name == name_or_id and not key.revoked_at
    ]
    if not found:
        raise NotFound(f"No API key {name_or_id!r:.60}: `python manage.py apikey list` shows them.")
    return found[-1]


def revoke(name_or_id: str) -> Key:
    """End a key: it is refused within five seconds, everywhere. Raises NotFound. Safe to repeat."""
    key = find(name_or_id)
    with connection.errors_translated():
        stored.revoke(key.id, int(clock.now().timestamp()))
        saved_views.forget(f"key:{key.id}")
    _recent.forget(key.id)
    return find(key.id)


def authenticate(token: tokens.Token) -> Key | None:
    """The valid key that a token opens; None where there is none."""
    key, is_open = look(token)
    return key if is_open else None


def look(token: tokens.Token) -> tuple[Key | None, bool]:
    """The key of a token's id, and whether the token opens it now. One command every five seconds."""
    key = _recent.get(token.id)
    stored_digest = key.digest if key and key.digest else tokens.digest("")
    is_right = tokens.fits(token.secret, stored_digest)  # also for an id that is none: it takes the same time
    if key is None or not is_right or not key.is_valid:
        return key, False
    _note_use(key.id)
    return key, True


def is_recent(token: tokens.Token) -> bool:
    """Whether `authenticate` would not ask Redis."""
    return _recent.knows(token.id)


_noted: dict[str, float] = {}


def _note_use(key_id: str) -> None:
    now = clock.monotonic()
    if now - _noted.get(key_id, -USE_NOTED_S) < USE_NOTED_S:
        return
    if len(_noted) > 10_000:
        _noted.clear()
    _noted[key_id] = now
    stored.note_use(key_id, int(clock.now().timestamp()))


def _read(key_id: str) -> Key | None:
    fields = stored.get(key_id)
    return _key(key_id, fields) if fields else None


_recent: Recent[Key] = Recent(_read)


def _key(key_id: str, fields: Mapping[str, str], used_s: int = 0) -> Key:
    return Key(
        key_id,
        fields.get("name", ""),
        named(fields.get("role", "viewer")),
        _at(fields.get("made_s")) or datetime.fromtimestamp(0, UTC),
        _at(fields.get("expires_s")),
        _at(fields.get("revoked_s")),
        _at(used_s),
        _number(fields.get("rate")),
        _number(fields.get("pages_a_month")),
        fields.get("digest", ""),
    )


def _at(seconds: str | int | None) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None


def _number(text: str | None) -> int | None:
    return int(text) if text else None
