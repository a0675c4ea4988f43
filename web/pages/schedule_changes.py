"""What is done with an entry of the schedule: it is run now, disabled or enabled."""

from flask import Flask, Response, request

from topics.operations import schedule
from web import access
from web.access import Role
from web.errors import Field, Problem
from web.pages import frame, schedule_entry


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/schedule/<name>/run", "schedule_run_page", run, methods=["POST"])
    app.add_url_rule("/schedule/<name>/disable", "schedule_disable_page", disable, methods=["POST"])
    app.add_url_rule("/schedule/<name>/enable", "schedule_enable_page", enable, methods=["POST"])


@access.needs(Role.OPERATOR)
def run(name: str) -> Response:
    """Queue an entry now, out of turn."""
    done = schedule.run(name)
    if done.is_queued:
        return frame.done(_back(), f"{name} was queued now, as the job {done.job}; its next run stays as it is.")
    return frame.done(_back(), f"Nothing was queued: an earlier run of {name} is not over{f' ({done.job})' if done.job else ''}.")


@access.needs(Role.ADMIN)
def disable(name: str) -> Response:
    """Disable an entry, with a reason, for ever or for a time."""
    reason, length = request.form.get("reason", "").strip(), request.form.get("for_s", "")
    if not reason:
        says = "says nothing: give a few words, everybody who looks reads them"
        raise Problem(422, f"The reason {says}.", fields=[Field("reason", says)])
    if length not in dict(schedule_entry.LENGTHS):
        raise Problem(422, f"for_s is one of {', '.join(filter(None, dict(schedule_entry.LENGTHS)))}, not {length!r:.40}.")
    _, end = schedule.disable(name, reason, access.caller().name, for_s=float(length) if length else None)
    until = f" until {end:%Y-%m-%d %H:%M} UTC; then it is enabled by itself" if end else " until somebody enables it"
    return frame.done(f"/schedule/{name}", f"{name} is disabled{until}.")


@access.needs(Role.ADMIN)
def enable(name: str) -> Response:
    """Enable an entry again."""
    changed = schedule.enable(name)
    return frame.done(f"/schedule/{name}", f"{name} is enabled." if changed else f"{name} was enabled already.")


def _back() -> str:
    """The page that the form was on."""
    return "/schedule" if request.form.get("on") == "list" else f"/schedule/{(request.view_args or {}).get('name', '')}"
