"""What is done with a host: it is paused or resumed, its breaker reset, its limits changed."""

from urllib.parse import quote

from flask import Flask, Response, request

import wording
from errors import NotFound
from state.scraping import hosts, rates
from topics.operations import pauses
from topics.scraping import host_limits, host_looks
from web import access
from web.access import Role
from web.errors import Field, Problem
from web.pages import frame, host_details


def register(app: Flask) -> None:
    """The addresses of these actions."""
    for name, view in (("reset", reset), ("pause", pause), ("resume", resume), ("limit", limit), ("unlimit", unlimit)):
        app.add_url_rule(f"/hosts/<host>/{name}", f"host_{name}_page", view, methods=["POST"])


@access.needs(Role.OPERATOR)
def reset(host: str) -> Response:
    """Close its breaker."""
    name = host_limits.host_of(host)
    hosts.reset(name)
    return _done(name, f"The breaker of {name} is closed. Jobs that wait for it go on.")


@access.needs(Role.OPERATOR)
def pause(host: str) -> Response:
    """Ask it for nothing until somebody resumes it, or for a time."""
    name, reason, length = host_limits.host_of(host), request.form.get("reason", "").strip(), request.form.get("for_s", "")
    if not reason:
        says = "says nothing: give a few words, everybody who looks reads them"
        raise Problem(422, f"The reason {says}.", fields=[Field("reason", says)])
    if length not in dict(host_details.LENGTHS):
        raise Problem(422, f"for_s is one of {', '.join(filter(None, dict(host_details.LENGTHS)))}, not {length!r:.40}.")
    made = pauses.put(f"host:{name}", reason, access.caller().name, for_s=float(length) if length else None)
    return _done(name, f"The {made.what} is {made.says}. Nothing is dropped.")


@access.needs(Role.OPERATOR)
def resume(host: str) -> Response:
    """End its pause."""
    name = host_limits.host_of(host)
    done = pauses.resume(f"host:{name}")
    return _done(name, f"{name} goes on; {wording.pluralize(done.released, 'parked job')} let go.")


@access.needs(Role.ADMIN)
def limit(host: str) -> Response:
    """Set its limits, in place of those it had."""
    name = host_limits.host_of(host)
    given = {key: _number(key, label) for key, label in host_details.LIMITS}
    host_limits.put(f"host:{name}", {**given, "delay": given.pop("delay_s")})
    return _done(name, f"The limits of {name} are set, over all workers.")


@access.needs(Role.ADMIN)
def unlimit(host: str) -> Response:
    """Take its limits away."""
    name = host_limits.host_of(host)
    rates.remove(f"host:{name}")
    return _done(name, f"No limit for {name} any more, but those of settings and callers.")


def _number(name: str, label: str) -> float | None:
    """A field of the form as a number; None where it is empty. Raises Problem."""
    text = request.form.get(name, "").strip()
    try:
        found = float(text) if text else None
        if found is None or (0 <= found < 1e9 and (name == "delay_s" or found == int(found))):
            return found
    except ValueError:
        pass
    says = f"is a number, 0 or more, not {text!r:.40}"
    raise Problem(422, f"{label} {says}.", fields=[Field(name, says)])


def _done(host: str, says: str) -> Response:
    """Back to its page, or to the list where nothing is known of it any more."""
    try:
        host_looks.known(host)
    except NotFound:
        return frame.done("/hosts", says)
    return frame.done(f"/hosts/{quote(host, safe='')}", says)
