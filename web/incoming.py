"""A request of ours: JSON is read strictly, and what is wrong with it is said."""

import json
import re
from typing import Any, NoReturn

import flask

from web import errors, limits

#: How deep arrays and objects may stand in each other.
MAX_DEPTH = 32

#: Paths that take a form in place of JSON, as `curl -d url=…` sends it.
FORMS = frozenset({"/r"})
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Request(flask.Request):
    """As Flask's. `get_json` raises a Problem where Flask would give None or a bare 400. No body at all is an empty object."""

    _read = False
    _value: Any = None

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The JSON of the body. Raises Problem: 415 for another content type, 400 for no JSON, 422 for what we do not take."""
        if not self._read:
            if not self.mimetype and not self.get_data():
                self._value, self._read = {}, True
                return self._value
            if self.mimetype in FORM_TYPES and self.path.rstrip("/") in FORMS:
                self._value, self._read = self.form.to_dict(), True
                _check_texts(self._value, "")
                return self._value
            if not force and not self.is_json:
                given = self.mimetype or "none"
                raise errors.Problem(415, f"The body must be JSON: set Content-Type: application/json (it is {given}).")
            if self.content_encoding not in (None, "", "identity"):
                raise errors.Problem(415, f"The body must not be packed: Content-Encoding is {self.content_encoding}.")
            self._value, self._read = read(self.get_data(cache=cache)), True
        return self._value


def register(app: flask.Flask) -> None:
    """Texts of the address are held to the same rules as those of a body. Some paths take a file."""
    app.before_request(check_address)


def check_address() -> None:
    """Raise Problem for an address with NUL: 404 in its path, 422 in its query.

    A request to a path that takes a file may be as large as one, before anybody reads its form.
    """
    path, query = flask.request.path, flask.request.query_string
    if "\0" in path:
        raise errors.Problem(404, "There is nothing at this address: it holds a NUL character.")
    if path in limits.UPLOADS:
        flask.request.max_content_length = limits.upload_bytes(path)
    if query and (b"%00" in query or b"\0" in query):
        for name, value in flask.request.args.items(multi=True):
            check_text(name, "query")
            check_text(value, name)


def read(data: bytes) -> Any:
    """JSON as a value. Refused: NaN and Infinity, a name twice, more depth than MAX_DEPTH, NUL and lone surrogates in texts."""
    try:
        value = _decode(data.decode("utf-8-sig"))
    except errors.Problem:
        raise
    except RecursionError:
        _refuse_depth()
    except ValueError as exc:
        raise errors.Problem(400, f"The body is no JSON: {exc}.", code="bad_json") from None
    if isinstance(value, str):  # flask-openapi3 would read the text as JSON once more
        raise errors.Problem(422, "The body must be a JSON object, not a string.", code="invalid")
    _check_depth(value)
    if b"\\u" in data:  # nothing else can write half a pair, or a NUL that JSON takes
        _check_texts(value, "")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise errors.Problem(400, f"The body is no JSON: {name} is not a number that JSON knows.", code="bad_json")


def _refuse_depth() -> NoReturn:
    raise errors.Problem(422, f"The body is nested deeper than {MAX_DEPTH} levels.", code="invalid")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise errors.Problem(
            400, f"The body names {name!r} twice.", fields=[errors.Field(name, "is there twice")], code="bad_json"
        )
    return found


_decode = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object).decode


def _check_depth(value: Any) -> None:
    """Raise Problem for too many arrays and objects in each other."""
    level, depth = [value], 0
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        if depth > MAX_DEPTH:
            _refuse_depth()
        level = [child for one in level for child in (one.values() if isinstance(one, dict) else one)]


def _check_texts(value: Any, path: str) -> None:
    """Raise Problem for a text that cannot be stored."""
    if isinstance(value, str):
        check_text(value, path)
    elif isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str):
                check_text(key, path)
            _check_texts(each, f"{path}.{key}" if path else str(key))


def check_text(text: str, field: str) -> None:
    """Raise Problem 422 for a text with NUL or half a surrogate pair: no store and no page can hold it."""
    if "\0" in text:
        raise errors.Problem(422, f"{field or 'The body'} holds a NUL character.", fields=[errors.Field(field, "holds a NUL")])
    if not text.isascii() and _LONE_SURROGATE.search(text):
        message = "holds half of a surrogate pair"
        raise errors.Problem(422, f"{field or 'The body'} {message}.", fields=[errors.Field(field, message)])
