"""Share links: whoever has one sees a project, without a key or a password, until it ends or is revoked.

The token has 256 random bits; Redis has its SHA-256. A link that is unknown, over or revoked is the same: there is none.
"""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import clock
from errors import ArgumentError, NotAllowed, NotFound, UnsafeStore
from state.access import share_links as stored
from state.store import connection
from topics.access import tokens

#: What a link shows: how the project stands; or that, and its keywords.
OVERVIEW, KEYWORDS = "overview", "keywords"
SCOPES = (OVERVIEW, KEYWORDS)

#: How long a link lives (days), unless it is said, and at most.
DAYS, MOST_DAYS = 30, 365

#: Characters of a title; and of a digest by which a link is named.
LONGEST_TITLE, ID_CHARS = 80, 16

#: The last use of a link is noted so often (s).
USE_NOTED_S = 60.0

STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Share:
    """A share link without its token. `id` names it in lists. `born`: when its project was made. `title` "" = the project's."""

    id: str
    project_id: str
    born: str
    scope: str
    title: str
    actor: str
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


def add(
    project_id: str, born: str, actor: str, *, scope: str = OVERVIEW, title: str = "", days: float = DAYS
) -> tuple[Share, str]:
    """Make a link to a project; returns it, and the token that is nowhere kept.

    Raises ArgumentError for a scope, title or length of time that there is not, NotAllowed where the project has too many links.
    """
    title = checked(scope, title, days)
    token, now = secrets.token_urlsafe(32), clock.now()
    made_s, ends_s = int(now.timestamp()), int((now + timedelta(days=days)).timestamp())
    fields: dict[str, str | int] = {"project": project_id, "born": born, "scope": scope, "title": title, "actor": actor[:80]}
    fields |= {"made_s": made_s, "ends_s": max(ends_s, made_s + 1)}
    digest = tokens.digest(token)
    with connection.errors_translated():
        if not stored.put(digest, fields):
            raise NotAllowed(f"The project {project_id} has {stored.MOST} share links: revoke one that is needed no more.")
    return _share(digest, {name: str(value) for name, value in fields.items()}), token


def checked(scope: str, title: str, days: float) -> str:
    """The title on one line. Raises ArgumentError."""
    if scope not in SCOPES:
        raise ArgumentError(f"--scope {scope!r:.40} must be one of {', '.join(SCOPES)}.")
    if not 0 < days <= MOST_DAYS:
        raise ArgumentError(f"--days {days!r} must be more than 0 and at most {MOST_DAYS}: every share link ends.")
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE or STEERING.search(title):
        raise ArgumentError(f"--title must be at most {LONGEST_TITLE} characters on one line.")
    return title


def of(project_id: str) -> list[Share]:
    """The links of a project that are not over, the newest first."""
    with connection.errors_translated():
        found = [_share(digest, fields) for digest, fields in stored.of_project(project_id).items()]
    return sorted((one for one in found if one.ends_at > clock.now()), key=lambda one: (one.made_at, one.id), reverse=True)


def revoke(project_id: str, share_id: str) -> Share:
    """End a link of a project by its id. Raises NotFound."""
    with connection.errors_translated():
        found = stored.of_project(project_id) if len(share_id) == ID_CHARS else {}
        for digest, fields in found.items():
            if digest.startswith(share_id) and stored.remove(project_id, digest):
                return _share(digest, fields)
    raise NotFound(f"No share link {share_id!r:.40} of {project_id}: `python manage.py project shares {project_id}` shows them.")


def opened(token: str) -> Share | None:
    """The link of a token; None where there is none, whatever the reason, after the same work."""
    digest = tokens.digest(token)
    with connection.errors_translated():
        fields = stored.get(digest)
        share = _share(digest, fields) if fields else None
        if share is None or share.ends_at <= clock.now():
            return None
        if share.used_at is None or (clock.now() - share.used_at).total_seconds() > USE_NOTED_S:
            _note_use(digest)
    return share


def _note_use(digest: str) -> None:
    """Note that a link was opened, unless Redis is full: whoever looks is not turned away for that."""
    with suppress(UnsafeStore), connection.errors_translated():
        stored.note_use(digest, int(clock.now().timestamp()))


def _share(digest: str, fields: Mapping[str, str]) -> Share:
    project, born, scope, title, actor = (fields.get(name, "") for name in ("project", "born", "scope", "title", "actor"))
    made, ends, used = (_at(fields.get(name)) for name in ("made_s", "ends_s", "used_s"))
    never = datetime.fromtimestamp(0, UTC)
    return Share(digest[:ID_CHARS], project, born, scope, title, actor, made or never, ends or never, used)


def _at(seconds: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds and seconds.isdigit() else None
