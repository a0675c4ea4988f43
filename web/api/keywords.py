"""Keywords of a project: listed by the page, added, found by id or text, described, archived, removed, checked out of turn."""

from collections.abc import Callable
from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field as Described

import models
import spelling
from errors import ArgumentError
from jobs import serp
from state.tracking import keywords as stored
from state.tracking.details import Details
from topics.operations import keyword_lists, keyword_orders
from topics.tracking import adding, asking, descriptions, projects
from web import remedies
from web.access import Role, needs
from web.answers import Listed, ListQuery, listed, reply
from web.api.keyword_models import (
    Added,
    Checks,
    ChecksOf,
    Count,
    DetailsOf,
    Filters,
    KeywordRow,
    Names,
    NewKeyword,
    NewKeywords,
    ProjectPath,
    RespelledTexts,
    Texts,
)
from web.errors import RESPONSES, Field, Problem

api = APIBlueprint(
    "keywords",
    __name__,
    url_prefix="/api/v1/projects/<project_id>/keywords",
    abp_tags=[Tag(name="keywords", description="What is tracked, and what is known of it.")],
    abp_responses=RESPONSES,
)


class KeywordsQuery(ListQuery, Filters):
    """Filters of the list."""

    sort: Literal[("", *keyword_orders.SORTS)] = Described(  # type: ignore[valid-type]
        "", description="An order, as it was counted with the last overview; - = falling. Default: as stored."
    )
    text: str = Described("", max_length=2000, description="The keyword of this text alone, as it would be added.")


@api.get("", responses={200: Listed[KeywordRow]})
def list_keywords(path: ProjectPath, query: KeywordsQuery) -> Response:
    """List keywords with their last rank, how it moved and a line of 30 days. 409: the order is not counted yet.

    A keyword that is there from the first part to the last comes at least once. With filters a part may be short or empty.
    """
    wanted, project = query.wanted(), projects.named(path.project_id)
    if query.text:
        return listed(Listed[KeywordRow], keyword_lists.named(project, query.text, wanted))
    found = keyword_lists.page(project.id, wanted, query.limit, query.cursor, query.sort)
    return listed(Listed[KeywordRow], found.rows, found.cursor)


@api.post("", responses={200: Added})
def add_keywords(path: ProjectPath, body: NewKeywords) -> Response:
    """Add keywords as they are typed: upper case, quotes, -minus and OR are kept. Safe to repeat.

    All are checked before one is added. One that is there gets the tags, volume and page that are given.
    """
    given = [NewKeyword.model_validate({"text": one}) if isinstance(one, str) else one for one in body.keywords]
    wanted = [_checked(number, one) for number, one in enumerate(given)]
    done = adding.add(projects.named(path.project_id).id, wanted)
    respelled = [{"before": before, "after": after} for before, after in done.respelled]
    ignored = [text for text, _ in wanted if spelling.ignored_words(text)]
    counts = {"added": done.added, "known": done.known, "updated": done.updated}
    return reply(Added, {**counts, "respelled": respelled, "ignored": ignored})


@api.patch("", responses={200: Count})
def describe_keywords(path: ProjectPath, body: DetailsOf) -> Response:
    """Change tags, volume and target page of keywords; an unknown one stops it before anything changed."""
    wanted = descriptions.wanted(body.model_dump(include=body.model_fields_set))
    return _counted(path, body, lambda found: descriptions.change(found, wanted, body.untag))


@api.post("/respell", responses={200: RespelledTexts})
def respell_keywords(path: ProjectPath, body: Texts) -> Response:
    """Set the text of keywords that are there to these spellings; history stays, and nothing is added. Safe to repeat."""
    changed, missing = projects.respell(projects.named(path.project_id).id, body.texts)
    return reply(RespelledTexts, {"changed": [{"before": one, "after": two} for one, two in changed], "missing": missing})


@api.post("/archive", responses={200: Count})
def archive_keywords(path: ProjectPath, body: Names) -> Response:
    """Archive keywords: they are not checked any more, and their history stays. Safe to repeat."""
    return _counted(path, body, lambda found: stored.archive_many(found, True))


@api.post("/unarchive", responses={200: Count})
def unarchive_keywords(path: ProjectPath, body: Names) -> Response:
    """Unarchive keywords: they are checked again. Safe to repeat."""
    return _counted(path, body, lambda found: stored.archive_many(found, False))


@api.post("/remove", responses={200: Count})
@needs(Role.ADMIN)
def remove_keywords(path: ProjectPath, body: Names) -> Response:
    """Remove keywords with their history. An unknown one stops it before anything is gone."""
    return _counted(path, body, stored.remove_many)


@api.post("/check", responses={200: Checks, 202: Checks})
def check_keywords(path: ProjectPath, body: ChecksOf) -> Response:
    """Queue a check of each keyword now, also of those that are fresh: this buys pages. One in hand keeps its job.

    With `where` some thousand are queued a request: `next` leads to further ones. `dry_run` says the price first (200).
    """
    found, cursor = _named(path, body)
    done = asking.price(found) if body.dry_run else asking.check_now(serp.track_keyword, found)
    return reply(Checks, {**done, "next": cursor or None}, 200 if body.dry_run else 202)


def _checked(number: int, one: NewKeyword) -> tuple[str, Details]:
    """A keyword of a body with its details. Raises Problem that names it by its number."""
    try:
        return projects.checked_keyword(one.text), descriptions.checked(one.tags, one.volume, one.target_url)
    except ArgumentError as exc:
        said, field = remedies.for_the_api(str(exc))
        name = f"keywords.{number}" + (f".{field}" if field else "")
        raise Problem(422, f"{name}: {said}", fields=[Field(name, said)], code="invalid") from None


def _counted(path: ProjectPath, body: Names, change: Callable[[list[models.Keyword]], int]) -> Response:
    found, cursor = _named(path, body)
    return reply(Count, {"changed": change(found), "of": len(found), "next": cursor or None})


def _named(path: ProjectPath, body: Names) -> tuple[list[models.Keyword], str]:
    """The keywords of the path's project that a body means. Raises NotFound, also for one of another project."""
    project_id = projects.named(path.project_id).id
    if body.where is not None:
        return keyword_lists.matching(project_id, body.where.wanted(), body.cursor)
    return projects.find_own(project_id, body.names or []), ""
