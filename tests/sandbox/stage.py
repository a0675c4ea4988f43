"""What the sandbox's tests share: a running sandbox with a client, and its world without a server."""

import contextlib
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from pydantic import SecretStr

import models
from clients.serp import scrapedo, scrapedo_plugin
from sandbox import page_requests, server, source


@contextlib.contextmanager
def running(**settings: object) -> Iterator[tuple[server.Sandbox, scrapedo.ScrapeDo]]:
    """A sandbox with these knobs and a client of it."""
    with server.Sandbox(**settings) as sandbox:
        provider = scrapedo.ScrapeDo(sandbox.url, SecretStr("sandbox"), timeout_s=30)
        try:
            yield sandbox, provider
        finally:
            provider.api.close()


def plugin_body(sandbox: server.Sandbox, text: str, *, start: int = 0) -> bytes:
    """One page by the plugin."""
    plugin = scrapedo_plugin.ScrapeDoPlugin(sandbox.url, SecretStr("sandbox"), timeout_s=30)
    try:
        return plugin.page(models.SerpQuery(text), start=start).body
    finally:
        plugin.api.close()


def invented(**settings: object) -> source.Invented:
    """The invented world by itself."""
    return source.Invented(**{"seed": 0, "domains": ("example.com",), "no_results": 0.0, **settings})  # type: ignore[arg-type]


def asked(text: str, start: int = 0, **query: str) -> page_requests.PageRequest:
    """One question to it."""
    return page_requests.PageRequest(models.SerpQuery(text, **query), start, "https://www.google.com/search")


def target(path: str = "/", token: str = "t", **search: str) -> str:
    """The target of a request for a Google page."""
    url = "https://www.google.com/search?" + urlencode(search)
    return f"{path}?token={quote(token)}&url={quote(url, safe='')}"
