"""Claims: keywords that are being processed, and the way out when they hang."""

from typing import Self

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field, model_validator

from state.engine import dedup
from topics.operations import views
from topics.tracking import claims
from web import access
from web.access import Role
from web.answers import Listed, ListQuery, Moment, Reply, listed, reply
from web.errors import RESPONSES, Problem
from web.models import Strict

api = APIBlueprint(
    "claims",
    __name__,
    url_prefix="/api/v1/claims",
    abp_tags=[Tag(name="claims", description="Keywords that are being processed.")],
    abp_responses=RESPONSES,
)

#: Claims that are freed by one request.
AT_ONCE = 1000

STUCK_S = 3600.0


class ClaimsQuery(ListQuery):
    """Which claims."""

    older_than_s: float = Field(0, ge=0, le=1e9, description="Only those held for so long; 3600 = stuck.")


class ClaimView(Reply):
    """A keyword that is being processed: by which job, since when, and how that job is."""

    id: str
    keyword: str | None
    project: str | None
    since: Moment
    for_s: int
    job: str
    job_status: str
    queue: str | None


class Reset(Strict):
    """What to free: one keyword, those that are stuck, or all; freed keywords are due again."""

    keyword_id: str | None = Field(None, max_length=200)
    stuck: bool = Field(False, description="Those held for longer than older_than_s.")
    older_than_s: float = Field(STUCK_S, ge=0, le=1e9, description="With `stuck`.")
    all: bool = Field(False, description="All, whoever holds them: a job that still runs has its outcome refused. For admins.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.stuck + self.all + (self.keyword_id is not None) != 1:
            raise ValueError("say one thing: keyword_id, stuck or all")
        return self


class Freed(Reply):
    """How many were freed. `more`: there are further ones; send it again."""

    freed: int
    more: bool


@api.get("", responses={200: Listed[ClaimView]})
def list_claims(query: ClaimsQuery) -> Response:
    """List the keywords that are being processed, the longest first."""
    found = dedup.page(dedup.SERP, query.limit, query.cursor, query.older_than_s)
    return listed(Listed[ClaimView], views.claim_facts(found.claims), found.cursor)


@api.post("/reset", responses={200: Freed})
def reset_claims(body: Reset) -> Response:
    """Free keywords that hang; they are due again. At most 1,000 a request. Safe to repeat."""
    if body.all and access.caller().role < Role.ADMIN:
        raise Problem(403, "Freeing all claims is for admins: free those that are stuck.")
    freed, more = claims.free(body.older_than_s if body.stuck else 0.0, body.keyword_id, AT_ONCE)
    return reply(Freed, {"freed": freed, "more": more})
