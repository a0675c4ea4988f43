"""Keyword files of this trade as uploads: small ones are imported at once, others by a job."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import queues
from jobs import tracking
from topics.tracking import imports, projects
from topics.tracking import uploads as kept
from web import uploads
from web.answers import Reply, reply, submitted
from web.api.keyword_models import Respelled
from web.errors import RESPONSES
from web.models import Strict
from web.shapes import SubmittedModel

api = APIBlueprint(
    "keyword-import",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="keywords", description="What is tracked, and what is known of it.")],
    abp_responses=RESPONSES,
)

#: A file of more bytes is a job's work: 64 KiB have some 2,000 lines.
AT_ONCE_BYTES = 64 << 10

FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "text/plain": {"schema": {"type": "string"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    }
}


Tags = list[str]  # a field of the query is called list


class ImportQuery(Strict):
    """What a file does not say itself."""

    project_id: str | None = Field(
        None, max_length=200, description="The project of all lines. Default: each line names its own."
    )
    column: str | None = Field(
        None, max_length=200, description="The column that holds the keywords. Default: found by its name."
    )
    encoding: str | None = Field(None, max_length=40, description="What the file is encoded in, e.g. cp1250. Default: found.")
    list: bool = Field(False, description="Each line is a keyword.")
    tag: Tags = Field([], max_length=30, description="Tags of all keywords of the file.")
    ranks: bool = Field(False, description="Lines hold ranks of past days, too: in columns for the day and the rank.")
    name: str = Field("keywords.csv", max_length=200, description="What the file is called; .txt is a list of keywords.")


class BadLine(Reply):
    """A line that was left out."""

    line: int
    reason: str


class Imported(Reply):
    """What became of the lines. `bad`: the first hundred of `bad_count`. `unused`: columns that were not read."""

    added: int
    known: int
    updated: int
    bad_count: int
    projects_added: int
    ranks: int = Field(description="Ranks of past days that were put into histories.")
    ranks_known: int = Field(description="Ranks of days that were there.")
    bad: list[BadLine]
    respelled_count: int
    respelled: list[Respelled]
    unused: list[str]
    notes: list[str]


class Import(Reply):
    """What an import did; or the job that does it, whose result says the same."""

    result: Imported | None
    job: SubmittedModel | None


@api.post("/keywords/import", responses={200: Import, 202: Import}, openapi_extensions=FILE)
def import_keywords(query: ImportQuery) -> Response:
    """Import keywords: CSV as Keyword Planner, Search Console, Ahrefs, Semrush and others write it, or a plain list.

    The file is the body, or the field `file` of a form. Columns are found by their names. Lines that are wrong are named, the
    others are added. A line for another market goes to that market's project. Safe to repeat: nothing is added twice. A large
    file is imported by a job (202).
    """
    project_id = projects.named(query.project_id).id if query.project_id is not None else None
    with uploads.taken(query.name) as upload:
        reading = imports.Reading(query.column, query.encoding, query.list, tuple(query.tag), has_ranks=query.ranks)
        if len(upload.body) <= AT_ONCE_BYTES:
            return reply(Import, {"result": kept.import_body(*upload, project_id, reading), "job": None})
        key = kept.keep(upload.body)
    labels = {"project": project_id} if project_id else {}
    job = queues.submit(
        tracking.import_keywords,
        key,
        kept.shown(upload.name),
        project_id,
        query.column,
        query.encoding,
        query.list,
        tags=query.tag,
        has_ranks=query.ranks,
        labels=labels,
    )
    return reply(Import, {"result": None, "job": submitted(job)}, 202)
