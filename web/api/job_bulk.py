"""Many jobs at once: those that filters let through, or those that are named, run again, cancelled or moved to another queue."""

from typing import Annotated, Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field, model_validator

import queues
from errors import ArgumentError
from jobs import operations
from topics.operations import bulk, bulk_asks
from topics.operations.bulk_asks import MOST_IDS, Ask
from topics.operations.job_filters import Wanted
from web import inputs, seen
from web.access import Role, needs
from web.answers import Moment, Reply, reply, submitted
from web.api.job_lists import JobFilters
from web.errors import RESPONSES, Problem
from web.shapes import SubmittedModel

api = APIBlueprint("job_bulk", __name__, url_prefix="/api/v1/jobs", abp_tags=[Tag(name="jobs")], abp_responses=RESPONSES)

#: Fields of a body that choose jobs.
FILTERS = ("status", "kind", "queue", "host", "project", "tag", "category", "since", "until", "text", "fingerprint", "job_ids")


class BulkBody(JobFilters):
    """What to do with which jobs. At least one filter, `job_ids`, or `all`."""

    action: Literal["retry", "cancel", "move"] = Field(
        description="`retry`: those that failed, or as `status` says, run again. `move`: those that wait go to queue `to`."
    )
    to: inputs.Queue | None = Field(None, description="Only with `move`.")
    job_ids: list[Annotated[str, Field(max_length=200)]] | None = Field(None, min_length=1, max_length=MOST_IDS)
    all: bool = Field(False, description="Without any filter: all jobs that the action can change.")
    dry_run: bool = Field(False, description="Only count: 200, and nothing is changed.")

    @model_validator(mode="after")
    def _chooses(self) -> "BulkBody":
        if not self.all and not any(name in self.model_fields_set and getattr(self, name) for name in FILTERS):
            raise ValueError("give a filter, job_ids, or all=true")
        if self.action == "move" and self.to is None:
            raise ValueError("to is needed with the action move")
        return self


class CountModel(Reply):
    """How many jobs would be touched. `is_exact` false: at least so many, the job that does it counts the rest."""

    number: int
    is_exact: bool
    at: Moment


@api.post("/bulk", responses={200: CountModel, 202: SubmittedModel})
@needs(Role.OPERATOR)
def act_on_many(body: BulkBody) -> Response:
    """Run again, cancel or move many jobs: a job does it (202). Its progress and result say how many were done, and why not."""
    ask = _ask(body)
    if body.dry_run:
        return reply(CountModel, bulk.count(ask))
    made = queues.submit(operations.act_on_jobs, ask.told(), dedup_key=f"bulk:{ask.print}")
    return reply(SubmittedModel, submitted(made), 202)


def _ask(body: BulkBody) -> Ask:
    filters: dict[str, Any] = {name: getattr(body, name) for name in FILTERS if name not in ("status", "job_ids")}
    wanted = Wanted(body.status, owner=seen.owner(), **filters)
    try:
        return bulk_asks.make(body.action, wanted, to=body.to or "", ids=tuple(body.job_ids or ()))
    except ArgumentError as exc:
        raise Problem(422, str(exc)) from None
