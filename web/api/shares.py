"""Share links of projects: whoever has one sees the project without a key, until it ends."""

from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from topics.access.share_links import DAYS, LONGEST_TITLE, MOST_DAYS
from topics.operations import shares
from web import access, urls
from web.access import Role
from web.answers import Listed, ListQuery, Moment, Reply, part, reply
from web.api.project_models import ProjectPath
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "shares",
    __name__,
    url_prefix="/api/v1/projects",
    abp_tags=[Tag(name="shares", description="Read-only links to projects.")],
    abp_responses=RESPONSES,
)

Scope = Literal["overview", "keywords"]


class SharePath(ProjectPath):
    """Which link of a project."""

    share_id: str = Field(max_length=60)


class NewShare(Strict):
    """A link to make."""

    scope: Scope = Field("overview", description="overview: how the project stands; keywords: that, and its keywords.")
    title: str = Field("", max_length=LONGEST_TITLE, description="What its pages are called; '' = as the project.")
    days: float = Field(DAYS, gt=0, le=MOST_DAYS, description="How long it lives.")


class ShareView(Reply):
    """A link without its token. `used_at`: when it was opened last, to a minute."""

    id: str
    project_id: str
    scope: Scope
    title: str
    actor: str
    made_at: Moment
    ends_at: Moment
    used_at: Moment | None


class ShareMade(Reply):
    """A new link. `url` is shown this once: keep it now."""

    share: ShareView
    url: str


@api.get("/<project_id>/shares", responses={200: Listed[ShareView]})
def list_shares(path: ProjectPath, query: ListQuery) -> Response:
    """List the links of a project that are not over."""
    return part(Listed[ShareView], shares.of(path.project_id), lambda one: one.id, query)


@api.post("/<project_id>/shares", responses={201: ShareMade})
@access.needs(Role.OPERATOR)
def make_share(path: ProjectPath, body: NewShare) -> Response:
    """Make a link. Its address is in this reply, and nowhere else ever again."""
    made, token = shares.add(path.project_id, access.caller().name, scope=body.scope, title=body.title, days=body.days)
    return reply(ShareMade, {"share": made, "url": urls.external(f"/share/{token}")}, 201)


@api.delete("/<project_id>/shares/<share_id>", responses={200: ShareView})
@access.needs(Role.OPERATOR)
def revoke_share(path: SharePath) -> Response:
    """Revoke a link: it opens nothing any more. 404: it is over by now."""
    return reply(ShareView, shares.revoke(path.project_id, path.share_id))
