"""`hosts`: how politely each host is treated, and what it answers."""

import dataclasses

import rich_click as click

from commands import output
from commands.root import writes

COLUMNS = ("host", "delay", "at a time", "in flight", "waiting", "breaker", "robots", "outcomes of the hour")


@click.group("hosts")
def group() -> None:
    """Hosts that pages are fetched from: delay, breaker, robots.txt, limits."""


@group.command("list")
@click.option("--most", type=click.IntRange(1, 100_000), default=100, show_default=True, help="how many")
@output.json_option
def list_(most: int, as_json: bool) -> None:
    """List the hosts of the last two hours, the latest first."""
    from state.scraping import hosts

    found = hosts.every(most)
    if as_json:
        output.json_list(found)
    else:
        output.table(COLUMNS, [_row(one) for one in found])


@group.command()
@click.argument("host")
@output.json_option
def show(host: str, as_json: bool) -> None:
    """Show what is known of HOST."""
    from state.scraping import hosts
    from topics.scraping import host_limits

    found = hosts.known(host_limits.host_of(host))
    if as_json:
        output.as_json(dataclasses.asdict(found))
    else:
        output.fields(zip(COLUMNS, _row(found), strict=True))


@group.command()
@click.argument("host")
@writes
def reset(host: str) -> None:
    """Close the breaker of HOST, and forget a pause that it asked for."""
    from state.scraping import hosts
    from topics.scraping import host_limits

    host = host_limits.host_of(host)
    hosts.reset(host)
    output.line(f"The breaker of {host} is closed. Jobs that wait for it go on.")


@group.command()
@click.argument("host_or_tenant")
@click.option("--tenant", is_flag=True, help="the name is a tenant's: its requests to all hosts count")
@click.option("--per-minute", type=click.IntRange(0), metavar="N", help="at most N requests in any minute")
@click.option("--per-hour", type=click.IntRange(0), metavar="N", help="at most N requests in any hour")
@click.option("--per-day", type=click.IntRange(0), metavar="N", help="at most N requests in any 24 hours")
@click.option("--delay", type=click.FloatRange(0), metavar="S", help="at least S seconds between two requests to the host")
@click.option("--concurrency", type=click.IntRange(1), metavar="N", help="N requests at a time to the host")
@click.option("--remove", is_flag=True, help="take its limits away")
@writes
def limit(host_or_tenant: str, tenant: bool, remove: bool, **limits: int | float | None) -> None:
    """Set the limits of a host, in place of those it had; changed while workers run."""
    from state.scraping import rates
    from topics.scraping import host_limits

    scope = host_limits.scope_of(host_limits.TENANT if tenant else host_limits.HOST, host_or_tenant)
    if remove:
        rates.remove(scope)
        output.line(f"No limit for {scope.replace(':', ' ', 1)} any more.")
        return
    if all(value is None for value in limits.values()):
        raise click.UsageError("Name a limit, e.g. --per-minute 30, or --remove.")
    host_limits.put(scope, limits)
    output.line(f"Set for {scope.replace(':', ' ', 1)}, over all workers.")


@group.command("limits")
@output.json_option
def limits_(as_json: bool) -> None:
    """List the limits that were set."""
    from state.scraping import rates

    found = rates.every()
    if as_json:
        output.json_list([{"scope": scope, **rates.as_json(rate)} for scope, rate in found.items()])
    else:
        output.table(("scope", "limit"), [[scope, str(rate)] for scope, rate in found.items()])


def _row(one: object) -> list[object]:
    from state.scraping import hosts

    assert isinstance(one, hosts.HostState)
    breaker = one.breaker if one.breaker == "closed" else f"{one.breaker}, {one.breaker_s:.0f} s"
    if one.asked_pause_s:
        breaker += f", asked for {one.asked_pause_s:.0f} s"
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in one.outcomes.items())
    delay = f"{one.delay_s:g} s"
    return [one.host, delay, one.concurrency, one.in_flight, one.waiting, breaker, one.robots, outcomes]
