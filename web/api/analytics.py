"""Reports and questions about companies. What comes out is fetched as of other jobs, by `links.result`: JSON, CSV or HTML."""

from typing import Annotated, Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from jobs import analytics as jobs
from topics.analytics import analyses, plans, queries, reports, scopes
from topics.analytics.comparison import KINDS
from web import idempotency, inputs, replies, seen, shapes
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "analytics",
    __name__,
    url_prefix="/api/v1/jobs/analytics",
    abp_tags=[Tag(name="analytics", description="Reports and questions about companies; each figure with its query.")],
)

CompanyIds = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]] | None,
    Field(min_length=1, max_length=scopes.MOST_IDS, description="Left out: all companies that the caller may see."),
]

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z?)?$", description="A day or a moment (UTC).")]

FieldName = Annotated[str, Field(min_length=1, max_length=100)]


class CompareModel(Strict):
    """Two sets of companies. On two days all are compared, by their scores then."""

    by: Literal["tag", "source", "day", "where"]
    a: str = Field(min_length=1, max_length=2000, description="A tag, a source, a day, or a condition.")
    b: str = Field(min_length=1, max_length=2000)


class ReportBody(inputs.Labelled):
    """A report about companies."""

    company_ids: CompanyIds = None
    report_type: Literal["comprehensive", "summary", "comparison"] = "comprehensive"
    since: Day | None = Field(None, description=f"From when on scores changed. Left out: {plans.SINCE_DAYS} days ago.")
    stale_days: int = Field(plans.STALE_DAYS, ge=1, le=3660, description="What was read so many days ago is old.")
    compare: CompareModel | None = Field(None, description="Of a comparison. Left out: now and `since`.")
    priority: inputs.PriorityUp = "default"


class QuestionBody(inputs.Labelled):
    """A question: as a `query`, or as its parts."""

    query: str | None = Field(None, min_length=1, max_length=5000, description='E.g. `count where industry = "Software"`.')
    measure: Literal[
        "count", "share", "coverage", "distribution", "mean", "median", "sum", "min", "max", "distinct", "doubles", "list"
    ] = "count"
    field: FieldName | None = Field(None, description="Of what; not of count and share.")
    group_by: FieldName | None = Field(None, description="A row for each value of this field.")
    where: str | None = Field(None, min_length=1, max_length=5000, description="Which companies count.")
    since: Day | None = Field(None, description="The moment of score.then and score.change.")
    top: int | None = Field(None, ge=1, le=queries.MOST, description=f"Rows at most. Left out: {queries.USUAL}.")
    company_ids: CompanyIds = None
    priority: inputs.PriorityUp = "default"


assert set(CompareModel.model_fields["by"].annotation.__args__) == set(KINDS)  # type: ignore[union-attr]


@api.post("/report", responses={202: shapes.SubmittedModel, 409: RESPONSES[409]})
@idempotency.taken
def report(body: ReportBody) -> Any:
    """Make a report: counts, coverage, distributions, best and changed leads, gaps, months, sources; or two sets compared."""
    options = body.model_dump(include={"since", "stale_days", "compare"}, exclude_none=True)
    with inputs.field("compare" if body.compare else "report_type"):
        call = reports.call(jobs.make_report, body.report_type, body.company_ids, options, body.priority)
    return replies.called(body, call, replies.links)


@api.post("/analyze", responses={202: shapes.SubmittedModel, 404: RESPONSES[404], 409: RESPONSES[409]})
@idempotency.taken
def analyze(body: QuestionBody) -> Any:
    """Answer one question. The answer has the query as text, and with each row the query that gives it alone."""
    with inputs.field("query" if body.query else "where" if body.where else "measure"):
        query = queries.parse(body.query) if body.query else analyses.query_of(_parts(body))
    call = analyses.call(jobs.analyze, query, body.company_ids, seen.owner(), body.priority)
    return replies.called(body, call, replies.links)


def _parts(body: QuestionBody) -> dict[str, Any]:
    names = {"measure": "measure", "of": "field", "by": "group_by", "where": "where", "since": "since", "top": "top"}
    return {part: getattr(body, name) for part, name in names.items()}
