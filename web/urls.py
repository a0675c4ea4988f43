"""Addresses of our own routes as others see them."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import get_current_url

import config

#: A path of ours, and nothing that a browser reads as another site.
OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def is_ours(path: str) -> bool:
    """Whether a path that somebody else wrote leads to a page of this site.

    >>> is_ours("/jobs?status=failed"), is_ours("//evil.example/"), is_ours("https://evil.example/")
    (True, False, False)
    """
    return OURS.fullmatch(path) is not None


def external(path: str) -> str:
    """The absolute URL of a path of ours (`/api/v1/jobs/x`): below PUBLIC_URL, else where the request was sent."""
    return f"{_base()}/{path.lstrip('/')}"


def external_all(paths: Mapping[str, str]) -> dict[str, str]:
    """The same of several paths, by their names."""
    base = _base()
    return {name: f"{base}/{path.lstrip('/')}" for name, path in paths.items()}


def _base() -> str:
    base: str | None = g.get("base_url")
    if base is None:
        asked = request._get_current_object()  # type: ignore[attr-defined]  # each use of the proxy looks it up
        base = (config.settings().public_url or _root(asked.scheme, asked.host, asked.root_path)).rstrip("/")
        g.base_url = base
    return base


@lru_cache(256)
def _root(scheme: str, host: str, path: str) -> str:
    """As `request.url_root`, which is worked out anew for each request."""
    return get_current_url(scheme, host, path)


def origin() -> str:
    """Scheme and host by which browsers know us, as they write it into Origin: `https://trawl.example`."""
    public = config.settings().public_url
    if public:
        parts = urlsplit(public)
        return f"{parts.scheme}://{parts.netloc}"
    return request.host_url.rstrip("/")


def trust_proxies(app: Flask) -> None:
    """Believe the X-Forwarded headers of as many proxies as TRUSTED_PROXIES says, and of no more; and stand below PUBLIC_URL."""
    below = urlsplit(config.settings().public_url or "").path.rstrip("/")
    if below:
        app.wsgi_app = _Below(app, below)  # type: ignore[method-assign]
    count = config.settings().trusted_proxies
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count)  # type: ignore[method-assign]


class _Below:
    """Puts all links below the path of PUBLIC_URL, and takes it off the paths of a proxy that hands it on."""

    def __init__(self, app: Flask, below: str) -> None:
        self._app, self._answer, self._below = app, app.wsgi_app, below

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path == self._below or (path.startswith(f"{self._below}/") and not self._is_route(path)):
            environ["PATH_INFO"] = path[len(self._below) :] or "/"
        environ["SCRIPT_NAME"] = self._below
        return self._answer(environ, start_response)

    def _is_route(self, path: str) -> bool:
        """Whether there is something at this path as it is: `/api/v1/jobs`, where PUBLIC_URL ends with `/api`."""
        return bool(self._app.url_map.bind("localhost").allowed_methods(path))
