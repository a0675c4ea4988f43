"""Changes of all keywords that a filter takes, by a job: however many there are, one request."""

from dataclasses import asdict
from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import clock
import queues
from jobs import tracking
from topics.operations.keyword_work import ACTIONS, Work
from topics.tracking import projects
from web import access
from web.access import Role
from web.answers import Reply, reply, submitted
from web.api.keyword_models import Filters
from web.api.project_models import ProjectPath
from web.errors import RESPONSES, Problem
from web.models import Strict
from web.shapes import SubmittedModel

api = APIBlueprint(
    "keyword-bulk",
    __name__,
    url_prefix="/api/v1/projects/<project_id>/keywords/bulk",
    abp_tags=[Tag(name="keywords", description="What is tracked, and what is known of it.")],
    abp_responses=RESPONSES,
)


class Bulk(Strict):
    """What to do with which keywords."""

    action: Literal[ACTIONS]  # type: ignore[valid-type]
    value: str = Field("", max_length=2000, description='Tags of tag and untag, with commas; the page of target, "" = none.')
    where: Filters = Field(description="All that fit. {} = all that are not archived.")
    most: int | None = Field(None, ge=1, description="With so many at most: what a dry run counted.")
    dry_run: bool = Field(False, description="Only count: the job's result says `keywords` and `pages_at_most`.")


class BulkJob(Reply):
    """The job that does it; its result says `changed` and `of`, or of a dry run `keywords` and `pages_at_most`."""

    job: SubmittedModel


@api.post("", responses={202: BulkJob})
def change_matching(path: ProjectPath, body: Bulk) -> Response:
    """Tag, archive, remove or check all keywords that a filter takes, by a job. Removing needs the role admin.

    `check` buys pages, of fresh keywords too: a dry run says how many at most.
    """
    project, wanted = projects.named(path.project_id), body.where.wanted()
    Work(body.action, body.value)  # what cannot be meant is said now
    if body.action == "remove" and access.caller().role < Role.ADMIN:
        raise Problem(403, f"This needs the role admin; {access.caller().name} is {access.caller().role.word}.", code="forbidden")
    labels = {"project": project.id}
    if body.dry_run:
        job = queues.submit(tracking.count_keywords, project.id, asdict(wanted), labels=labels)
    else:
        arguments = (project.id, asdict(wanted), body.action, body.value, clock.now().isoformat(), body.most)
        job = queues.submit(tracking.change_keywords, *arguments, labels=labels)
    return reply(BulkJob, {"job": submitted(job)}, 202)
