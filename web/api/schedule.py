"""The schedule: what runs when and how it went; an entry run out of turn, disabled or enabled."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from errors import ArgumentError, WrongState
from topics.operations import schedule, terms
from web import access
from web.access import Role, needs
from web.answers import Listed, ListQuery, Moment, Reply, listed, part, reply
from web.api.pauses import PauseView
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "schedule",
    __name__,
    url_prefix="/api/v1/schedule",
    abp_tags=[Tag(name="schedule", description="What runs by the clock.")],
    abp_responses=RESPONSES,
)


class EntryPath(Strict):
    """The entry of a route, by its name or its id."""

    name: str = Field(max_length=300)


class Entry(Reply):
    """An entry. `missed_rule`, `overlap`: what becomes of missed and of overlapping occurrences. `broken`: why it cannot run.

    `words`: when it runs, for people. `overdue_s`: it should have run so long ago. `off_reason` and so on: why it is disabled.
    """

    name: str
    id: str
    when: str | None
    queue: str
    missed_rule: str | None
    overlap: str | None
    last_run: Moment | None
    last_began: Moment | None
    last_job: str | None
    last_job_status: str | None
    next_run: Moment | None
    missed: int
    skipped: int
    late: int
    state: str
    broken: str | None
    words: str | None
    overdue_s: float
    off_reason: str
    off_by: str
    off_since: Moment | None
    off_until: Moment | None
    pause: PauseView | None


class Off(Strict):
    """Why, and for how long; without an end until somebody enables it."""

    reason: str = Field("", max_length=2000, description="Why, in a few words; everybody who looks reads it.")
    for_s: float | None = Field(None, gt=0, description="How long (s); it needs a reason.")
    until: str | None = Field(None, max_length=60, description="Until when, with its zone: 2026-12-01T08:00+01:00; likewise.")


class RunView(Reply):
    """A run. `state`: of its job, or `unknown`: nobody saw its end. `late_s`: queued so long after it was due."""

    job: str
    state: str
    due_at: Moment | None
    queued_at: Moment
    late_s: float
    ended_at: Moment | None
    ran_s: float | None
    category: str
    by_hand: bool


class Queued(Reply):
    """The job of an occurrence out of turn."""

    name: str
    job_id: str


class Switched(Entry):
    """An entry that was enabled or disabled; `changed` false: it was so already."""

    changed: bool


@api.get("", responses={200: Listed[Entry]})
def list_entries(query: ListQuery) -> Response:
    """List the entries by their names: when each runs, and how it went."""
    return part(Listed[Entry], schedule.every(), _name, query)


@api.get("/<name>", responses={200: Entry})
def show_entry(path: EntryPath) -> Response:
    """Show one entry."""
    return reply(Entry, _facts(path.name))


@api.get("/<name>/runs", responses={200: Listed[RunView]})
def list_runs(path: EntryPath) -> Response:
    """The last runs of an entry, the newest first: when each was due, how late it was, and how it ended."""
    return listed(Listed[RunView], schedule.runs(path.name))


@api.post("/<name>/run", responses={202: Queued})
def run_entry(path: EntryPath) -> Response:
    """Queue an entry now, out of turn, also a disabled one; its next run stays as it is. 409: an earlier run is not over."""
    try:
        done = schedule.run(path.name)
    except ArgumentError as exc:
        raise WrongState(str(exc)) from None
    if not done.is_queued:
        raise WrongState(f"Nothing was queued: an earlier run of {path.name} is not over{f' ({done.job})' if done.job else ''}.")
    return reply(Queued, {"name": path.name, "job_id": done.job}, 202)


@api.post("/<name>/enable", responses={200: Switched})
@needs(Role.ADMIN)
def enable_entry(path: EntryPath) -> Response:
    """Let an entry run again; what it missed is made up for as its rule says. Safe to repeat."""
    try:
        changed = schedule.enable(path.name)
    except ArgumentError as exc:
        raise WrongState(str(exc)) from None
    return reply(Switched, {**_facts(path.name), "changed": changed})


@api.post("/<name>/disable", responses={200: Switched})
@needs(Role.ADMIN)
def disable_entry(path: EntryPath, body: Off) -> Response:
    """Keep an entry from running until it is enabled, or until a time; also over restarts and new versions. Safe to repeat.

    At its end it is enabled again by itself. Disabling again changes reason and end.
    """
    until = terms.moment(body.until) if body.until is not None else None
    changed, _ = schedule.disable(path.name, body.reason, access.caller().name, for_s=body.for_s, until=until)
    return reply(Switched, {**_facts(path.name), "changed": changed})


def _facts(name: str) -> dict[str, Any]:
    return schedule.every(schedule.find(name).id)[0]


def _name(entry: dict[str, Any]) -> str:
    return str(entry["name"])
