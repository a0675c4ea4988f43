"""Who asks, and what they may do: every request comes by here first.

A key is sent as `Authorization: Bearer trawl_…` or `X-API-Key`; a person has a session, whose secret is in a cookie. As long as
there is neither a key nor a user, requests from this machine may do everything, and all others are refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, current_app, g, request

import config
import queues
from topics.access import api_keys, opening, quotas, sessions, tokens
from topics.access.roles import Role
from web import cookies, peers
from web.errors import Problem

__all__ = ["Caller", "Role", "caller", "csrf_token", "may_see", "needs", "owner", "public"]

View = TypeVar("View", bound=Callable[..., Any])

#: What stands before a key in `Authorization`: ours, and what clients of other systems write.
SCHEMES = frozenset({"bearer", "token", "apikey", "api-key"})

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Caller:
    """Who sent a request. Without key_id: a person, or anybody on the open loopback server."""

    name: str
    role: Role
    key_id: str = ""
    session_id: str = ""

    @property
    def how(self) -> str:
        """By what the caller is known: `key:<id>`, session or local."""
        return f"key:{self.key_id}" if self.key_id else "session" if self.session_id else "local"

    @property
    def holder(self) -> str:
        """Whose what this caller saves for itself is: `key:<id>`, `user:<name>` or local."""
        return f"user:{self.name}" if self.session_id else self.how


LOCAL = Caller("local", Role.ADMIN)

#: Whoever asks for what is public. It owns nothing: no key has this id.
NOBODY = Caller("nobody", Role.VIEWER, key_id="-")

WITHOUT_KEY = (
    "Send a key: `Authorization: Bearer trawl_…`, or log in at /login. "
    "`python manage.py apikey add NAME --role operator` makes a key."
)

OPEN_ON_LOOPBACK = (
    "Nobody has a key yet, so only this machine may ask, at http://127.0.0.1 or http://localhost and without a proxy. "
    "`python manage.py apikey add NAME --role admin` makes a key, and opens the server to those who have one."
)


def caller() -> Caller:
    """Who sent this request."""
    return g.get("caller", NOBODY)  # type: ignore[no-any-return]


def needs(role: Role) -> Callable[[View], View]:
    """Mark a view: callers below this role are refused. It stands below the route's decorator."""

    def mark(view: View) -> View:
        view.needs = role  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view that needs no key."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def owner() -> str:
    """What is written as owner of what this caller submits: its key, "" for people and the open server."""
    return caller().key_id


def may_see(owner: str) -> bool:
    """Whether this caller may see what belongs to `owner`."""
    who = caller()
    return not who.key_id or who.role is Role.ADMIN or owner == who.key_id


def pages_left() -> tuple[int, int] | None:
    """Pages that are left of the quota of the caller's key this month, and the whole quota; None where there is none."""
    if not caller().key_id:
        return None
    queues.settle_pages(caller().key_id)
    found = quotas.of(caller().key_id)
    return None if found.limit is None or found.left is None else (found.left, found.limit)


def csrf_token() -> str:
    """What a form of this session must send beside the cookie; "" without a session."""
    return sessions.csrf_token(cookies.secret()) if caller().session_id else ""


def uncounted(view: View) -> View:
    """Mark a view that does not count against the rate of a key: its clients take a refusal for the end of what there is."""
    view.is_uncounted = True  # type: ignore[attr-defined]
    return view


def role_for(view: Any, method: str) -> Role:
    """The role that a view needs: what it is marked with, else viewer for reading and operator for the rest."""
    return getattr(view, "needs", None) or (Role.VIEWER if method in SAFE else Role.OPERATOR)


def register(app: Flask) -> None:
    """Every request is admitted first; what its view submits belongs to the caller."""
    app.before_request(admit)
    dispatch = app.dispatch_request

    def owned(*args: Any) -> Any:
        with queues.owned_by("" if caller() is NOBODY else owner()):
            return dispatch(*args)

    app.dispatch_request = owned  # type: ignore[method-assign]


def admit() -> None:
    """Find out who asks, and refuse who may not. Raises Problem 401, 403 and 429."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, "is_public", False):  # what is not there is said to everybody
        g.caller = NOBODY
        return
    g.caller = who = identified()
    wanted = role_for(view, request.method)
    if who.role < wanted:
        raise Problem(403, f"This needs the role {wanted.word}; {who.name} is {who.role.word}.", code="forbidden")


def identified() -> Caller:
    """Who asks. Raises Problem."""
    token = given_token()
    if token is not None:
        return _of_key(token)
    if secret := cookies.secret():
        holder = sessions.holder(secret)
        if holder:
            return Caller(holder.user, holder.role, session_id=holder.session_id)
    return _without_key(WITHOUT_KEY)


def given_token() -> str | None:
    """The key that the request holds, whatever it is; None = none. One of ours needs no scheme before it.

    Programs that know names and passwords alone send it as either of them. Those of a proxy in front of us are no key.
    """
    kind, _, rest = request.headers.get("Authorization", "").strip().partition(" ")
    if kind.lower() == "basic" and (found := request.authorization):
        parts = (found.username, found.password)
        return next((one for one in parts if one and tokens.parse(one)), None) or request.headers.get("X-API-Key") or None
    if kind.lower() in SCHEMES and rest.strip():
        return rest.strip()
    if not rest and tokens.parse(kind):
        return kind
    return request.headers.get("X-API-Key") or None


def _of_key(text: str) -> Caller:
    token = tokens.parse(text)
    if token is None or not api_keys.is_recent(token):
        peers.refuse_noisy()
    key, is_open = api_keys.look(token) if token else (None, False)
    if key is None or not is_open:
        g.refused_key = key
        return _without_key("This is no valid key: it is unknown, expired or revoked. `python manage.py apikey list` shows all.")
    _limit(key)
    return Caller(key.name, key.role, key_id=key.id)


def _limit(key: api_keys.Key) -> None:
    """Count the request; its reply says how many are left. Raises Problem 429."""
    most = config.settings().key_rate if key.rate is None else key.rate
    if not most or getattr(current_app.view_functions.get(request.endpoint or ""), "is_uncounted", False):
        return
    rate = peers.count(f"key:{key.id}", most)
    left, reset_s = rate.left, -(-rate.reset_ms // 1000)
    g.rate_headers = {"RateLimit-Limit": str(most), "RateLimit-Remaining": str(left), "RateLimit-Reset": str(reset_s)}
    if not rate.is_allowed:
        raise peers.too_many(f"The key {key.name} may ask {most:,} times a minute.", rate.retry_ms)


def _without_key(says: str) -> Caller:
    """The caller of an open server; from others nothing is taken without a key. Raises Problem 401, 403, 429."""
    if not opening.has_callers():
        if peers.is_local():
            return LOCAL
        raise Problem(403, OPEN_ON_LOOPBACK, code="forbidden")
    peers.count_failure()
    if _is_browser():
        raise Problem(303, says, headers={"Location": f"{request.script_root}/login?next={quote(request.path, safe='/')}"})
    raise Problem(401, says, headers={"WWW-Authenticate": "Bearer"}, code="unauthorized")


def _is_browser() -> bool:
    """Whether a person looks for a page: the login page is the better answer."""
    wants = request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json")
    return request.method == "GET" and wants == "text/html" and given_token() is None
