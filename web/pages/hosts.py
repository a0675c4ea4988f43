"""Hosts: how politely each is treated, and what it answers."""

import dataclasses
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, redirect, request

import wording
from topics.scraping import host_limits, host_looks
from topics.scraping.host_looks import Host
from web import access
from web.access import Role
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

FILTERS = (
    Filter("host", "Host", hint="example.com"),
    Filter("breaker", "Breaker", (("", "any"), ("open", "open or half open"))),
)

EMPTY = "No host was asked in the last two hours: `python manage.py scrape url URL` fetches a page."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/hosts", "hosts_page", hosts_page)


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


def _page(limit: int, cursor: str) -> Part:
    found, following = host_looks.page(limit, cursor)
    return Part([row(one) for one in found], following)


def _open(limit: int, cursor: str) -> Part:
    return Part([row(one) for one in host_looks.open_breakers()])


def row(one: Host) -> dict[str, Any]:
    """A host as a row."""
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
