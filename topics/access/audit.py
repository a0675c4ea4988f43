"""Who changed what, when and from where: a line for each change by a route or a command."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import config
import logs
from errors import ArgumentError
from state.access import audit_lines
from state.store import connection, scripts

#: Longest text of a field (characters), and most lines of one reply.
LONGEST, MOST = 500, 1000

#: Lines read for one reply at most, where it is filtered; and so many of them at a time.
MOST_READ, AT_A_TIME = 20_000, 5000

CURSOR = re.compile(r"\d{1,20}-\d{1,20}")
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `who`: a name; `how`: key:<id>, session, command or local; `what`: method and path, or a command."""

    id: str
    at: datetime
    who: str
    how: str
    what: str
    details: str
    outcome: str
    origin: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something. `how`: key:<id>, session, command or local; `origin`: an address, or a machine."""

    who: str
    how: str
    origin: str


def write(actor: Actor, what: str, details: str, outcome: str, *, is_routine: bool = False) -> None:
    """Keep a line for AUDIT_DAYS. Secrets are hidden, line breaks and what steers a terminal are written out.

    `is_routine`: it is one of many, e.g. a job submitted; 200,000 of those are kept at most, beside 1,000,000 others.
    """
    audit_lines.write(_fields(actor, what, details, outcome), _keep_s(), is_routine)


def with_job(job_id: str, actor: Actor, what: str, details: str, outcome: str, is_routine: bool) -> scripts.Call:
    """The same, to be sent with the submit of a job; where that job is not written, the line is not."""
    return audit_lines.call(_fields(actor, what, details, outcome), _keep_s(), is_routine, job_id)


def _fields(actor: Actor, what: str, details: str, outcome: str) -> dict[str, str]:
    texts = (("who", actor.who), ("how", actor.how), ("what", what), ("outcome", outcome), ("from", actor.origin))
    found = {name: _plain_again(text) for name, text in texts if text}
    return found | {"details": plain(details)} if details else found


def _keep_s() -> int:
    return round(config.settings().audit_days * 86_400)


def plain(text: str) -> str:
    """A text on one line, cut, without secrets and without what steers a terminal.

    >>> plain("a\\nb token=abc")
    'a\\\\nb token=***'
    """
    text = text[: 4 * LONGEST]
    if not (text.isascii() and text.isprintable()):
        text = STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    return logs.without_secrets(text)[:LONGEST]


#: Names, ways, paths and addresses come again and again.
_plain_again = lru_cache(1024)(plain)


def page(limit: int = 100, cursor: str = "", *, who: str = "", what: str = "") -> tuple[list[Change], str]:
    """Changes, the newest first, and the cursor of older ones; "" = there are none. `who` and `what`: texts that they hold.

    Raises ArgumentError for a bad cursor. There may be fewer than `limit` with a cursor: the work for one reply is bounded.
    """
    if cursor and not CURSOR.fullmatch(cursor):
        raise ArgumentError(f"{cursor!r:.40} is no cursor of the audit: give the one of its last reply.")
    found: list[Change] = []
    read, limit, chunk = 0, max(1, min(limit, MOST)), AT_A_TIME if who or what else MOST
    with connection.errors_translated():
        while read < MOST_READ:
            lines = audit_lines.before(cursor, chunk)
            for line in lines:
                if len(found) >= limit and line.id != cursor:  # lines of one id stand on one page
                    return found, cursor
                cursor, read = line.id, read + 1
                change = _change(line)
                if who.lower() in change.who.lower() and what.lower() in f"{change.what} {change.details}".lower():
                    found.append(change)
            if len(lines) < chunk:
                return found, ""
    return found, cursor


def trim() -> int:
    """Let go of lines older than AUDIT_DAYS; returns how many."""
    return audit_lines.trim(_keep_s())


def _change(line: audit_lines.Line) -> Change:
    at = datetime.fromtimestamp(int(line.id.partition("-")[0]) / 1000, UTC)
    texts = [line.fields.get(name, "") for name in ("who", "how", "what", "details", "outcome", "from")]
    return Change(line.id, at, *texts)
