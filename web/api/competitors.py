"""Who ranks beside a project: share of voice, what gained and lost, features of result pages. Nothing is fetched for it."""

from datetime import date
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import queues
from jobs import tracking
from state.tracking import keywords
from topics.tracking import competitors, head_to_head, projects
from web import access
from web.access import Role
from web.answers import Listed, ListQuery, Moment, Reply, listed, reply, submitted
from web.api.project_models import ProjectPath
from web.errors import RESPONSES
from web.models import Strict
from web.shapes import SubmittedModel

api = APIBlueprint(
    "competitors",
    __name__,
    url_prefix="/api/v1/projects",
    abp_tags=[Tag(name="ranks", description="Where pages stood, by keyword and day.")],
    abp_responses=RESPONSES,
)

#: A project of more keywords is counted by a job.
AT_ONCE = 2000

#: What was counted so many seconds ago is counted anew.
FRESH_S = 600


class ShareChanges(Reply):
    """How much a share changed since so many days before; null where one of the days is not known."""

    days_1: float | None
    days_7: float | None
    days_28: float | None


class DomainStanding(Reply):
    """A domain. `share`: of voice, 0 to 1. `above`, `below`: keywords where it stands above us, and below us."""

    domain: str
    pinned: bool
    share: float | None
    visibility: float | None
    changes: ShareChanges
    keywords: int = Field(description="On whose result pages it stands.")
    top_3: int
    top_10: int
    above: int
    below: int


class DomainMover(Reply):
    """A domain that gained or lost. `domain` null: the project itself."""

    domain: str | None
    change: float
    share: float | None
    before: float | None


class Movers(Reply):
    """The largest changes first, ten of each at most."""

    gained: list[DomainMover]
    lost: list[DomainMover]


class MoversSince(Reply):
    """What moved since so many days before."""

    days_1: Movers
    days_7: Movers
    days_28: Movers


class Feature(Reply):
    """A feature of result pages. `before`: its share a week ago. `ours`: pages where it names us, of `known` pages."""

    feature: str
    keywords: int
    share: float
    before: float | None
    ours: int | None
    known: int


class VoiceDay(Reply):
    """Shares of voice on a day; null where nothing is known. `keywords`: those that count on it."""

    day: date
    keywords: int
    ours: float | None
    shares: dict[str, float | None]


class Beaten(Reply):
    """A keyword at which a domain stands above us. `worth`: weighted searches a month that see it and not us."""

    id: str
    keyword: str
    volume: int | None
    theirs: int
    ours: int | None
    worth: float


class Competitors(Reply):
    """Who ranks beside a project, as it was counted at `at`.

    `left_out`: keywords without a result page of the last `slack_days` days. `sandbox`: keywords whose page was invented.
    """

    project: str
    domain: str
    at: Moment
    day: date
    keywords: int
    counted: int
    left_out: int
    slack_days: int
    sandbox: int
    domains: int = Field(description="Domains that stand on any of the pages.")
    pins: list[str]
    ours: DomainStanding
    leaders: list[DomainStanding]
    movers: MoversSince
    features: list[Feature]
    course: list[VoiceDay]
    charted: list[str]
    beaten_by: dict[str, list[Beaten]]
    formula: str
    weights: list[float]


class CompetitorsReply(Reply):
    """The count; `job` counts it anew. `competitors` null: it is being counted for the first time, ask again."""

    competitors: Competitors | None
    job: SubmittedModel | None


class CompetitorsQuery(Strict):
    """How new it must be."""

    fresh: bool = Field(False, description="Count anew, however lately it was counted.")


class DomainPath(ProjectPath):
    """A domain beside a project."""

    domain: str = Field(max_length=300)


class KeywordsQuery(ListQuery):
    """Which keywords."""

    which: Literal["", "above", "below"] = Field("", description="Where the domain stands above us, or below; empty = all.")


class Duel(Reply):
    """A keyword on whose last result page the domain stands. `ours` null: we do not, among the `scanned` results."""

    id: str
    keyword: str
    volume: int | None
    theirs: int
    ours: int | None
    who: Literal["they", "we"]
    scanned: int
    day: date
    sandbox: bool


class Compared(Reply):
    """A keyword with our rank and that of each domain on its last result page; null = not among those that are kept of it."""

    id: str
    keyword: str
    volume: int | None
    ours: int | None
    ranks: dict[str, int | None]
    scanned: int
    day: date
    sandbox: bool


class Pinned(Reply):
    """A domain whose course is always counted."""

    domain: str


def counted(project_id: str, fresh: bool = False) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """(the count, the job that counts anew) of a project; None = there is none yet, or no job is needed."""
    kept = competitors.kept(project_id)
    if kept and kept[1] < FRESH_S and not fresh:
        return kept[0], None
    if keywords.count_of(project_id) <= AT_ONCE:
        return competitors.make(project_id), None
    job = submitted(queues.submit(tracking.count_competitors, project_id, labels={"project": project_id}))
    return kept[0] if kept else None, job


@api.get("/<project_id>/competitors", responses={200: CompetitorsReply, 202: CompetitorsReply})
def project_competitors(path: ProjectPath, query: CompetitorsQuery) -> Response:
    """Who ranks beside a project, from the result pages that its checks read. Counted every ten minutes at most.

    A small project is counted at once. A large one is counted by a job: until it is over, the last count is told (200), or there
    is none yet (202).
    """
    facts, job = counted(projects.named(path.project_id).id, query.fresh)
    return reply(CompetitorsReply, {"competitors": facts, "job": job}, 200 if facts else 202)


@api.get("/<project_id>/competitors/keywords", responses={200: Listed[Compared]})
def compared_keywords(path: ProjectPath, query: ListQuery) -> Response:
    """Keywords with our rank and that of each pinned domain; without pins, of the five loudest domains that were counted last."""
    project = projects.named(path.project_id)
    found = head_to_head.matrix(project.id, competitors.compared(project.id), query.limit, query.cursor)
    return listed(Listed[Compared], found.rows, found.cursor)


@api.get("/<project_id>/competitors/<domain>/keywords", responses={200: Listed[Duel]})
def competitor_keywords(path: DomainPath, query: KeywordsQuery) -> Response:
    """Keywords on whose last result page a domain stands, with its rank and ours."""
    project, domain = projects.named(path.project_id), competitors.spoken_domain(path.domain)
    found = head_to_head.page(project.id, domain, query.which, query.limit, query.cursor)
    return listed(Listed[Duel], found.rows, found.cursor)


@api.put("/<project_id>/competitors/<domain>", responses={200: Pinned})
@access.needs(Role.OPERATOR)
def pin_competitor(path: DomainPath) -> Response:
    """Pin a domain, so that its course is always counted; ten at most."""
    return reply(Pinned, {"domain": competitors.pin(projects.named(path.project_id).id, path.domain)})


@api.delete("/<project_id>/competitors/<domain>", responses={200: Pinned})
@access.needs(Role.OPERATOR)
def unpin_competitor(path: DomainPath) -> Response:
    """Take a pin away."""
    return reply(Pinned, {"domain": competitors.unpin(projects.named(path.project_id).id, path.domain)})
