"""Hosts: how politely each is treated, what it answers, its breaker, and limits set by hand for hosts and tenants."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from state.scraping import hosts, rates
from topics.scraping import host_limits, host_looks
from web.access import Role, needs
from web.answers import Listed, ListQuery, Moment, Reply, listed, part, reply
from web.errors import RESPONSES
from web.models import Strict

api = APIBlueprint(
    "hosts",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="hosts", description="Hosts that pages are fetched from.")],
    abp_responses=RESPONSES,
)


class HostPath(Strict):
    """The host of a route."""

    host: str = Field(max_length=300)


class ScopePath(Strict):
    """Whose limits."""

    scope: str = Field(max_length=300, description="host:example.com or tenant:ID")


class Window(Reply):
    """So many requests at most in so many seconds."""

    seconds: int
    most: int


class HostLimitView(Reply):
    """Limits set by hand."""

    windows: list[Window]
    delay_s: float | None
    concurrency: int | None


class ScopeLimit(HostLimitView):
    """Limits of a host or a tenant."""

    scope: str


class HostView(Reply):
    """A host as it is now. Times ahead in seconds; 0 = now. `openings`: of its breaker, one after the other; `opened_s`: how long
    ago it opened.
    """

    host: str
    delay_s: float
    concurrency: int
    in_flight: int
    waiting: int
    free_in_s: float
    asked_pause_s: float = Field(description="The rest of what Retry-After asked for.")
    breaker: str
    breaker_s: float
    openings: int
    opened_s: float | None
    robots: str
    last_s: float | None = Field(description="How long ago its last turn ended.")
    outcomes: dict[str, int] = Field(description="Of this hour and the last.")
    limit: HostLimitView


class RobotsView(Reply):
    """robots.txt of an origin. `kind`: rules, free (there is none) or unreachable. `until`: it is read again then, or later."""

    origin: str
    kind: str
    crawl_delay_s: float | None
    until: Moment | None
    failures: int = Field(description="Tries in a row that failed.")
    text: str


class Limits(Strict):
    """Limits, in place of those it had."""

    per_minute: int | None = Field(None, ge=0, description="At most so many requests in any minute.")
    per_hour: int | None = Field(None, ge=0, description="At most so many requests in any hour.")
    per_day: int | None = Field(None, ge=0, description="At most so many requests in any 24 hours.")
    delay_s: float | None = Field(None, ge=0, description="At least so many seconds between two requests to the host.")
    concurrency: int | None = Field(None, ge=1, description="So many requests at a time to the host.")


@api.get("/hosts", responses={200: Listed[HostView]})
def list_hosts(query: ListQuery) -> Response:
    """List the hosts of the last two hours, the latest first."""
    found = hosts.page(query.limit, query.cursor)
    return listed(Listed[HostView], map(_host, found.hosts), found.cursor)


@api.get("/hosts/<host>", responses={200: HostView})
def show_host(path: HostPath) -> Response:
    """Show what is known of a host. 404: nothing was fetched from it in the last hours."""
    return reply(HostView, _host(hosts.known(host_limits.host_of(path.host))))


@api.get("/hosts/<host>/robots", responses={200: Listed[RobotsView]})
def show_robots(path: HostPath) -> Response:
    """robots.txt of a host as it was read last, for https and for http. Nothing is fetched."""
    return listed(Listed[RobotsView], host_looks.robots_of(host_limits.host_of(path.host)))


@api.post("/hosts/<host>/reset", responses={200: HostView})
def reset_breaker(path: HostPath) -> Response:
    """Close the breaker of a host, and forget a pause that it asked for; jobs that wait for it go on. Safe to repeat."""
    host = host_limits.host_of(path.host)
    hosts.reset(host)
    return reply(HostView, _host(hosts.state(host)))


@api.get("/host-limits", responses={200: Listed[ScopeLimit]})
def list_host_limits(query: ListQuery) -> Response:
    """List the limits that were set by hand for hosts and tenants."""
    rows = [{"scope": scope, **_limit(rate)} for scope, rate in rates.every().items()]
    return part(Listed[ScopeLimit], rows, lambda row: str(row["scope"]), query)


@api.put("/host-limits/<scope>", responses={200: ScopeLimit})
@needs(Role.ADMIN)
def set_host_limit(path: ScopePath, body: Limits) -> Response:
    """Set the limits of a host or a tenant, in place of those it had; workers obey at once. Safe to repeat."""
    scope = host_limits.named(path.scope)
    given = body.model_dump()
    rate = host_limits.put(scope, {**given, "delay": given.pop("delay_s")})
    return reply(ScopeLimit, {"scope": scope, **_limit(rate)})


@api.delete("/host-limits/<scope>", responses={204: None})
@needs(Role.ADMIN)
def remove_host_limit(path: ScopePath) -> Response:
    """Take the limits of a host or a tenant away."""
    rates.remove(host_limits.named(path.scope))
    return Response(status=204)


def _host(one: hosts.HostState) -> dict[str, Any]:
    found = {name: getattr(one, name) for name in HostView.model_fields if name != "limit"}
    return {**found, "limit": _limit(one.limit)}


def _limit(rate: rates.Rate) -> dict[str, Any]:
    windows = [{"seconds": seconds, "most": most} for seconds, most in rate.windows]
    return {"windows": windows, "delay_s": rate.delay_s, "concurrency": rate.concurrency}
