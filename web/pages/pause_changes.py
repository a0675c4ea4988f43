"""What is done with pauses: one is put, or resumed."""

from flask import Flask, Response, request

import wording
from errors import ArgumentError, TrawlError
from state.engine.pauses import Pause
from topics.operations import pauses
from web import access
from web.access import Role
from web.pages import frame, pause_choices, refusals
from web.pages import pauses as pauses_page


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/pauses", "pauses_add", add, methods=["POST"])
    app.add_url_rule("/pauses/resume", "pauses_resume", resume, methods=["POST"])


@access.needs(Role.OPERATOR)
def add() -> Response:
    """Pause what the form names."""
    try:
        made = _put()
    except TrawlError as exc:
        return pauses_page.page_of_all(refusals.of(exc))
    return frame.done("/pauses", f"The {made.what} is paused. What runs goes on; what waits is held, and keeps its place.")


def _put() -> Pause:
    form = request.form
    scope, other = form.get("scope", ""), form.get("name", "").strip()
    if scope.endswith(":"):  # the class alone: its name is typed
        scope += other
    elif other:
        raise ArgumentError("a name is typed only for a host, or for another project: leave it empty.")
    length, until = form.get("for_s", ""), form.get("until", "").strip()
    if length not in dict(pause_choices.LENGTHS):
        raise ArgumentError(f"--for {length!r:.20} is none of the lengths to choose from")
    ends = pauses.moment(until) if until else None
    return pauses.put(scope, form.get("reason", ""), access.caller().name, for_s=float(length) if length else None, until=ends)


@access.needs(Role.OPERATOR)
def resume() -> Response:
    """End a pause."""
    done = pauses.resume(request.form.get("scope", ""))
    let_go = f" {wording.pluralize(done.released, 'parked job')} let go." if done.released else ""
    return frame.done("/pauses", f"{done.scope} goes on.{let_go}")
