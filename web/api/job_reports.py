"""Jobs that another system ran: their ends and errors, counted with ours."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from state.engine import events
from topics.operations import jobs, metrics
from web import inputs, seen
from web.errors import RESPONSES, Problem
from web.models import Strict

api = APIBlueprint("job_reports", __name__, url_prefix="/api/v1/jobs", abp_tags=[Tag(name="job reports")])

KIND = r"^[A-Za-z0-9_-]{1,40}$"


class CompletionBody(Strict):
    """How a job of another system ended."""

    success: bool
    processing_time: float = Field(ge=0, lt=1e9, description="Seconds.")
    kind: str = Field(events.EXTERNAL, pattern=KIND)


class ErrorBody(Strict):
    """What went wrong in another system."""

    error_type: str = Field(max_length=100, description="A category, e.g. network; what is none counts as system.")
    message: str = Field("", max_length=10_000, description="It goes into the log.")
    kind: str = Field(events.EXTERNAL, pattern=KIND)


class CountedModel(BaseModel):
    """What was counted."""

    job_id: str
    counted: bool
    category: str | None


@api.post("/<job_id>/completion", responses={200: CountedModel, 409: RESPONSES[409]})
def completion(path: inputs.JobPath, body: CompletionBody) -> Any:
    """Count a job that another system ran, and keep its end in the history. Jobs of this system count by themselves: 409."""
    _foreign(path.job_id)
    with inputs.field("job_id"):
        counted = metrics.record_job_completion(path.job_id, body.success, body.processing_time, body.kind)
    return {"job_id": path.job_id, "counted": counted, "category": None}


@api.post("/<job_id>/errors", responses={200: CountedModel, 409: RESPONSES[409]})
def error(path: inputs.JobPath, body: ErrorBody) -> Any:
    """Count an error of another system by its category."""
    _foreign(path.job_id)
    with inputs.field("job_id"):
        category = metrics.record_error(path.job_id, body.error_type, body.message, body.kind)
    return {"job_id": path.job_id, "counted": True, "category": category}


def _foreign(job_id: str) -> None:
    """Raise Problem for a job of this system, and NotFound for one that the caller may not see."""
    found = jobs.find(job_id)
    if found is None:
        return
    if not seen.may(found):
        raise jobs.unknown(job_id)
    if found.kept or found.kind != events.EXTERNAL:
        raise Problem(409, f"{job_id} is a job of this system, which counts it by itself.", code="not_external")
