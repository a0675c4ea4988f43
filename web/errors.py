"""Errors as replies: `application/problem+json` (RFC 9457) that names the field and the remedy.

A room with an error shape of its own puts a writer in `writers`, under the prefix of its paths.
"""

import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, NoReturn

from flask import Flask, Response, current_app, json, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

import clock
import errors
import logs
from state.store import connection
from web import forms_of, limits, remedies

log = logging.getLogger("trawl.web")

#: What the rooms with other error shapes write: prefix of a path → function(status, detail, fields, code) → reply.
writers: dict[str, Callable[[int, str, "Sequence[Field]", str], Response]] = {}

#: What writes a problem for people (web/pages/problems.py): None for a request of a program's.
page: "Callable[[Problem], Response | None] | None" = None

#: The same for what the server refuses before the application sees it: (status, detail) → status and body.
outside: dict[str, Callable[[int, str], tuple[int, dict[str, Any]]]] = {}

#: The first class that fits decides.
STATUSES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.NotFound, 404),
    (errors.AlreadyExists, 409),
    (errors.Conflict, 409),
    (errors.WrongState, 409),
    (errors.NotAllowed, 403),
    (errors.DataError, 422),
    (errors.BudgetError, 402),
    (errors.NotNow, 503),
    (errors.ConfigError, 503),
    (errors.StoreUnreachable, 503),
    (errors.UnsafeStore, 503),
    (errors.NetworkError, 502),
)

#: Replies that most routes can give, for `responses=` of a route.
RESPONSES: dict[Any, Any] = {
    status: {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemModel"}}}}
    for status in (400, 401, 403, 404, 409, 422, 429, 503)
}


#: Fields that an error names at most, and characters of a text in it.
MOST_FIELDS, SHORT = 20, 500


@dataclass(frozen=True, slots=True)
class Field:
    """What is wrong with one field of a request (`config.max_pages`), and what would be right."""

    field: str
    message: str
    remedy: str = ""


class Problem(Exception):
    """A reply that is an error. `extra` are more members of its body; `code` among them is its name for other error shapes.

    `says` is what people read: the same as `detail`, but with commands where that has routes.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        title: str = "",
        fields: Sequence[Field] = (),
        headers: Mapping[str, str] = {},
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.title = status, detail, title or HTTPStatus(status).phrase
        self.fields, self.headers, self.extra, self.says = tuple(fields), dict(headers), extra, detail


def problem(found: Problem) -> Response:
    """The reply of a problem, in the shape that the path of the request asks for."""
    prefix = next((prefix for prefix in writers if request.path.startswith(prefix)), None)
    if prefix is not None:
        code = str(found.extra.get("code") or re.sub(r"\W+", "_", HTTPStatus(found.status).phrase.lower()))
        reply = writers[prefix](found.status, found.detail, found.fields, code)
    elif page is not None and (written := page(found)) is not None:
        reply = written
    else:
        body = {"type": "about:blank", "title": found.title, "status": found.status, "detail": found.detail}
        fields = [{name: text for name, text in asdict(field).items() if text or name != "remedy"} for field in found.fields]
        reply = Response(json.dumps({**body, "errors": fields, **found.extra}), found.status, mimetype="application/problem+json")
    reply.headers.update(found.headers)
    return reply


def status_of(exc: BaseException) -> int:
    """The HTTP status that an error of ours means; 500 for what nobody expected."""
    return next((status for cls, status in STATUSES if isinstance(exc, cls)), 500)


def of(exc: errors.TrawlError) -> Problem:
    """An error of ours as a problem."""
    status = status_of(exc)
    if status == 500:
        return unexpected(exc)
    headers = {}
    if isinstance(exc, errors.NotNow):
        headers["Retry-After"] = str(max(1, round((exc.until - clock.now()).total_seconds())))
    elif status == 503 and exc.retryable:
        headers["Retry-After"] = str(exc.retry_after_s)
    extra: dict[str, Any] = {"allowed": list(exc.allowed)} if isinstance(exc, errors.WrongState) and exc.allowed else {}
    says = logs.without_secrets(str(exc))
    detail, field = remedies.for_the_api(says)
    fields = [Field(field, detail.removeprefix(field).strip())] if field else []
    found = Problem(status, detail, headers=headers, fields=fields, code=_code(exc), **extra)
    found.says = says
    return found


def _code(exc: Exception) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(exc).__name__).lower()


def unexpected(exc: BaseException) -> Problem:
    """What nobody expected: the log has it all under an id, the client learns only the id."""
    number = secrets.token_hex(4)
    log.error("a request failed", exc_info=exc, extra={"error_id": number, "method": request.method, "path": request.path})
    return Problem(500, f"The server failed; its log says why under error_id {number}.", error_id=number)


def refuse_fields(exc: ValidationError, below: str = "") -> NoReturn:
    """Raise what pydantic refused, as a problem with each field. `below`: the field in which they stand."""
    above, all_of_it = (below,) if below else (), forms_of.told(exc.errors(include_url=False, include_input=False))
    found = [Field(_short(".".join((*above, *each.path))), _short(_said(each.message))) for each in all_of_it[:MOST_FIELDS]]
    first = f"{found[0].field}: {found[0].message}" if found[0].field else found[0].message
    more = f" ({len(all_of_it) - 1} more)" if len(all_of_it) > 1 else ""
    raise Problem(422, f"{first}{more}", fields=found, code="invalid")


def _short(text: str) -> str:
    """A text of the caller's is not sent back whole, whatever its length."""
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _said(message: str) -> str:
    said = message.removeprefix("Value error, ")
    return said if said.startswith("is ") else said[:1].lower() + said[1:]


def register(app: Flask) -> None:
    """Every error of a request becomes a reply here."""
    app.register_error_handler(Exception, handle)


def handle(exc: Exception) -> Any:
    """The reply for whatever a route raised."""
    if isinstance(exc, Problem):
        return problem(exc)
    if isinstance(exc, HTTPException):
        return _of_http(exc)
    translated = _translated(exc)
    return problem(of(translated) if isinstance(translated, errors.TrawlError) else unexpected(exc))


def _of_http(exc: HTTPException) -> Any:
    if exc.response is not None or exc.code is None or exc.code < 400:  # an abort with a reply of its own; a redirect
        return exc
    headers = {name: value for name, value in exc.get_headers() if name in ("Allow", "Retry-After", "WWW-Authenticate")}
    is_longer = exc.code == 404 and request.path.endswith("/") and _is_route(request.path.rstrip("/"))
    detail = LONGER if is_longer else detail_of(exc.code, request.path, exc.description or "")
    return problem(Problem(exc.code, detail, headers=headers))


def detail_of(status: int, path: str, otherwise: str) -> str:
    """What a caller is told where nothing but the status is known; `otherwise` where we have no words of our own."""
    return limits.too_large(path) if status == 413 else DETAILS.get(status, otherwise)


def _is_route(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return bool(path) and adapter is not None and adapter.test(path, request.method)


DETAILS = {
    404: "There is nothing at this address; /openapi.json lists what there is.",
    405: "This address does not take this method; the Allow header names those it takes.",
}
LONGER = "There is nothing at this address: leave out the / at its end."


def _translated(exc: Exception) -> Exception:
    """An error of Redis as one of ours."""
    try:
        with connection.errors_translated():
            raise exc
    except Exception as translated:
        return translated
