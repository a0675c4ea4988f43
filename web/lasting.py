"""Event streams end when their caller may not ask any more: a revoked key, an ended session, a removed person."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask, Response

import clock
from errors import SystemFault
from state.store import connection
from topics.access import api_keys, opening, sessions, tokens
from web import access, cookies

#: Seconds between two looks; one comes after a chunk, and streams send one every 15 s at least.
LOOK_S = 5.0


def register(app: Flask) -> None:
    """Watch over every event stream."""
    app.after_request(watched)


def watched(reply: Response) -> Response:
    """The reply; an event stream ends with the right of its caller."""
    if reply.mimetype == "text/event-stream" and reply.is_streamed:
        reply.response = _while(reply.response, right_of(access.caller()))
    return reply


def right_of(who: access.Caller) -> Callable[[], bool]:
    """Tells, at any later time and outside the request, whether its caller may still ask."""
    if who.session_id:
        secret = cookies.secret()
        return lambda: sessions.holder(secret) is not None
    token = tokens.parse(access.given_token() or "")
    if who.key_id and token:
        return lambda: api_keys.authenticate(token) is not None
    return lambda: who is access.NOBODY or not opening.has_callers()


def _while(chunks: Iterable[Any], has_right: Callable[[], bool]) -> Iterator[Any]:
    look_at = clock.monotonic() + LOOK_S
    try:
        for chunk in chunks:
            if clock.monotonic() >= look_at:
                look_at = clock.monotonic() + LOOK_S
                if not _holds(has_right):
                    return
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()


def _holds(has_right: Callable[[], bool]) -> bool:
    """While Redis is away, nobody loses a right."""
    try:
        with connection.errors_translated():
            return has_right()
    except SystemFault:
        return True
