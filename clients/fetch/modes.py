"""The ways to fetch a page, and whether each can be used here."""

from collections.abc import Callable
from typing import cast

import errors
from clients.fetch import by_render, by_scrapedo, by_stealth, exchange, following, proxies, render_actions, targets
from clients.fetch.messages import Reply, Request

MODES = ("direct", "stealth", "render", "scrapedo")


def check(mode: str) -> None:
    """Raises ArgumentError for an unknown mode; ConfigError, with what to install or set, if a mode cannot be used here."""
    if mode not in MODES:
        raise errors.ArgumentError(f"mode={mode!r}: use one of {', '.join(MODES)}")
    if mode == "scrapedo":
        by_scrapedo.check(Request("https://example.com/"))
    if mode == "stealth":
        by_stealth.check()
    if mode == "render":
        by_render.check()


def check_request(request: Request) -> None:
    """All that is known about a request without the network. Raises as `fetch.get` does."""
    check(request.mode)
    targets.check(request.url)
    proxies.of(request.proxy)
    if request.onscreen:
        render_actions.check(request.onscreen.actions)
    if request.mode == "scrapedo":
        by_scrapedo.check(request)
    elif request.options:
        raise errors.ArgumentError("options are those of Scrape.do: leave them out, or use mode scrapedo")


def get(request: Request, before: Callable[[str], None] | None) -> Reply:
    """The page, fetched in the way that the request names. Raises as `fetch.get` does."""
    if request.mode == "direct":
        return following.get(request, before)
    check(request.mode)
    if request.mode == "scrapedo":
        return by_scrapedo.get(request, before)
    if request.mode == "stealth":
        return following.get(request, before, cast(exchange.Transport, by_stealth))
    return by_render.get(request, before)
