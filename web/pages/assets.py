"""Files for browsers: our style sheet and script, and two vendored libraries. An address holds the hash of its content.

They are sent packed, once a year to each browser. Pages themselves are not packed: their length would tell, letter by letter,
the token of a form beside a text that another site chose (BREACH).
"""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

from web import access
from web.errors import Problem

FOLDER = Path(__file__).parent.parent / "static"

#: Files that others wrote: their release and SHA-256, as published on npm. Both are MIT or 0BSD.
VENDORED = {
    "htmx.min.js": ("htmx 4.0.1", "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"),
    "uplot.min.js": ("uPlot 1.6.32", "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"),
    "uplot.min.css": ("uPlot 1.6.32", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
}

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

#: The content of an address never changes: browsers keep it for a year.
FOREVER = "public, max-age=31536000, immutable"


def register(app: Flask) -> None:
    """The route of all files."""
    app.add_url_rule("/static/<digest>/<name>", "asset", asset)


@access.public
def asset(digest: str, name: str) -> Response:
    """One file; an address of another release is gone."""
    if name not in _names() or digest != digest_of(name):
        raise Problem(404, "There is no such file: reload the page.")
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if not request.accept_encodings["gzip"]:
        return Response(_body(name), mimetype=TYPES[Path(name).suffix], headers=headers)
    return Response(_packed(name), mimetype=TYPES[Path(name).suffix], headers={**headers, "Content-Encoding": "gzip"})


def url(name: str) -> str:
    """The address of a file."""
    return f"{request.script_root}/static/{digest_of(name)}/{name}"


@cache
def digest_of(name: str) -> str:
    """The first characters of its SHA-256."""
    return hashlib.sha256(_body(name)).hexdigest()[:12]


@cache
def _body(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_body(name), 9, mtime=0)


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in TYPES)
