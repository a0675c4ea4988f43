"""The cookie of a session. On https it is bound to this host; on plain http only this machine gets one."""

from flask import Response, request

import config

SECURE, PLAIN = "__Host-trawl", "trawl"


def is_https() -> bool:
    """Whether browsers reach us by https: the request came so, or PUBLIC_URL says it."""
    return request.is_secure or (config.settings().public_url or "").startswith("https:")


def secret() -> str:
    """The secret of the session that the browser sent; "" = none."""
    return request.cookies.get(SECURE if is_https() else PLAIN, "")


def give(reply: Response, value: str) -> Response:
    """Have the browser keep the secret of a session, out of reach of scripts and of other sites' forms."""
    name = SECURE if is_https() else PLAIN
    reply.set_cookie(name, value, path="/", secure=is_https(), httponly=True, samesite="Lax")
    return reply


def take_back(reply: Response) -> Response:
    """Have the browser forget it."""
    name = SECURE if is_https() else PLAIN
    reply.delete_cookie(name, path="/", secure=is_https(), httponly=True, samesite="Lax")
    return reply
