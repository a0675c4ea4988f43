"""Flask's application without what no view of ours needs: coroutines, cookies of its own, headers that are set twice.

What is left out here is left out of every request.
"""

import functools
import inspect
import json
import re
from collections.abc import Callable
from typing import Any

import flask
from flask.json.provider import DefaultJSONProvider
from flask.sessions import NullSession, SessionInterface
from flask_openapi3.openapi import OpenAPI
from werkzeug.datastructures import Headers

#: An address that needs no further escapes to stand in a header.
PLAIN = re.compile(r"[A-Za-z0-9:/._~%?&=@\[\]-]+")


class Reply(flask.Response):
    """A reply of ours. `more`: headers that are sent beside the others, checked before."""

    more: tuple[tuple[str, str], ...] = ()

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """As werkzeug's, which copies them; most replies need no change."""
        status = self.status_code
        is_whole = (200 <= status < 204 or status >= 400) and self.is_sequence and "Content-Length" in self.headers
        if is_whole and "Content-Location" not in self.headers and _is_plain(self.headers.get("Location")):
            return self.headers
        return super().get_wsgi_headers(environ)

    def get_wsgi_response(self, environ: Any) -> Any:
        """As werkzeug's."""
        body, status, headers = super().get_wsgi_response(environ)
        return body, status, [*headers, *self.more]


def _is_plain(location: str | None) -> bool:
    return location is None or ("://" in location and PLAIN.fullmatch(location) is not None)


class Json(DefaultJSONProvider):
    """JSON of replies, by a writer that is made once."""

    sort_keys = False

    @functools.cached_property
    def _write(self) -> Callable[[Any], str]:
        return json.JSONEncoder(default=self.default, ensure_ascii=self.ensure_ascii, separators=(",", ":")).encode

    def response(self, *args: Any, **kwargs: Any) -> flask.Response:
        """As Flask's, always on one line."""
        text = self._write(self._prepare_response_obj(args, kwargs))
        return Reply(f"{text}\n", mimetype=self.mimetype)


class NoSessions(SessionInterface):
    """People's sessions are ours (topics/access/sessions.py): Flask keeps none."""

    _none = NullSession()

    def open_session(self, app: flask.Flask, request: flask.Request) -> NullSession:
        """The one that is empty and takes nothing."""
        return self._none

    def save_session(self, app: flask.Flask, session: Any, response: flask.Response) -> None:
        """There is nothing to save."""


class App(OpenAPI):
    """The application."""

    response_class = Reply
    json_provider_class = Json
    session_interface = NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself. Raises TypeError for a coroutine, which we have none of."""
        return _plain(func)


@functools.cache
def _plain(func: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(func):
        raise TypeError(f"{func!r} is a coroutine; views and hooks are plain functions")
    return func
