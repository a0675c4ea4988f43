"""What became of each attempt of a job, what it logged, and the job again with other arguments."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from topics.operations import attempts, jobs
from topics.operations.attempts import Attempt
from web import again, idempotency, inputs, replies, seen, shapes
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint("job_attempts", __name__, url_prefix="/api/v1/jobs", abp_tags=[Tag(name="jobs")])


class AttemptModel(BaseModel):
    """One execution of a job. `how`: running, completed, failed, timed out, crashed, cancelled, parked or put back.

    `lines`: how many it logged that are kept.
    """

    number: int
    how: str
    worker: str
    began: str | None
    ended: str | None
    ran_s: float | None
    error_class: str
    category: str
    message: str
    trace: str
    retry_in_s: float | None
    lines: int


class AttemptsModel(BaseModel):
    """The last attempts of a job, the oldest first. `kept` false: its record has expired, and its attempts with it."""

    items: list[AttemptModel]
    next: None
    kept: bool


class LineModel(BaseModel):
    """A line that a job logged. `level` is `note` for what it noted, and `missing` where earlier lines are not kept."""

    attempt: int
    at: str | None
    level: str
    logger: str
    text: str


class LinesModel(BaseModel):
    """The last lines of each attempt, the oldest first."""

    items: list[LineModel]
    next: None
    kept: bool


class AgainBody(Strict):
    """The arguments of the new job. A secret that is shown as *** may stand as it is where you may send it anew."""

    arguments: dict[str, Any] = Field(description="All of them, by their names: what is left out has its default.")


@api.get("/<job_id>/attempts", responses={200: AttemptsModel})
def attempts_(path: inputs.JobPath) -> Any:
    """The attempts of a job: when, on which worker, how they ended, and by which error. They are kept as long as its record."""
    found = seen.job(path.job_id)
    return {"items": [told(*pair) for pair in enumerate(attempts.of(found), 1)], "next": None, "kept": found.kept}


@api.get("/<job_id>/logs", responses={200: LinesModel})
def logs(path: inputs.JobPath) -> Any:
    """What a job logged, the last lines of each of its attempts; of one that runs until a few seconds ago."""
    found = seen.job(path.job_id)
    lines = attempts.lines_of(attempts.of(found))
    rows = [{"attempt": number, **shapes.plain(line._asdict())} for number, line in lines]
    return {"items": rows, "next": None, "kept": found.kept}


@api.post("/<job_id>/again", responses={202: shapes.SubmittedModel, 403: RESPONSES[403], 409: RESPONSES[409]})
@idempotency.taken
def again_(path: inputs.JobPath, body: AgainBody) -> Any:
    """Run a job again with other arguments, under an id of its own; that job tells `retry_of`.

    Tasks that may be submitted have their arguments checked as there. Other jobs need the role admin.
    """
    found = seen.job(path.job_id)
    made = idempotency.once(lambda job_id: again.submit(found, body.arguments, job_id))
    answer = shapes.submitted(made, jobs.status_of(made), replies.links(made.job_id))
    headers = {"Location": answer["links"]["job"]} | ({"Idempotency-Replayed": "true"} if made.duplicate_of else {})
    return answer, 202, headers


def told(number: int, attempt: Attempt) -> dict[str, Any]:
    """An attempt as AttemptModel says."""
    names = ("how", "worker", "error_class", "category", "message", "trace", "retry_in_s", "ran_s")
    times = {"began": shapes.when(attempt.began), "ended": shapes.when(attempt.ended)}
    return {"number": number, **times, **{name: getattr(attempt, name) for name in names}, "lines": len(attempt.lines)}
