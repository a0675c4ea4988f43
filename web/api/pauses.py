"""Pauses: work that is held by hand, and goes on when somebody says so or when its time has come."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from state.engine.pauses import Pause
from topics.operations import held, pauses
from web import access
from web.answers import Listed, ListQuery, Moment, Reply, part, reply
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "pauses",
    __name__,
    url_prefix="/api/v1/pauses",
    abp_tags=[Tag(name="pauses", description="Work that is held by hand; nothing of it is dropped.")],
    abp_responses=RESPONSES,
)


class ScopePath(Strict):
    """What is paused."""

    scope: str = Field(
        max_length=300,
        description="queue:NAME, kind:NAME, host:NAME, provider:NAME, project:ID or schedule:ENTRY",
    )


class Wanted(Strict):
    """Why, and for how long; without an end until somebody resumes it."""

    reason: str = Field(max_length=2000, description="Why, in a few words; everybody who looks reads it.")
    for_s: float | None = Field(None, gt=0, description="How long (s).")
    until: str | None = Field(None, max_length=60, description="Until when, with its zone: 2026-12-01T08:00+01:00.")


class PauseView(Reply):
    """A pause. `until` null: until somebody resumes it."""

    scope: str
    what: str
    reason: str
    actor: str
    since: Moment
    until: Moment | None
    says: str


class PauseHolding(PauseView):
    """A pause, and what waits for it now. `held` null: nobody counts that. `held_all` false: there may be more."""

    held: int | None
    held_what: str = Field(description="job, due keyword, due run or parked job")
    held_all: bool


class Resumed(Reply):
    """What goes on. `released`: parked jobs that start at once. `was` null: the pause was over, and had left some behind."""

    scope: str
    released: int
    was: PauseView | None


@api.get("", responses={200: Listed[PauseHolding]})
def list_pauses(query: ListQuery) -> Response:
    """List what is paused, why, by whom, until when, and what each pause holds now."""
    found = pauses.every()
    waiting = held.by(found)
    return part(Listed[PauseHolding], [_holding(one, waiting.get(one.scope)) for one in found], lambda one: one.scope, query)


def _holding(pause: Pause, waits: held.Held | None) -> PauseHolding:
    facts = {name: getattr(pause, name) for name in PauseView.model_fields}
    count, what, is_all = (waits.count, waits.noun, waits.is_all) if waits else (None, "", True)
    return PauseHolding(**facts, held=count, held_what=what, held_all=is_all)


@api.put("/<scope>", responses={200: PauseView})
def pause(path: ScopePath, body: Wanted) -> Response:
    """Hold work. Nothing of it is dropped, and jobs that run go on. Pausing again changes reason and end."""
    until = pauses.moment(body.until) if body.until is not None else None
    return reply(PauseView, pauses.put(path.scope, body.reason, access.caller().name, for_s=body.for_s, until=until))


@api.delete("/<scope>", responses={200: Resumed})
def resume(path: ScopePath) -> Response:
    """End a pause; what it held starts at once. 404: it is not paused."""
    done = pauses.resume(path.scope)
    return reply(Resumed, {"scope": done.scope, "released": done.released, "was": done.pause})
