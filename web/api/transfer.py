"""Export and import of all that a caller owns: an export is a file to fetch, an import a file to send; jobs do the work."""

from contextlib import ExitStack
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import models
import queues
from jobs import transfer
from models import JobStatus
from state.engine import job_results
from state.store import connection
from topics.operations import states
from topics.tracking import projects
from topics.transfer import exporting, work
from topics.transfer.merging import Merging, Rule
from web import access, audit, budget, downloads, idempotency, inputs, replies, seen, shapes, uploads
from web.access import Role
from web.answers import Reply, reply, submitted
from web.errors import RESPONSES, Problem
from web.models import Strict

api = APIBlueprint(
    "transfer",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="transfer", description="Everything you own as a file, and back.")],
    abp_responses=RESPONSES,
)

TYPES = {work.JSONL: ("application/gzip", "jsonl.gz"), work.CSV: ("application/zip", "csv.zip")}

FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

#: An export as the documentation shows it.
FILES = {"description": "The file.", "content": {name: {"schema": {"type": "string"}} for name, _ in TYPES.values()}}


class ExportBody(inputs.Labelled):
    """What is exported. Left out: everything that you see."""

    kinds: list[str] = Field(default_factory=list, max_length=40, description="Only these, e.g. `project`, `keyword`, `company`.")
    projects: list[str] = Field(default_factory=list, max_length=1000, description="Only these projects, by id.")
    format: Literal["jsonl", "csv"] = Field("jsonl", description="`jsonl` can be imported again; `csv` is a zip of tables.")


class ImportQuery(Strict):
    """How a file is imported."""

    on_conflict: Literal["keep", "replace", "newer"] = Field("keep", description="Which of two that differ counts.")
    dry_run: bool = Field(False, description="Only say what would become of each line.")


class TransferImport(Reply):
    """The job that imports; its result says what became of the lines."""

    job: shapes.SubmittedModel


@api.post("/export", responses={202: shapes.SubmittedModel, 409: RESPONSES[409]})
@access.needs(Role.OPERATOR)
@idempotency.taken
def export(body: ExportBody) -> Any:
    """Export projects, keywords with history, companies, budgets, schedules and views, without secrets.

    Answers at once; the file is at `links.file` when the job is done, and stays a week. A key gets what is its own.
    """
    with inputs.field("kinds"):
        kinds = exporting.checked(body.kinds)
    with inputs.field("projects"):
        ids = [projects.named(one).id for one in body.projects]
    call = models.Call(transfer.export, (), {"kinds": list(kinds), "projects": ids, "format": body.format})
    return replies.called(body, call, lambda job_id: {**replies.links(job_id), "file": f"/api/v1/export/{job_id}/file"})


@api.get("/export/<job_id>/file", responses={200: FILES, 202: downloads.NotYet, 409: RESPONSES[409], 410: RESPONSES[404]})
@access.needs(Role.OPERATOR)
def export_file(path: inputs.JobPath) -> Any:
    """The file of an export; 202 with Retry-After until it is written."""
    job = seen.job(path.job_id)
    if job.status not in states.ENDED:
        return downloads.not_yet(job)
    if job.status is not JobStatus.COMPLETED:
        raise Problem(409, f"{job.id} wrote no file: it is {job.status}.", code="no_result")
    with connection.errors_translated():
        result = job_results.of(job.id)
    told: dict[str, Any] = result.value if result and job.kind == "transfer" else {}
    parts = work.file_of(told)
    if parts is None:
        raise Problem(410, f"The file of {job.id} is gone (it stays {work.KEPT_DAYS} days), or it is no export: export again.")
    kind, suffix = TYPES[told["format"]]
    held = ExitStack()
    held.enter_context(budget.stream())
    made = Response(parts, content_type=kind)
    made.call_on_close(held.close)
    made.headers["Content-Length"] = str(told["bytes"])
    made.headers["Content-Disposition"] = f'attachment; filename="trawl-{job.id[:8]}.{suffix}"'
    return made


@api.post("/import", responses={202: TransferImport, 409: RESPONSES[409]}, openapi_extensions=FILE)
@access.needs(Role.OPERATOR)
def import_file(query: ImportQuery) -> Response:
    """Import a file that `POST /api/v1/export` or the command `export` wrote, as the body, packed or not.

    Lines that are wrong are named by number in the job's result, the others are imported. Safe to repeat. A key imports as
    itself: whoever the file names, everything becomes that key's. Budgets, limits, pauses and schedules need an admin.
    """
    audit.note(f"on_conflict={query.on_conflict}{' dry_run' if query.dry_run else ''}")
    with uploads.stream() as stream, inputs.field("file"):
        key = work.keep(stream, rights())
    labels = {"tag": "dry run"} if query.dry_run else {}
    made = queues.submit(transfer.import_file, key, query.on_conflict, query.dry_run, labels=labels)
    return reply(TransferImport, {"job": submitted(made)}, 202, f"/api/v1/jobs/{made.job_id}")


def rights() -> Merging:
    """As whom this caller imports."""
    who = access.caller()
    is_admin = who.role is Role.ADMIN
    if who.key_id or not is_admin:
        return Merging(Rule.KEEP, owner=access.owner(), holder=who.holder, is_admin=is_admin)
    return Merging()
