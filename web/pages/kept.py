"""The last good rendering of pages, for the minutes in which Redis is away. Bounded, short, and for the same viewer only.

A rendering is found by the secret of the session or key that asked for it. Every few seconds the rights behind what is kept are
looked up again, and at once after a change in this process: what a revoked key, an ended session or a removed person has seen is
forgotten while Redis still answers.
"""

import hashlib
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, Response, g, request

import clock
from errors import SystemFault
from state.store import connection
from topics.access import sessions
from web import access, cookies, lasting, peers

#: Bytes of one page, of all of them packed, and how long a page is kept.
MOST_OF_ONE, MOST, LIFE = 1_000_000, 4_000_000, timedelta(minutes=10)

#: Seconds between two looks at the rights.
LOOK_S = 5.0

#: Where the layout has room for a banner.
BANNER = '<div id="banner" class="banner" role="status" hidden></div>'


@dataclass(frozen=True, slots=True)
class Rendering:
    """A page as it was sent. `has_right`: whether its viewer may still ask."""

    packed: bytes
    at: datetime
    has_right: Callable[[], bool]


Key = tuple[str, str]

_guard = threading.Lock()
_pages: OrderedDict[Key, Rendering] = OrderedDict()
_changed = threading.Event()
_watcher: threading.Thread | None = None


def register(app: Flask) -> None:
    """Look at every reply."""
    app.after_request(keep)


def keep(reply: Response) -> Response:
    """Remember a page that was read; whoever changes something has the rights looked up."""
    if request.method not in access.SAFE:
        if request.endpoint in ("login", "logout"):
            forget(_viewer())
        _changed.set()
    elif _is_worth_it(reply):
        text = reply.get_data()
        if len(text) <= MOST_OF_ONE:
            _put((_viewer(), request.full_path), Rendering(zlib.compress(text, 1), clock.now(), _right_of(access.caller())))
    return reply


def find() -> tuple[datetime, str] | None:
    """The last good rendering of what is asked for, with its time; None where there is none for this viewer."""
    with _guard:
        found = _pages.get((_viewer(), request.full_path)) if _viewer() else None
    if found is None or clock.now() - found.at > LIFE:
        return None
    return found.at, zlib.decompress(found.packed).decode()


def forget(viewer: str = "") -> None:
    """Forget what a viewer saw; without one, everything."""
    with _guard:
        for key in [key for key in _pages if not viewer or key[0] == viewer]:
            del _pages[key]


def check() -> None:
    """Forget what is old, and what was shown to those who may no longer ask. While Redis is away, nobody loses a right."""
    with _guard:
        for key in [key for key, one in _pages.items() if clock.now() - one.at > LIFE]:
            del _pages[key]
        viewers = {viewer: one.has_right for (viewer, _), one in _pages.items()}
    for viewer, has_right in viewers.items():
        try:
            with connection.errors_translated():
                if not has_right():
                    forget(viewer)
        except SystemFault:
            continue


def _is_worth_it(reply: Response) -> bool:
    """A page of ours, whole, and without a message that is shown once."""
    is_page = request.method == "GET" and reply.status_code == 200 and reply.mimetype == "text/html" and not reply.is_streamed
    return is_page and "shown" in g and not g.get("said") and access.caller() is not access.NOBODY


def _viewer() -> str:
    """Who asks, by the secret that the request holds; on the open server, this machine. "" = nobody."""
    secret = access.given_token() or cookies.secret()
    if secret:
        return hashlib.sha256(secret.encode()).hexdigest()
    return "local" if peers.is_local() else ""


def _right_of(who: access.Caller) -> Callable[[], bool]:
    """Tells, at any later time, whether this caller may still see as much: who has another role by then may not."""
    has_right, secret = lasting.right_of(who), cookies.secret()
    if not who.session_id:
        return has_right
    return lambda: has_right() and (holder := sessions.holder(secret)) is not None and holder.role >= who.role


def _put(key: Key, page: Rendering) -> None:
    global _watcher
    with _guard:
        _pages.pop(key, None)
        _pages[key] = page
        while sum(len(one.packed) for one in _pages.values()) > MOST:
            _pages.popitem(last=False)
        if _watcher is None or not _watcher.is_alive():
            _watcher = threading.Thread(target=_watch, name="kept pages", daemon=True)
            _watcher.start()


def _watch() -> None:
    """Check until nothing is kept."""
    while True:
        _changed.wait(LOOK_S)
        _changed.clear()
        check()
        with _guard:
            if not _pages:
                return
