"""How jobs are tried again after an error, as the file RETRY_POLICY says."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from engine import retry_policy
from web.answers import Listed, Reply, listed
from web.errors import RESPONSES

api = APIBlueprint(
    "policy",
    __name__,
    url_prefix="/api/v1/policy",
    abp_tags=[Tag(name="policy", description="How jobs are tried again.")],
    abp_responses=RESPONSES,
)


class RetryRuleView(Reply):
    """What holds for errors of a category or class, in jobs of a kind."""

    kind: str = Field(description='"" = all kinds.')
    error: str = Field(description='A category, or a class of errors; "" = what holds where no row says otherwise.')
    retries: int = Field(description="Executions after a failure, 0 to 3; 3 = as many as the job allows.")
    first_wait_s: float = Field(description="The longest wait before the first retry. What the other side asks for wins.")
    factor: float = Field(description="Each further wait is so many times as long.")
    cap_s: float = Field(description="No wait is longer.")
    jitter: float = Field(description="The share of a wait that is drawn by lot, 0 to 1.")


@api.get("", responses={200: Listed[RetryRuleView]})
def show_policy() -> Response:
    """List how jobs are tried again: the default, then by category, by class of errors, and by kind."""
    rows = [{"kind": row.kind, "error": row.error, **row.rule._asdict()} for row in retry_policy.every()]
    return listed(Listed[RetryRuleView], rows)
