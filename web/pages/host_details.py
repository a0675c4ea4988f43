"""One host: its delay, breaker and robots.txt, and forms that change how it is treated."""

import dataclasses

from flask import Flask, Response

from state.scraping import rates
from topics.scraping import host_limits, host_looks
from web import access
from web.access import Role
from web.pages import frame, hosts, tables
from web.pages.tables import Column

ROBOTS = (
    Column("origin", "Origin"),
    Column("kind", "robots.txt", "rules, free (there is none) or unreachable"),
    Column("crawl_delay_s", "Crawl-delay", "what it asks of us", numeric=True),
    Column("until", "Read again", "at the earliest"),
    Column("failures", "Failed tries", "in a row", numeric=True),
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


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/hosts/<host>", "host_page", host_page)


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
        row=hosts.row(found),
        one=found.state,
        limit=_limit(found.state.limit),
        limits=LIMITS,
        lengths=LENGTHS,
        robots=tables.make("robots", "robots.txt as it was read last", ROBOTS, read, "robots.txt was not asked for lately."),
    )


def _limit(rate: rates.Rate) -> dict[str, float | None]:
    """The limits of a host as its form shows them."""
    windows = dict(rate.windows)
    by_window = {name: windows.get(seconds) for name, seconds in rates.WINDOWS_S.items()}
    return {**by_window, "delay_s": rate.delay_s, "concurrency": rate.concurrency}
