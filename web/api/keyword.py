"""One keyword by its id: shown, described, archived, removed, checked out of turn, and why it waits."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import models
from jobs import serp
from state.tracking import keywords as stored
from topics.operations import views, why
from topics.tracking import asking, descriptions, projects
from web.access import Role, needs
from web.answers import Listed, ListQuery, listed, reply
from web.api.keyword_models import Checks, Count, Details, KeywordPath, KeywordView, RankView
from web.api.project_models import WhyView
from web.errors import RESPONSES
from web.models import Day

api = APIBlueprint(
    "keyword",
    __name__,
    url_prefix="/api/v1/keywords/<keyword_id>",
    abp_tags=[Tag(name="keywords", description="What is tracked, and what is known of it.")],
    abp_responses=RESPONSES,
)


class HistoryQuery(ListQuery):
    """Days of the history, both ends included."""

    since: Day | None = Field(None, description="From this day on.")
    until: Day | None = Field(None, description="Up to this day.")


@api.get("", responses={200: KeywordView})
def show_keyword(path: KeywordPath) -> Response:
    """Show all that is known of one keyword, and why it waits."""
    return _shown(path)


@api.patch("", responses={200: KeywordView})
def describe_keyword(path: KeywordPath, body: Details) -> Response:
    """Change tags, volume and target page."""
    wanted = descriptions.wanted(body.model_dump(include=body.model_fields_set))
    descriptions.change([_found(path)], wanted, body.untag)
    return _shown(path)


@api.delete("", responses={200: Count})
@needs(Role.ADMIN)
def remove_keyword(path: KeywordPath) -> Response:
    """Remove a keyword with its history."""
    return reply(Count, {"changed": stored.remove_many([_found(path)]), "of": 1})


@api.get("/history", responses={200: Listed[RankView]})
def keyword_history(path: KeywordPath, query: HistoryQuery) -> Response:
    """The ranks of one keyword by day, the newest first."""
    found = views.past_ranks(_found(path), query.limit, query.cursor, query.since, query.until)
    return listed(Listed[RankView], found.ranks, found.cursor)


@api.get("/why", responses={200: WhyView})
def why_keyword_waits(path: KeywordPath) -> Response:
    """Say why a keyword waits: every reason, with what ends it."""
    return reply(WhyView, why.of_keyword(_found(path)))


@api.post("/archive", responses={200: KeywordView})
def archive_keyword(path: KeywordPath) -> Response:
    """Archive a keyword: it is not checked any more, and its history stays. Safe to repeat."""
    stored.archive_many([_found(path)], True)
    return _shown(path)


@api.post("/unarchive", responses={200: KeywordView})
def unarchive_keyword(path: KeywordPath) -> Response:
    """Unarchive a keyword: it is checked again. Safe to repeat."""
    stored.archive_many([_found(path)], False)
    return _shown(path)


@api.post("/check", responses={202: Checks})
def check_keyword(path: KeywordPath) -> Response:
    """Queue a check now, also of a keyword that is fresh: this buys pages. One in hand keeps its job."""
    return reply(Checks, asking.check_now(serp.track_keyword, [_found(path)]), 202)


def _found(path: KeywordPath) -> models.Keyword:
    return projects.find_keyword(path.keyword_id)


def _shown(path: KeywordPath) -> Response:
    return reply(KeywordView, views.keyword(_found(path)))
