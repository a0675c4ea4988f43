"""Saved views: the filters of a list under a name, for the caller or for all."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from topics.access import saved_views
from web import access
from web.access import Role
from web.answers import Listed, ListQuery, Moment, Reply, part, reply
from web.errors import RESPONSES
from web.models import Strict
from web.pages import saved

api = APIBlueprint(
    "views",
    __name__,
    url_prefix="/api/v1/views",
    abp_tags=[Tag(name="views", description="Filters of the pages' lists under a name.")],
    abp_responses=RESPONSES,
)


class ViewPath(Strict):
    """Which view."""

    view_id: str = Field(max_length=60)


class ViewQuery(Strict):
    """Whose view."""

    for_all: bool = Field(False, description="One that everybody sees; it needs the role operator.")


class ViewsQuery(ListQuery):
    """Which views."""

    path: str = Field("", max_length=200, description="Only those of this page, e.g. /jobs.")


class NewView(Strict):
    """A view to save. One of the same page and name is replaced."""

    name: str = Field(min_length=1, max_length=60, description="What you call it.")
    address: str = Field(max_length=2000, description="Path and query of a list: /jobs?status=failed&kind=serp")
    for_all: bool = Field(False, description="Everybody sees it; that needs the role operator.")


class SavedView(Reply):
    """A saved view."""

    id: str
    name: str
    path: str
    query: str
    address: str
    for_all: bool
    actor: str
    made_at: Moment


@api.get("", responses={200: Listed[SavedView]})
def list_views(query: ViewsQuery) -> Response:
    """List your saved views, and those for all."""
    found = saved_views.of(access.caller().holder, query.path)
    return part(Listed[SavedView], found, lambda one: f"{one.id}{one.for_all}", query)


@api.post("", responses={201: SavedView})
@access.needs(Role.VIEWER)
def save_view(body: NewView) -> Response:
    """Save the filters of a list under a name."""
    return reply(SavedView, saved.add(body.name, body.address, body.for_all), 201)


@api.delete("/<view_id>", responses={204: None})
@access.needs(Role.VIEWER)
def remove_view(path: ViewPath, query: ViewQuery) -> Response:
    """Forget a saved view."""
    saved_views.remove(saved.owner(query.for_all), path.view_id)
    return Response(status=204)
