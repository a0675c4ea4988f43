"""A job again with other arguments: a form with those it had, and what is wrong with those that were given."""

import json
import secrets
from typing import Any

from flask import Flask, Response, request

from errors import ArgumentError
from topics.operations import again as repeating
from topics.operations import arguments
from topics.operations.job_records import Job
from web import access, again, seen
from web.access import Role
from web.errors import Problem
from web.pages import frame


def register(app: Flask) -> None:
    """The addresses of the form."""
    app.add_url_rule("/jobs/<job_id>/again", "job_again_page", again_page)
    app.add_url_rule("/jobs/<job_id>/again", "job_again", submit_again, methods=["POST"])


@access.needs(Role.OPERATOR)
def again_page(job_id: str) -> Response:
    """The form with its arguments."""
    found = seen.job(job_id)
    if not again.may(found):
        raise Problem(403, _why_not(found), code="forbidden")
    given = arguments.of(found)
    if given is None:
        raise Problem(409, "Its arguments cannot be shown: they are gone, or larger than 32 KiB.")
    return _form(found, as_text(given))


@access.needs(Role.OPERATOR)
def submit_again(job_id: str) -> Response:
    """Submit it with the arguments of the form. What is wrong with them is said beside them."""
    found, text = seen.job(job_id), request.form.get("arguments", "")
    new_id = request.form.get("new_id", "")
    if not repeating.NEW_ID.fullmatch(new_id):
        new_id = secrets.token_hex(16)
    try:
        made = again.submit(found, again.read(text), new_id)
    except ArgumentError as exc:
        return _form(found, text, [str(exc)])
    except Problem as exc:
        if exc.status != 422:
            raise
        return _form(found, text, [f"{one.field}: {one.message}" for one in exc.fields] or [exc.detail])
    if made.duplicate_of:
        return frame.done(f"/jobs/{made.job_id}", "Nothing was queued: this job does that work already.")
    return frame.done(f"/jobs/{made.job_id}", f"It runs with the new arguments as this job, in {made.queue}.")


def _form(found: Job, text: str, wrong: list[str] | None = None) -> Response:
    title = f"Job {found.id} again, with changes"
    new_id = secrets.token_hex(16)
    return frame.show(
        "job_again.html", title, status=422 if wrong else 200, job=found, text=text, wrong=wrong or [], new_id=new_id
    )


def _why_not(found: Job) -> str:
    if not found.kept:
        return "The record of this job has expired: submit it anew."
    return "Only an admin may run this job again with other arguments: it is no task that may be submitted from outside."


def as_text(value: Any) -> str:
    """JSON for people, with its figures as they are; "" for nothing."""
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
