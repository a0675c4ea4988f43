"""Scores of companies and their explanations, the points model, and enrichment.

A number as priority counts up here: 9 is the most urgent.
"""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

import queues
from jobs import lead_scores as jobs
from state.leads import companies
from topics.leads import enrichments, explaining, llm_facts, model_file, processing, scores, views
from web import idempotency, inputs, replies, seen, shapes
from web.access import Role, needs
from web.answers import Reply, reply, submitted
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "lead-scores",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="companies", description="Companies: what is known of each, where from, and its score.")],
    abp_responses=RESPONSES,
)

ACCEPTED: dict[Any, Any] = {202: shapes.SubmittedModel, 404: RESPONSES[404], 409: RESPONSES[409]}


class ScoresBody(inputs.Labelled):
    """Companies that are scored."""

    company_ids: list[str] = Field(min_length=1, max_length=processing.MOST_IDS)
    priority: inputs.PriorityUp = "default"


class EnrichBody(ScoresBody):
    """Companies whose sites are read for what is not known yet."""

    llm: bool = Field(False, description="Ask the language model for what rules cannot read; within the budgets.")
    render: bool = Field(False, description="Read the pages in a browser: for sites that are built by scripts.")


class CompanyPath(Strict):
    """A company."""

    company_id: str = Field(max_length=60)


class TopQuery(Strict):
    """How many."""

    limit: int = Field(20, ge=1, le=1000)


class RuleLine(Reply):
    """What a rule did.

    `reason`: why it gave its points, or what it asks for. `evidence`: pages that show it. `gain`: how much the total would rise.
    """

    rule: str
    part: str
    points: float
    most: float
    reason: str
    evidence: list[str]
    gain: float


class PastScore(Reply):
    """A score of before."""

    at_ms: int
    total: float
    model: str


class ExplainedModel(Reply):
    """The score of a company by the model and the facts of now, rule by rule. `is_stored`: whether its record has this score."""

    company: str
    total: float = Field(description="0 to 100.")
    parts: dict[str, float]
    model: str = Field(description="Version of the model.")
    at_ms: int
    is_stored: bool
    rules: list[RuleLine]
    history: list[PastScore] = Field(description="The first one first, 400 at most.")


class ScoredRow(Reply):
    """A company with its last score."""

    id: str
    name: str
    site: str
    domain: str
    score: float | None
    fit: float | None
    intent: float | None
    reachability: float | None
    freshness: float | None
    model: str | None


class TopModel(Reply):
    """Companies, the highest score first."""

    items: list[ScoredRow]


class ScoreModel(BaseModel):
    """The points model: parts with their weights, rules with what each asks for, in words."""

    name: str
    version: str
    parts: dict[str, dict[str, float]]
    rules: list[dict[str, Any]]


@api.post("/jobs/process/scores", responses=ACCEPTED)
@idempotency.taken
def score(body: ScoresBody) -> Any:
    """Score companies by the points model, each point with its reason and the pages that show it."""
    model_file.current()
    call = processing.call(jobs.score_companies, body.company_ids, seen.owner(), body.priority)
    return replies.called(body, call, replies.links)


@api.post("/jobs/process/enrich", responses=ACCEPTED)
@idempotency.taken
def enrich(body: EnrichBody) -> Any:
    """Read of the sites of companies what is not known yet: technologies, open positions, news, mail servers. Then score them."""
    with inputs.field("llm"):
        if body.llm:
            llm_facts.check()
    call = enrichments.call(
        jobs.enrich_companies, body.company_ids, seen.owner(), body.priority, ask_llm=body.llm, render=body.render
    )
    return replies.called(body, call, _links)


@api.post("/companies/rescore", responses=ACCEPTED)
@needs(Role.ADMIN)
def rescore() -> Any:
    """Score all companies that another model, or another day, scored. The schedule does that by itself."""
    model_file.current()
    return submitted(queues.submit(jobs.rescore)), 202


@api.get("/companies/score-model", responses={200: ScoreModel})
def model() -> Any:
    """The points model. 503 with line and remedy where its file is wrong."""
    return model_file.told(model_file.current())


@api.get("/companies/top", responses={200: TopModel})
def top(query: TopQuery) -> Response:
    """The companies with the highest scores."""
    return reply(TopModel, {"items": [explaining.row(one) for one in scores.top(seen.owner(), query.limit)]})


@api.get("/companies/<company_id>/score", responses={200: ExplainedModel, 404: RESPONSES[404]})
def explain(path: CompanyPath) -> Response:
    """The score of a company as it is now, rule by rule, and what it was before."""
    found = views.find(path.company_id, seen.owner())
    told = explaining.told(explaining.explain(found))
    return reply(ExplainedModel, {**told, "history": [one._asdict() for one in companies.score_history(found.id)]})


def _links(job_id: str) -> dict[str, str]:
    return {**replies.links(job_id), "companies": f"/api/v1/companies/results/{job_id}"}
