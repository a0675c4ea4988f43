"""Shapes of the routes about keys and people."""

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from topics.access.api_keys import MOST_DAYS, MOST_PAGES, MOST_RATE, Key
from topics.access.quotas import Quota
from topics.access.sessions import Session
from topics.access.users import User
from web.models import Strict

RoleWord = Literal["viewer", "operator", "admin"]


class KeyPath(Strict):
    """A key."""

    id: str = Field(max_length=60, description="Its id, or its name")


class KeyBody(Strict):
    """A key to make."""

    name: str = Field(min_length=1, max_length=60, description="Who has it, e.g. ci")
    role: RoleWord = Field("operator", description="viewer reads, operator submits and cancels, admin does everything")
    days: float | None = Field(None, gt=0, le=MOST_DAYS, description="How long it is valid; without: until it is revoked")
    rate: int | None = Field(None, ge=0, le=MOST_RATE, description="Requests a minute; 0 = no limit; without: KEY_RATE")
    pages_a_month: int | None = Field(None, ge=1, le=MOST_PAGES, description="Pages it may fetch in a month; without: no quota")


class KeyChange(Strict):
    """What is to be changed of a key. What is not named stays; null takes a limit away."""

    role: RoleWord | None = Field(None, description="viewer, operator or admin")
    days: float | None = Field(None, gt=0, le=MOST_DAYS, description="How long it is valid from now on")
    rate: int | None = Field(None, ge=0, le=MOST_RATE, description="Requests a minute; 0 = no limit")
    pages_a_month: int | None = Field(None, ge=1, le=MOST_PAGES, description="Pages it may fetch in a month")


class RoleBody(Strict):
    """Another role."""

    role: RoleWord


class PageQuota(BaseModel):
    """Pages of this month. `reserved`: for jobs that are not over; what they do not fetch is given back."""

    limit: int | None
    fetched: int
    reserved: int
    left: int | None
    since: str
    until: str


class AccessKey(BaseModel):
    """A key without its secret. `used_at`: to a minute or so."""

    id: str
    name: str
    role: RoleWord
    is_valid: bool
    made_at: str
    expires_at: str | None
    revoked_at: str | None
    used_at: str | None
    rate: int | None
    quota: PageQuota


class KeyMade(AccessKey):
    """A new key. `key` is the secret: keep it now."""

    key: str


class KeyList(BaseModel):
    """All keys."""

    items: list[AccessKey]
    next: str | None


class PersonPath(Strict):
    """A person."""

    name: str = Field(max_length=60)


class PasswordBody(Strict):
    """A new password."""

    password: str = Field(min_length=10, max_length=200)


class MyPasswordBody(PasswordBody):
    """A new password, and the one before."""

    old: str = Field(max_length=200)


class PersonBody(PasswordBody):
    """A person to make."""

    name: str = Field(min_length=1, max_length=60)
    role: RoleWord = "viewer"


class Person(BaseModel):
    """A person."""

    name: str
    role: RoleWord
    made_at: str
    changed_at: str


class PersonList(BaseModel):
    """All people."""

    items: list[Person]
    next: str | None


class SessionPath(Strict):
    """A session."""

    id: str = Field(max_length=60)


class AccessSession(BaseModel):
    """A session. `is_this`: the one that asks."""

    id: str
    made_at: str
    seen_at: str
    ends_at: str
    address: str
    agent: str
    is_this: bool


class SessionList(BaseModel):
    """Sessions of one person."""

    items: list[AccessSession]
    next: str | None


class SessionsEnded(BaseModel):
    """How many sessions ended."""

    ended: int


class Me(BaseModel):
    """Who asks. `how`: key, session or local (a server without keys and people)."""

    name: str
    role: RoleWord
    how: Literal["key", "session", "local"]
    key_id: str | None
    rate: int | None
    quota: PageQuota | None
    csrf_token: str | None


def key(found: Key, used: Quota) -> dict[str, Any]:
    """A key as replies have it."""
    times = {name: iso(getattr(found, name)) for name in ("made_at", "expires_at", "revoked_at", "used_at")}
    facts = {"id": found.id, "name": found.name, "role": found.role.word, "is_valid": found.is_valid}
    return {**facts, **times, "rate": found.rate, "quota": quota(used)}


def quota(found: Quota) -> dict[str, Any]:
    """A quota as replies have it."""
    counts = {name: getattr(found, name) for name in ("limit", "fetched", "reserved", "left")}
    return {**counts, "since": iso(found.since), "until": iso(found.until)}


def person(found: User) -> dict[str, Any]:
    """A person as replies have it."""
    return {"name": found.name, "role": found.role.word, "made_at": iso(found.made_at), "changed_at": iso(found.changed_at)}


def session(found: Session, mine: str) -> dict[str, Any]:
    """A session as replies have it."""
    times = {name: iso(getattr(found, name)) for name in ("made_at", "seen_at", "ends_at")}
    return {"id": found.id, **times, "address": found.address, "agent": found.agent, "is_this": found.id == mine}


def iso(moment: datetime | None) -> str | None:
    """A moment as all replies write it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
