"""One job by its id, in the words of several systems: looked at, cancelled, run again, and why it waits."""

from collections.abc import Callable
from typing import Annotated, Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

import errors
from errors import NotFound
from topics.operations import advice, arguments, jobs, priority, why
from topics.operations.job_records import Job
from web import cancelling, downloads, inputs, replies, seen, shapes, urls
from web.errors import RESPONSES, Problem
from web.errors import Field as WrongField
from web.models import Strict

api = APIBlueprint("jobs", __name__, url_prefix="/api/v1/jobs", abp_tags=[Tag(name="jobs", description="Jobs by their ids.")])


class JobDetailModel(shapes.JobModel):
    """A job with its arguments, and the addresses of what can be asked of it. Secrets in arguments are hidden."""

    arguments: dict[str, Any] | None
    links: dict[str, str]


class JobProgressModel(BaseModel):
    """How far a job is. `basis`: what the estimate rests on; "" = there is none."""

    model_config = ConfigDict(extra="allow")

    job_id: str
    status: str
    state: str
    progress_percentage: float | None
    step: int | None
    total: int | None
    message: str
    eta_s: float | None
    estimated_completion: str | None
    basis: str


class WhyModel(BaseModel):
    """Why a job does not run now, or how it ended: the gravest reason first, each with what mends it."""

    model_config = ConfigDict(extra="allow")

    id: str
    job_id: str
    status: str
    state: str
    reasons: list[dict[str, Any]]


class ChangeBody(Strict):
    """What is to be changed of a job by hand: one of these."""

    status: inputs.State | None = Field(
        None, description="`cancelled`; or `pending`: a delayed job runs at once, one that ended again."
    )
    queue: inputs.Queue | None = Field(None, description="The queue in which a job that waits is to wait from now on.")


class JobIds(Strict):
    """Jobs by their ids."""

    job_ids: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=100)


class DoneModel(BaseModel):
    """What became of each job: its reply, or the error as `detail`."""

    items: list[dict[str, Any]]


@api.get("/<job_id>", responses={200: JobDetailModel})
def one(path: inputs.JobPath) -> Any:
    """A job of this moment, or as it ended; by the id of a batch or crawl the whole of that."""
    return _detail(seen.job(path.job_id))


@api.get("/status/<job_id>", responses={200: JobDetailModel})
def status(path: inputs.JobPath) -> Any:
    """The same."""
    return _detail(seen.job(path.job_id))


@api.get("/<job_id>/progress", responses={200: JobProgressModel})
def progress(path: inputs.JobPath) -> Any:
    """How far a job is, and when it will probably end."""
    return replies.progress(seen.job(path.job_id))


@api.get("/<job_id>/result", responses=downloads.RESPONSES)
def result(path: inputs.JobPath, query: downloads.ResultQuery) -> Any:
    """What came out of a job. 202 while it goes on, 409 where it ended without a result, 410 where that has expired."""
    return downloads.reply(seen.job(path.job_id), query.format, with_all=query.all)


@api.get("/<job_id>/why", responses={200: WhyModel})
def why_(path: inputs.JobPath) -> Any:
    """Every reason why a job does not run now, with what ends it."""
    found = seen.job(path.job_id)
    try:
        told = shapes.plain(why.of(found.id))
    except NotFound:  # only the history has it
        told = {"reasons": [], "facts": {}, "name": found.description, "what": "job", "state": found.status}
    words = {"id": found.id, "job_id": found.id, "status": found.status.value, "state": found.state}
    return {**words, **{name: told[name] for name in ("what", "name", "reasons", "facts")}, "condition": told["state"]}


@api.patch("/<job_id>", responses={200: JobDetailModel, 409: RESPONSES[409]})
def update(path: inputs.JobPath, body: ChangeBody) -> Any:
    """Move a job to another state by hand, or to another queue; 409 names what it can become. One that ended runs again.

    A job that runs again has a new id.
    """
    found = seen.job(path.job_id)
    if (body.status is None) is (body.queue is None):
        raise Problem(422, "Give either status or queue.", fields=[WrongField("status", "give either this or queue")])
    if body.queue is not None:
        priority.move(found, body.queue)
        return _detail(seen.job(path.job_id))
    assert body.status is not None
    return _detail(jobs.update_job_status(found.id, body.status))


@api.delete("/<job_id>", responses=cancelling.RESPONSES)
def delete(path: inputs.JobPath) -> Any:
    """Cancel a job, batch or crawl. 202 where it stops at its next step, 409 where it had ended before."""
    return cancelling.cancel(path.job_id)


@api.delete("/cancel/<job_id>", responses=cancelling.RESPONSES)
def delete_by_cancel(path: inputs.JobPath) -> Any:
    """The same."""
    return cancelling.cancel(path.job_id)


@api.post("/<job_id>/cancel", responses=cancelling.RESPONSES)
def cancel(path: inputs.JobPath) -> Any:
    """The same."""
    return cancelling.cancel(path.job_id)


@api.post("/<job_id>/retry", responses={202: shapes.SubmittedModel, 409: RESPONSES[409]})
def retry(path: inputs.JobPath) -> Any:
    """Run a job again that failed or was cancelled, under a new id; a delayed one at once; go on with a stopped crawl."""
    told = _retry(path.job_id)
    return told, 202, {"Location": told["links"]["job"]}


@api.post("/cancel", responses={200: DoneModel})
def cancel_many(body: JobIds) -> Any:
    """Cancel up to 100 jobs; each has its own answer."""
    return {"items": [_each(job_id, lambda job_id: cancelling.cancel(job_id)[0]) for job_id in body.job_ids]}


@api.post("/retry", responses={200: DoneModel})
def retry_many(body: JobIds) -> Any:
    """Run up to 100 jobs again; each has its own answer."""
    return {"items": [_each(job_id, _retry) for job_id in body.job_ids]}


def _each(job_id: str, act: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"ok": True, **act(job_id)}
    except (errors.DataError, Problem) as exc:
        return {"ok": False, "id": job_id, "job_id": job_id, "detail": exc.detail if isinstance(exc, Problem) else str(exc)}


def _retry(job_id: str) -> dict[str, Any]:
    made = jobs.run_again(seen.job(job_id))
    return shapes.submitted(made, jobs.status_of(made), replies.links(made.job_id))


def _detail(found: Job) -> dict[str, Any]:
    return {
        **shapes.job(found),
        "arguments": arguments.of(found),
        "links": {name: urls.external(path) for name, path in {**replies.links(found.id), **advice.links(found)}.items()},
    }
