"""Jobs that ended long ago: their records, results and history deleted, by a job."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import queues
from jobs import maintenance
from web.access import Role, needs
from web.answers import reply, submitted
from web.errors import RESPONSES
from web.models import Strict
from web.shapes import SubmittedModel

api = APIBlueprint("job_cleanup", __name__, url_prefix="/api/v1/jobs", abp_tags=[Tag(name="jobs")], abp_responses=RESPONSES)


class Age(Strict):
    """How old."""

    days: float = Field(ge=0, le=3660, description="Those that ended so many days ago.")


@api.post("/cleanup", responses={202: SubmittedModel})
@needs(Role.ADMIN)
def clean_up_jobs(body: Age) -> Response:
    """Delete all jobs that ended long ago, whoever's they are: records, results, history. A job does it (202)."""
    return reply(SubmittedModel, submitted(queues.submit(maintenance.delete_old_jobs, body.days)), 202)
