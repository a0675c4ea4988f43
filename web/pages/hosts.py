"""Hosts: how politely each is treated, what it answers, its breaker; one paused, its breaker reset, its limits changed."""

import dataclasses
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, redirect, request

import wording
from errors import NotFound
from state.scraping import hosts, rates
from topics.operations import pauses
from topics.scraping import host_limits, host_looks
from topics.scraping.host_looks import Host
from web import access
from web.access import Role
from web.errors import Field, Problem
from web.pages import filters, frame, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Part

LATELY = "this hour and the last"

HOSTS = (
    Column("host", "Host"),
    Column("breaker", "Breaker", "open: nothing is asked; half open: one request tries"),
    Column("paused", "Paused"),
    Column("delay_s", "Delay", "between two requests, as the last one asked", numeric=True),
    Column("in_flight", "In flight", "requests now", numeric=True),
    Column("concurrency", "At a time", "requests at a time, as the last one asked", numeric=True),
    Column("waiting", "Waiting", "jobs and lanes that wait for a turn", numeric=True),
    Column("ok", "OK", LATELY, numeric=True),
    Column("blocked", "Blocked", f"walls and refusals (429); {LATELY}", numeric=True),
    Column("failed", "Failed", f"server and network errors; {LATELY}", numeric=True),
    Column("robots", "robots.txt"),
    Column("last_s", "Last turn", numeric=True),
)

ROBOTS = (
    Column("origin", "Origin"),
    Column("kind", "robots.txt", "rules, free (there is none) or unreachable"),
    Column("crawl_delay_s", "Crawl-delay", "what it asks of us", numeric=True),
    Column("until", "Read again", "at the earliest"),
    Column("failures", "Failed tries", "in a row", numeric=True),
)

FILTERS = (
    Filter("host", "Host", hint="example.com"),
    Filter("breaker", "Breaker", (("", "any"), ("open", "open or half open"))),
)

#: For how long a host may be paused on its page (s).
LENGTHS = (("", "until somebody resumes it"), ("900", "15 minutes"), ("3600", "1 hour"), ("21600", "6 hours"), ("86400", "1 day"))

LIMITS = (
    ("per_minute", "Requests a minute"),
    ("per_hour", "Requests an hour"),
    ("per_day", "Requests in 24 h"),
    ("delay_s", "Delay (s)"),
    ("concurrency", "At a time"),
)

EMPTY = "No host was asked in the last two hours: `python manage.py scrape url URL` fetches a page."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/hosts", "hosts_page", hosts_page)
    app.add_url_rule("/hosts/<host>", "host_page", host_page)
    for name, view in (("reset", reset), ("pause", pause), ("resume", resume), ("limit", limit), ("unlimit", unlimit)):
        app.add_url_rule(f"/hosts/<host>/{name}", f"host_{name}_page", view, methods=["POST"])


@access.needs(Role.VIEWER)
def hosts_page() -> Response:
    """The hosts of the last two hours, the latest first."""
    wanted = filters.values(FILTERS)
    if wanted["host"] and "format" not in request.args:
        return redirect(f"{request.script_root}/hosts/{quote(host_limits.host_of(wanted['host']), safe='')}", 303)  # type: ignore[return-value]
    read = _open if wanted["breaker"] else _page
    if file := tables.wanted_file("hosts", HOSTS, read):
        return file
    count = wording.pluralize(host_looks.count(), "host")
    says = f"Hosts whose breaker is open, of the last {host_looks.MOST_LOOKED:,} that were asked" if wanted["breaker"] else ""
    caption = says or f"{count} asked in the last two hours, the latest first"
    empty = "No breaker is open." if wanted["breaker"] else EMPTY
    found = tables.make("hosts", caption, HOSTS, read, empty)
    return frame.show("hosts.html", "Hosts", filters=filters.shown(FILTERS), found=found)


@access.needs(Role.VIEWER)
def host_page(host: str) -> Response:
    """One host."""
    name = host_limits.host_of(host)
    found, robots = host_looks.known(name), host_looks.robots_of(name)
    read = tables.all_at_once([dataclasses.asdict(one) for one in robots])
    if file := tables.wanted_file("robots", ROBOTS, read):
        return file
    return frame.show(
        "host.html",
        f"Host {name}",
        row=_row(found),
        one=found.state,
        limit=_limit(found.state.limit),
        limits=LIMITS,
        lengths=LENGTHS,
        robots=tables.make("robots", "robots.txt as it was read last", ROBOTS, read, "robots.txt was not asked for lately."),
    )


