"""The one fetcher of web pages: public addresses only, and bounded in time, size and redirects.

    reply = fetch.get(fetch.Request("https://example.com/", etag=stored_etag))
    if not reply.not_modified: read(reply.text)

`check_url` finds all that can be known without the network. `get` also looks up the name, checks every address it has, and
connects to no other. Each redirect is checked again.
"""

from collections.abc import Callable

from clients.fetch import by_render, following, messages, modes, targets
from clients.fetch.cookies import Jar
from clients.fetch.following import user_agent
from clients.fetch.messages import Onscreen, Reply, Request
from parsing.web_urls import Url

__all__ = ["Jar", "Onscreen", "Reply", "Request", "check", "check_mode", "check_url", "get", "send", "user_agent"]


def get(request: Request, *, before: Callable[[str], None] | None = None) -> Reply:
    """The page, with any status. `before(url)` is called for each redirect before it is requested; it may raise.

    Raises ArgumentError, BadUrl, RefusedAddress, PageTooLarge, TooManyRedirects (no retry helps), NoSuchHost, BadCertificate (not
    retried), Unreachable, PageLate, PageCutOff (retried), or ConfigError. Safe for any number of threads, and across a fork.
    """
    messages.check(request)
    return modes.get(request, before)


def send(request: Request, jar: Jar, *, before: Callable[[str], None] | None = None, form: bytes | None = None) -> Reply:
    """The page as one of a session, whose cookies `jar` has and keeps; direct or rendered. Raises as `get` does.

    `form`: the body of a form that is posted, as application/x-www-form-urlencoded, which is never rendered; None = the page is
    only asked for.
    """
    messages.check(request)
    if request.mode == "render" and form is None:
        modes.check(request.mode)
        return by_render.get(request, before, jar)
    return following.get(request, before, sent=("GET", b"") if form is None else ("POST", form), jar=jar)


def check_url(url: str) -> Url:
    """The address as it would be requested. Needs no network. Raises BadUrl or RefusedAddress."""
    return targets.check(url)


def check_mode(mode: str) -> None:
    """Raises ConfigError, with what to install or set, if a mode cannot be used here."""
    modes.check(mode)


def check(request: Request) -> None:
    """Everything about a request that is known without the network. Raises as `get` does."""
    messages.check(request)
    modes.check_request(request)
