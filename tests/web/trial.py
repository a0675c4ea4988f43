"""The application with routes for tests of servers: one that takes a while, one that streams in silence, one that asks Redis."""

import threading
from collections.abc import Iterator
from typing import Any

from flask import Response, request
from flask_openapi3.openapi import OpenAPI

import clock
from state.store import connection
from tests import patience
from web import budget, leaving, process, stopping
from web.app import create_app


def create() -> OpenAPI:
    """The application."""
    app = create_app()
    app.add_url_rule("/trial/slow", view_func=slow)
    app.add_url_rule("/trial/stream", view_func=stream)
    app.add_url_rule("/trial/wait", view_func=wait)
    app.add_url_rule("/trial/redis", view_func=ping)
    app.add_url_rule("/trial/echo", view_func=echo, methods=["POST"])
    return app


def slow() -> dict[str, Any]:
    """Takes `?s=` seconds."""
    clock.wait(float(request.args["s"]))
    return {"done": True}


def stream() -> Response:
    """Ticks once, then waits until the process ends, then says goodbye."""
    holding = budget.stream()
    holding.__enter__()
    woken = threading.Event()
    leaving.call(woken.set)
    stopping.call(woken.set)

    def ticks() -> Iterator[str]:
        try:
            yield ": tick\n\n"
            woken.wait(patience.HANG_S)  # no write finds out who has left
            yield "event: goodbye\n\n"
        finally:
            holding.__exit__(None, None, None)

    return Response(ticks(), mimetype="text/event-stream")


def wait() -> dict[str, Any]:
    """Waits for the end of the process, and prints that it does."""
    with budget.waiting():
        print("trial: waits", flush=True)
        return {"ending": stopping.wait(60)}


def ping() -> dict[str, Any]:
    """Asks Redis."""
    return {"pong": connection.client().ping()}


def echo() -> dict[str, Any]:
    """What was sent."""
    return {"got": request.get_json()}


def __getattr__(name: str) -> Any:
    """`tests.web.trial:app`, for granian: made where it is asked for."""
    if name == "app":
        process.prepare()
        return create()
    raise AttributeError(name)
