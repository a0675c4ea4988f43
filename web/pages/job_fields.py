"""The filters of lists of jobs, as fields of pages and as what the list takes."""

from datetime import datetime
from typing import Any

import queues
from errors import ArgumentError
from models import JobStatus
from state.engine.changes import KIND
from topics.operations import search
from topics.operations.job_filters import MOST_TEXT, Wanted
from web import inputs, seen
from web.errors import Field, Problem
from web.pages.filters import Filter

CATEGORIES = ("network", "blocked", "data", "budget", "config", "system")

#: Words that name several states, as `search.statuses_of` reads them.
GROUPS = (("active", "running or waiting"), ("ended", "ended"))


def fields_of(status: str = "", kind: str = "") -> list[Filter]:
    """The filters. A state in another system's words is a choice, too, and so is a kind that no job of this version has."""
    known = [("", "any"), *GROUPS, *((one.value, one.value) for one in JobStatus)]
    if status not in (value for value, _ in known) and _are_states(status):
        known.append((status, status))
    return [
        Filter("status", "State", known),
        Filter("kind", "Kind", kind_choices(kind)),
        Filter("queue", "Queue", _choices(queues.QUEUES)),
        Filter("category", "Error", _choices(CATEGORIES)),
        Filter("host", "Host", hint="example.com"),
        Filter("project", "Project"),
        Filter("tag", "Tag"),
        Filter("text", "Text", hint="an id, a URL, a keyword"),
        Filter("since", "Since", hint="2h, 7d, 2026-03-01"),
        Filter("until", "Until", hint="1h, 2026-03-02"),
        Filter("fingerprint", "Failure", hint="as /failures names it"),
    ]


def kind_choices(asked: str = "") -> list[tuple[str, str]]:
    """The kinds of jobs, and the one that is asked for."""
    kinds = {*queues.kinds().values(), *([asked] if KIND.fullmatch(asked) else [])}
    return _choices(sorted(kinds))


def wanted_of(asked: dict[str, str]) -> Wanted:
    """The filters as the list takes them. Raises Problem for what is none."""
    words = [word for word in asked.get("status", "").split(",") if word]
    named = {name: asked.get(name) or None for name in ("kind", "queue", "category", "host", "project", "tag", "fingerprint")}
    text = asked.get("text") or None
    if text and len(text) > MOST_TEXT:
        raise _wrong("text", f"has at most {MOST_TEXT} characters")
    if words and not _are_states(",".join(words)):
        raise _wrong("status", f"there are {', '.join(JobStatus)}")
    owner, times = seen.owner(), {name: _moment(name, asked.get(name, "")) for name in ("since", "until")}
    return Wanted(search.statuses_of(words), **named, **times, text=text, owner=owner, parts=False)  # type: ignore[arg-type]


def _choices(values: Any) -> list[tuple[str, str]]:
    return [("", "any"), *((value, value) for value in values)]


def _are_states(text: str) -> bool:
    try:
        return bool(search.statuses_of([word for word in text.split(",") if word]))
    except ArgumentError:
        return False


def _moment(name: str, text: str) -> datetime | None:
    try:
        return inputs.moment(text) if text else None
    except (ValueError, OverflowError):
        raise _wrong(name, "is no time: write 2026-03-01, 2026-03-01T12:00Z, or 2h for two hours ago") from None


def _wrong(name: str, says: str) -> Problem:
    return Problem(422, f"The filter {name}: {says}.", fields=[Field(name, says)])
