"""What is done with a job: it is cancelled, run again, or moved to another queue."""

from flask import Flask, Response, request

from errors import ArgumentError, NotFound, WrongState
from topics.operations import jobs, priority, states
from web import access, cancelling, seen
from web.access import Role
from web.pages import frame


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/jobs/<job_id>/cancel", "job_cancel", cancel, methods=["POST"])
    app.add_url_rule("/jobs/<job_id>/retry", "job_retry", retry, methods=["POST"])
    app.add_url_rule("/jobs/<job_id>/move", "job_move", move, methods=["POST"])


@access.needs(Role.OPERATOR)
def cancel(job_id: str) -> Response:
    """Cancel it, or have it stop at its next step."""
    told, _ = cancelling.cancel(job_id)
    return frame.done(f"/jobs/{job_id}", told["message"])


@access.needs(Role.OPERATOR)
def retry(job_id: str) -> Response:
    """Run it again, or at once."""
    found = seen.job(job_id)
    try:
        made = jobs.run_again(found)
    except (WrongState, NotFound) as exc:
        return frame.done(f"/jobs/{job_id}", str(exc))
    if made.job_id == job_id:
        return frame.done(
            f"/jobs/{job_id}", "It goes on." if found.status in states.ENDED else "It runs as soon as a worker is free."
        )
    says = "This job runs it again." if made.duplicate_of is None else "It was run again before: as this job."
    return frame.done(f"/jobs/{made.job_id}", says)


@access.needs(Role.OPERATOR)
def move(job_id: str) -> Response:
    """Move it to the queue of the form."""
    try:
        queue = priority.move(seen.job(job_id), request.form.get("queue", ""))
    except (WrongState, ArgumentError) as exc:
        return frame.done(f"/jobs/{job_id}", str(exc))
    return frame.done(f"/jobs/{job_id}", f"It waits in {queue} now.")