@access.needs(Role.OPERATOR)
def reset(host: str) -> Response:
    """Close its breaker."""
    name = host_limits.host_of(host)
    hosts.reset(name)
    return _done(name, f"The breaker of {name} is closed. Jobs that wait for it go on.")


@access.needs(Role.OPERATOR)
def pause(host: str) -> Response:
    """Ask it for nothing until somebody resumes it, or for a time."""
    name, reason, length = host_limits.host_of(host), request.form.get("reason", "").strip(), request.form.get("for_s", "")
    if not reason:
        says = "says nothing: give a few words, everybody who looks reads them"
        raise Problem(422, f"The reason {says}.", fields=[Field("reason", says)])
    if length not in dict(LENGTHS):
        raise Problem(422, f"for_s is one of {', '.join(filter(None, dict(LENGTHS)))}, not {length!r:.40}.")
    made = pauses.put(f"host:{name}", reason, access.caller().name, for_s=float(length) if length else None)
    return _done(name, f"The {made.what} is {made.says}. Nothing is dropped.")


@access.needs(Role.OPERATOR)
def resume(host: str) -> Response:
    """End its pause."""
    name = host_limits.host_of(host)
    done = pauses.resume(f"host:{name}")
    return _done(name, f"{name} goes on; {wording.pluralize(done.released, 'parked job')} let go.")


@access.needs(Role.ADMIN)
def limit(host: str) -> Response:
    """Set its limits, in place of those it had."""
    name = host_limits.host_of(host)
    given = {key: _number(key, label) for key, label in LIMITS}
    host_limits.put(f"host:{name}", {**given, "delay": given.pop("delay_s")})
    return _done(name, f"The limits of {name} are set, over all workers.")


@access.needs(Role.ADMIN)
def unlimit(host: str) -> Response:
    """Take its limits away."""
    name = host_limits.host_of(host)
    rates.remove(f"host:{name}")
    return _done(name, f"No limit for {name} any more, but those of settings and callers.")


def _page(limit: int, cursor: str) -> Part:
    found, following = host_looks.page(limit, cursor)
    return Part([_row(one) for one in found], following)


def _open(limit: int, cursor: str) -> Part:
    return Part([_row(one) for one in host_looks.open_breakers()])


def _row(one: Host) -> dict[str, Any]:
    facts = {field.name: getattr(one.state, field.name) for field in dataclasses.fields(one.state)}
    count = one.state.outcomes.get
    return {
        **facts,
        "ok": sum(count(name, 0) for name in ("ok", "not_modified")),
        "blocked": sum(count(name, 0) for name in ("blocked", "rate_limited")),
        "failed": sum(count(name, 0) for name in ("server_error", "network_error")),
        "paused": one.paused.says if one.paused else None,
        "pause": one.paused,
    }


def _limit(rate: rates.Rate) -> dict[str, float | None]:
    """The limits of a host as its form shows them."""
    windows = dict(rate.windows)
    by_window = {name: windows.get(seconds) for name, seconds in rates.WINDOWS_S.items()}
    return {**by_window, "delay_s": rate.delay_s, "concurrency": rate.concurrency}


def _number(name: str, label: str) -> float | None:
    """A field of the form as a number; None where it is empty. Raises Problem."""
    text = request.form.get(name, "").strip()
    try:
        found = float(text) if text else None
        if found is None or (0 <= found < 1e9 and (name == "delay_s" or found == int(found))):
            return found
    except ValueError:
        pass
    says = f"is a number, 0 or more, not {text!r:.40}"
    raise Problem(422, f"{label} {says}.", fields=[Field(name, says)])


def _done(host: str, says: str) -> Response:
    """Back to its page, or to the list where nothing is known of it any more."""
    try:
        host_looks.known(host)
    except NotFound:
        return frame.done("/hosts", says)
    return frame.done(f"/hosts/{quote(host, safe='')}", says)
