"""Cookies within one request: a page that sets a cookie and sends on expects it back. None outlives the request.

Only a jar of the caller's keeps them over several requests: that is a session, and the caller forgets it.
"""

from collections.abc import Mapping
from email.message import Message
from http import cookiejar
from typing import Any, cast
from urllib import request as urllib_request


class Jar:
    """The cookies of the redirects of one request, or of a session."""

    def __init__(self) -> None:
        self._jar: cookiejar.CookieJar | None = None

    def keep(self, url: str, headers: Mapping[str, str]) -> None:
        """Remember what an answer of `url` sets."""
        if "set-cookie" not in headers:
            return
        message = Message()
        for line in headers["set-cookie"].split("\n"):
            message["Set-Cookie"] = line
        self._jar = self._jar or cookiejar.CookieJar(cookiejar.DefaultCookiePolicy(netscape=True, hide_cookie2=True))
        self._jar.extract_cookies(cast(Any, _Info(message)), urllib_request.Request(url))

    def each(self) -> list[dict[str, Any]]:
        """The cookies as a browser takes them."""
        return [
            {
                **{"name": one.name, "value": one.value or "", "domain": one.domain, "path": one.path},
                "secure": one.secure,
                "httpOnly": True,  # nothing here says whether scripts may read it
            }
            for one in self._jar or ()
        ]

    def header(self, url: str) -> str | None:
        """The header `Cookie` for a request to `url`; None if no cookie is for it."""
        if self._jar is None:
            return None
        asked = urllib_request.Request(url)
        self._jar.add_cookie_header(asked)
        return asked.get_header("Cookie")


class _Info:
    def __init__(self, message: Message) -> None:
        self._message = message

    def info(self) -> Message:
        return self._message
