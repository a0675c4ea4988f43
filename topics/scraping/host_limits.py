"""Limits of hosts and tenants as people set them: a host in the form in which it is asked for."""

from collections.abc import Mapping

from errors import ArgumentError
from parsing import urls
from state.scraping import rates

HOST, TENANT = "host", "tenant"

MAX_TENANT_CHARS = 200


def scope_of(kind: str, name: str) -> str:
    """`host:example.com` or `tenant:acme`. An address of a page is read as its host. Raises ArgumentError."""
    name = name.strip()
    if kind == HOST:
        return f"{HOST}:{host_of(name)}"
    if kind != TENANT or not name or not name.isprintable() or len(name) > MAX_TENANT_CHARS:
        raise ArgumentError(f"{f'{kind}:{name}'!r:.80} has no limits: name host:example.com or tenant:ID")
    return f"{TENANT}:{name}"


def host_of(name: str) -> str:
    """A host in the form in which it is asked for: lower case, punycode. An address of a page is read as its host."""
    host = urls.host_of(name if "://" in name else f"//{name}") or urls.host_of(f"//[{name}]")
    if not host:
        raise ArgumentError(f"{name!r:.80} is no host: write example.com")
    return host


def named(scope: str) -> str:
    """A scope that somebody typed, in its normal form. Raises ArgumentError."""
    kind, _, name = scope.partition(":")
    return scope_of(kind, name)


def put(scope: str, given: Mapping[str, float | None]) -> rates.Rate:
    """Set limits (per_minute, per_hour, per_day, delay in s, concurrency), in place of those it had. Raises ArgumentError."""
    if all(value is None for value in given.values()):
        raise ArgumentError("no limit is given: name one, e.g. --per-minute 30")
    rate = rates.of_options(given)
    rates.put(scope, rate)
    return rate
