"""From where a request comes: whether from this machine, and whether its address asked too often without a key."""

import re

from flask import request

import clock
import config
from errors import UnsafeStore
from state.access import rates
from state.store import connection
from topics.access import logins
from web.errors import Problem

LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)

#: Headers by which a proxy shows itself.
OF_PROXIES = (
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server", "X-Real-IP", "Forwarded", "Via"),
    *("X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP"),
)

#: Addresses that asked too often → until when (monotonic s).
_noisy: dict[str, float] = {}


def address() -> str:
    """The address of the caller, as far as the proxies in front may say it (TRUSTED_PROXIES)."""
    return request.remote_addr or "unknown"


def is_local() -> bool:
    """Whether a program of this machine asks for itself: no proxy, and under a name that no other site's page can have.

    The name in the Host header matters: a page of evil.example may have its name lead to 127.0.0.1 (DNS rebinding).
    """
    environ = request.environ
    peer = environ.get("werkzeug.proxy_fix.orig", environ).get("REMOTE_ADDR") or ""
    host = environ.get("werkzeug.proxy_fix.orig", environ).get("HTTP_HOST") or ""
    is_loopback = peer == "::1" or peer.startswith(("127.", "::ffff:127."))
    return (
        is_loopback and LOOPBACK_HOST.fullmatch(host) is not None and not any(header in request.headers for header in OF_PROXIES)
    )


def forget() -> None:
    """For tests: as at the start."""
    _noisy.clear()


def too_many(says: str, retry_ms: int) -> Problem:
    """The reply to who asks too often."""
    seconds = max(1, -(-retry_ms // 1000))
    return Problem(429, f"{says} Try again in {seconds} s.", headers={"Retry-After": str(seconds)}, code="rate_limited")


def refuse_noisy() -> None:
    """Refuse an address that asked too often without a key, without asking Redis. Raises Problem 429."""
    scope = logins.scope_of(address())
    left_s = _noisy.get(scope, 0.0) - clock.monotonic()
    if left_s > 0:
        raise _refusal(round(left_s * 1000))


def count_failure() -> None:
    """Count a request without a valid key for its address. Raises Problem 429 where it is one too many."""
    most, scope = config.settings().address_rate, logins.scope_of(address())
    if not most:
        return
    refuse_noisy()
    rate = rates.count(f"address:{scope}", most)
    if not rate.is_allowed:
        if len(_noisy) > 10_000:
            _noisy.clear()
        _noisy[scope] = clock.monotonic() + rate.retry_ms / 1000
        raise _refusal(rate.retry_ms)


def count(scope: str, most: int) -> rates.Rate:
    """Count a request of a scope: `most` a minute.

    A Redis that is full counts nothing. Who only reads is let through then: it is the hour in which people look.
    """
    try:
        with connection.errors_translated():
            return rates.count(scope, most)
    except UnsafeStore:
        if request.method not in ("GET", "HEAD"):
            raise
        return rates.Rate(True, most, 0, 0)


def count_public(what: str, most: int, of: str = "") -> None:
    """Count a look at what needs no key: `most` a minute, 0 = no limit. `of`: who looks, else its address. Raises Problem 429."""
    if not most:
        return
    rate = count(f"{what}:{of or logins.scope_of(address())}", most)
    if not rate.is_allowed:
        raise too_many(
            "Too many requests came by this link." if of else "Too many requests came from this address.", rate.retry_ms
        )


def _refusal(retry_ms: int) -> Problem:
    return too_many("Too many requests without a valid key came from this address.", retry_ms)
