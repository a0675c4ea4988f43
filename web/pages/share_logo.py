"""The picture of who runs this server, on the pages of share links: SHARE_LOGO.

The file is read anew once it changed. What it is its first bytes say. One that cannot be shown is left out, and the log says why.
"""

import hashlib
import logging
import threading
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Response, request

import config
from web import access
from web.errors import Problem
from web.pages import assets

log = logging.getLogger("trawl.web")

#: First bytes → what such a file is.
KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"<svg", "image/svg+xml"),
    (b"<?xml", "image/svg+xml"),
)
WEBP = (b"RIFF", b"WEBP")

#: A larger picture is none for the head of a page.
MOST_BYTES = 256 * 1024

#: A picture is no page: opened by itself, it may do nothing.
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class Logo(NamedTuple):
    """The picture. `digest` is in its address, so that browsers may keep it."""

    digest: str
    kind: str
    body: bytes


_guard = threading.Lock()
_read: dict[tuple[Path, int, int], Logo | None] = {}


def register(app: Flask) -> None:
    """The route of the picture."""
    app.add_url_rule("/share-logo/<digest>", "share_logo", share_logo)


@access.public
def share_logo(digest: str) -> Response:
    """The picture; an address of a former one is gone."""
    logo = current()
    if logo is None or logo.digest != digest:
        raise Problem(404, "There is no such picture.")
    reply = Response(logo.body, mimetype=logo.kind)
    reply.headers.update({"Cache-Control": assets.FOREVER, "Content-Security-Policy": ALONE})
    return reply


def address() -> str:
    """Where the picture is; "" where there is none."""
    logo = current()
    return f"{request.script_root}/share-logo/{logo.digest}" if logo else ""


def current() -> Logo | None:
    """The picture of SHARE_LOGO; None where none is set, or none can be shown."""
    path = config.settings().share_logo
    if path is None:
        return None
    try:
        found = path.stat()
        state = (path, found.st_mtime_ns, found.st_size)
    except OSError:
        state = (path, 0, 0)
    with _guard:
        if state not in _read:
            _read.clear()
            _read[state] = _of(path)
        return _read[state]


def _of(path: Path) -> Logo | None:
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as exc:
        log.warning("SHARE_LOGO=%s is not shown: %s", path, exc.strerror)
        return None
    kind = kind_of(body)
    if not kind or len(body) > MOST_BYTES:
        why = f"it has more than {MOST_BYTES // 1024} KB" if kind else "it is no PNG, JPEG, GIF, WebP or SVG"
        log.warning("SHARE_LOGO=%s is not shown: %s", path, why)
        return None
    return Logo(hashlib.sha256(body).hexdigest()[:16], kind, body)


def kind_of(body: bytes) -> str:
    """The type of a picture; "" for what is none.

    >>> kind_of(b"GIF89a..."), kind_of(b"<html>")
    ('image/gif', '')
    """
    if (body[:4], body[8:12]) == WEBP:
        return "image/webp"
    start = body[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for begins, kind in KINDS if start.startswith(begins)), "")
