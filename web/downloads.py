"""What came out of a job: as JSON, or as a download that is sent as it is read, so that nothing holds it all."""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from errors import NotFound
from models import JobStatus
from state.engine import job_results
from state.store import connection
from topics.operations import states
from topics.operations.job_records import Job
from topics.scraping import formats, views
from web import budget, errors, report_files, shapes
from web.errors import Problem
from web.models import Strict

TYPES = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}

#: A result as the documentation shows it.
DOWNLOADS: dict[str, Any] = {
    "description": "The result. JSON is one object with the records as `results`; the other formats are the records alone. "
    "Reports are JSON, CSV or HTML.",
    "content": {
        kind.partition(";")[0]: {"schema": {"type": "object" if name == "json" else "string"}} for name, kind in TYPES.items()
    },
}


Format = Literal["json", "jsonl", "csv", "md", "html"]


class ResultQuery(Strict):
    """How a result is sent."""

    format: Format | None = Field(None, description="Left out: the `output_format` of the submit.")
    all: bool = Field(False, description="Also pages that were skipped or failed.")


class NotYet(BaseModel):
    """A job that goes on: ask again after `Retry-After` seconds."""

    model_config = ConfigDict(extra="allow")

    id: str
    job_id: str
    status: str
    state: str


#: How a route that hands out a result may answer.
RESPONSES: dict[Any, Any] = {200: DOWNLOADS, 202: NotYet, 409: errors.RESPONSES[409], 410: errors.RESPONSES[404]}

#: Seconds after which to ask again for what is not there yet.
RETRY_AFTER_S = 2

#: Bytes that are gathered before they are sent.
BLOCK = 32 * 1024


def reply(job: Job, format_: str | None = None, *, with_all: bool = False) -> Any:
    """The result of a job, in this format (default: the one its configuration asks for).

    202 with Retry-After while there is none. Raises Problem: 409 where it ended without one, 410 where its result has expired.
    """
    if job.status not in states.ENDED:
        return not_yet(job)
    if (report := report_files.of(job)) is not None:
        return _report(job, report, format_)
    records = _records(job, with_all)
    if records is not None:
        if format_ == "html":
            raise Problem(422, "Only reports are HTML: records are json, jsonl, csv or md.")
        return _sent(job, format_ or views.format_of(job.id), records)
    with connection.errors_translated():
        result = job_results.of(job.id) if job.status is JobStatus.COMPLETED else None
    if result is None:
        raise _without(job)
    if format_ not in (None, "json"):
        raise Problem(422, f"The result of a job of the kind {job.kind} is JSON: leave out format={format_}.")
    return {**_head(job), "result": result.value}


def _report(job: Job, report: dict[str, Any], format_: str | None) -> Any:
    if format_ in (None, "json"):
        return {**_head(job), "result": report}
    return report_files.reply(job, report, format_, lambda texts, held: _until_read(blocks(texts), held))


def not_yet(job: Job) -> tuple[dict[str, Any], int, dict[str, str]]:
    """What is said of a job that goes on."""
    progress = shapes.job(job)
    head = {name: progress[name] for name in ("progress", "progress_percentage", "queue", "waits_for", "waits_until")}
    return {**_head(job), **head}, 202, {"Retry-After": str(RETRY_AFTER_S)}


def _head(job: Job) -> dict[str, Any]:
    return {"id": job.id, "job_id": job.id, "status": job.status.value, "state": job.state}


def _records(job: Job, with_all: bool) -> Iterator[dict[str, Any]] | None:
    """The records of a scrape, the first of them read; None where it has none, or is no scrape."""
    try:
        seen = views.look(job.id)
        if seen.progress is None and seen.result is None:
            return None
        found = views.records_of(seen, with_all=with_all)
        first = next(found, None)
    except NotFound:
        return None
    if first is None:
        return iter(()) if job.status is JobStatus.COMPLETED else None
    return chain([first], found)


def _without(job: Job) -> Problem:
    """Why there is no result, of a job that ended."""
    if job.status is JobStatus.COMPLETED:
        return Problem(410, f"The result of {job.id} has expired (RESULT_DAYS): submit it again.", **_words(job))
    said = shapes.job(job)["error_message"] or (job.progress.message if job.progress else "")
    detail = f"{job.id} has no result: it is {job.status}{f' ({said})' if said else ''}."
    return Problem(409, detail, code="no_result", **_words(job))


def _words(job: Job) -> dict[str, Any]:
    return {"job_id": job.id, "job_status": job.status.value, "state": job.state, "error_category": job.error_category}


def _sent(job: Job, format_: str, records: Iterable[dict[str, Any]]) -> Response:
    """A reply that is written as it is read; it holds a place among the streams until it is over."""
    held = ExitStack()
    held.enter_context(budget.stream())
    texts = _object(job, records) if format_ == "json" else formats.texts(format_, records)
    made = Response(_until_read(blocks(texts), held), mimetype=None, content_type=TYPES[format_])
    made.call_on_close(held.close)  # also where nobody reads it to its end
    if format_ != "json":
        made.headers["Content-Disposition"] = f'attachment; filename="{job.id}.{format_}"'
    made.headers["X-Job-Status"] = job.status.value
    return made


def _object(job: Job, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One JSON object: what is known of the job, and its records as `results`."""
    known = shapes.job(job)
    head = {**_head(job), **{name: known[name] for name in ("kind", "started_at", "ended_at", "progress")}}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "results": '
    yield from formats.texts("json", records)
    yield "}\n"


def _until_read(sent: Iterator[bytes], held: ExitStack) -> Iterator[bytes]:
    """What is sent; what is held is given back behind it."""
    with held:
        yield from sent


def blocks(texts: Iterable[str]) -> Iterator[bytes]:
    """Texts as bytes, gathered into blocks that are worth sending."""
    gathered: list[bytes] = []
    size = 0
    for text in texts:
        gathered.append(text.encode(errors="replace"))
        size += len(gathered[-1])
        if size >= BLOCK:
            yield b"".join(gathered)
            gathered, size = [], 0
    yield b"".join(gathered)
