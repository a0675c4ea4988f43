"""A file that a request brings, as its body or as the one file of a form: bounded, and only a few at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple, cast

from flask import request

from web import budget, limits
from web.errors import Field, Problem

#: Uploads are held in memory: a sixteenth of the threads may do that at a time.
HANDS = budget.Share(1 / 16, "places of requests that bring a file are taken")

FORM = "multipart/form-data"

JSON = "application/json"

#: What is no file unless a route says so.
REFUSED = (JSON, "application/x-www-form-urlencoded")


class Upload(NamedTuple):
    """A file, and what its sender calls it."""

    body: bytes
    name: str


@contextmanager
def taken(default_name: str, *, may_be_json: bool = False) -> Iterator[Upload]:
    """The file of this request. Raises Problem: 413 where it is larger than WEB_MAX_UPLOAD_MB, 415 and 422 for none."""
    most = limits.upload_bytes(request.path)
    request.max_content_length = most
    if (request.content_length or 0) > most:
        raise Problem(413, f"The file is larger than {most >> 20} MiB: send it in parts, or raise WEB_MAX_UPLOAD_MB.")
    HANDS.take()
    try:
        yield _of_form() if request.mimetype == FORM else _of_body(default_name, may_be_json)
    finally:
        HANDS.give_back()


@contextmanager
def stream() -> Iterator[BinaryIO]:
    """The body of this request, or the one file of its form, to be read as it is needed: nothing holds it whole.

    Raises Problem: 413 where it is too large for its path, 415 for what is no file.
    """
    most = limits.upload_bytes(request.path)
    if (request.content_length or 0) > most:
        raise Problem(413, limits.too_large(request.path))
    if request.mimetype == "application/x-www-form-urlencoded":
        raise Problem(415, f"{request.mimetype} is no file: send it as application/x-ndjson or application/gzip.")
    HANDS.take()
    try:
        yield _file().stream if request.mimetype == FORM else cast(BinaryIO, request.stream)
    finally:
        HANDS.give_back()


def _file() -> Any:
    """The one file of a form."""
    files = request.files.getlist("file")
    if len(files) != 1 or len(request.files) != 1:
        fields = [Field("file", "must be there once")]
        raise Problem(422, "The form must bring one file, as the field `file`: curl -F file=@keywords.csv", fields=fields)
    return files[0]


def _of_form() -> Upload:
    file = _file()
    return _checked(file.read(), file.filename or "")


def _of_body(name: str, may_be_json: bool) -> Upload:
    if request.mimetype in REFUSED and not (may_be_json and request.mimetype == JSON):
        detail = f"{request.mimetype} is no file: send it as text/csv, text/plain, application/octet-stream or {FORM}."
        raise Problem(415, detail)
    return _checked(request.get_data(cache=False), name)


def _checked(body: bytes, name: str) -> Upload:
    if not body:
        raise Problem(422, "The file is empty.", fields=[Field("file", "is empty")])
    return Upload(body, name)
