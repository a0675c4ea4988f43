"""Replies that several routes give: of a submit, and of a look at how far something is."""

from collections.abc import Callable
from typing import Any

import queues
from models import Call, Submission
from topics.operations import jobs
from topics.operations.job_records import Job
from topics.operations.repeats import Submit
from web import audit, idempotency, inputs, shapes
from web.webhook_field import Telling

#: How long what a task returned can be fetched (s).
KEPT_S = 24 * 3600

#: The status of the reply to a submit.
SUBMITTED = 202

Links = Callable[[str], dict[str, str]]


def submitted(body: inputs.Labelled, submit: Submit, at: Links) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Submit once, by the keys of the request; 202, with the address of the progress in `Location`.

    A `dedup_key`, or `unique`, answers with a live job of the caller's. Raises Conflict where a key stands for other work.
    """
    telling = Telling(body.webhook, submit) if body.webhook is not None else None
    with audit.with_the_job(SUBMITTED):
        made = idempotency.once(lambda job_id: _unique(body, telling.submit if telling else submit, job_id))
    told = shapes.submitted(made, jobs.status_of(made), at(made.job_id))
    if telling:
        telling.see_to(made)
        told["warnings"] += telling.warnings
    headers = {"Location": told["links"].get("progress") or told["links"]["job"]}
    return told, SUBMITTED, headers | ({"Idempotency-Replayed": "true"} if made.duplicate_of else {})


def called(body: inputs.Labelled, call: Call, at: Links) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The same, of one call."""
    call.labels = {**call.labels, **body.labels}

    def submit(job_id: str | None) -> Submission:
        call.job_id = job_id
        return queues.submit_many([call])[0]

    return submitted(body, submit, at)


def links(job_id: str) -> dict[str, str]:
    """Addresses of a job."""
    here = f"/api/v1/jobs/{job_id}"
    return {
        "job": here,
        **{name: f"{here}/{name}" for name in ("progress", "result", "attempts", "logs", "why", "cancel", "retry")},
    }


def _unique(body: inputs.Labelled, submit: Submit, job_id: str | None) -> Submission:
    if body.dedup_key is None and not body.unique:
        return submit(job_id)
    work = body.model_dump(mode="json", exclude={"dedup_key", "unique", "webhook"}, warnings=False)
    work["of"] = type(body).__name__
    name = body.dedup_key if body.dedup_key is not None else f"unique:{idempotency.digest(work)}"
    return idempotency.named(name, work, submit, job_id)


def progress(job: Job) -> dict[str, Any]:
    """How far a job, batch or crawl is, and when it will probably end; of batches and crawls with their pages."""
    far = jobs.progress_of(job)
    return {
        "id": job.id,
        "job_id": job.id,
        "status": job.status.value,
        "state": job.state,
        "queue": job.queue,
        "kind": job.kind,
        "progress": far.progress_percentage or 0.0,
        "progress_percentage": far.progress_percentage,
        "step": far.step,
        "total": far.total,
        "message": far.message or job.parked_for or "",
        "details": far.details,
        "error": shapes.job(job)["error_message"],
        "error_category": job.error_category,
        "running_s": far.running_s,
        "eta_s": far.eta_s,
        "estimated_completion": shapes.when(far.estimated_completion),
        "basis": far.basis,
        "waits_for": job.parked_for,
        "waits_until": shapes.when(job.parked_until),
        "cancel_requested": job.cancel_asked,
    }
