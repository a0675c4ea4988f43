"""Concurrency limits: how many jobs of a kind may run at a time, over all workers; changed while they run."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import queues
from state.engine import limits as stored
from topics.operations import limits
from web.access import Role, needs
from web.answers import Listed, ListQuery, Reply, part, reply
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "limits",
    __name__,
    url_prefix="/api/v1/limits",
    abp_tags=[Tag(name="limits", description="How many jobs of a kind may run at a time.")],
    abp_responses=RESPONSES,
)


class KindPath(Strict):
    """The kind of a route."""

    kind: str = Field(max_length=100)


class Most(Strict):
    """The limit."""

    most: int = Field(ge=0, le=1_000_000, description="So many at a time; 0 blocks all. Jobs that run are not stopped.")


class LimitView(Reply):
    """A limit, how many jobs run under it, and how many it blocks."""

    kind: str
    most: int
    running: int
    blocked: int


@api.get("", responses={200: Listed[LimitView]})
def list_limits(query: ListQuery) -> Response:
    """List the limits that were set, by kind."""
    return part(Listed[LimitView], stored.every(queues.QUEUES), lambda one: one.kind, query)


@api.put("/<kind>", responses={200: LimitView})
@needs(Role.ADMIN)
def set_limit(path: KindPath, body: Most) -> Response:
    """Let at most so many jobs of a kind run at a time, over all workers. Safe to repeat."""
    limits.put(path.kind, body.most)
    return reply(LimitView, next(one for one in stored.every(queues.QUEUES) if one.kind == path.kind))


@api.delete("/<kind>", responses={204: None})
@needs(Role.ADMIN)
def remove_limit(path: KindPath) -> Response:
    """Take a limit away; jobs that it blocked start first."""
    stored.remove(path.kind)
    return Response(status=204)
