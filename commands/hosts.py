"""`hosts`: how politely each host is treated, and what it answers."""

import dataclasses

import rich_click as click

from commands import host_limits, output
from commands.root import writes

COLUMNS = ("host", "delay", "at a time", "in flight", "waiting", "breaker", "robots", "outcomes of the hour")


@click.group("hosts")
def group() -> None:
    """Hosts that pages are fetched from: delay, breaker, robots.txt, limits."""


for command in host_limits.COMMANDS:
    group.add_command(command)


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


def _row(one: object) -> list[object]:
    from state.scraping import hosts

    assert isinstance(one, hosts.HostState)
    breaker = one.breaker if one.breaker == "closed" else f"{one.breaker}, {one.breaker_s:.0f} s"
    if one.asked_pause_s:
        breaker += f", asked for {one.asked_pause_s:.0f} s"
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in one.outcomes.items())
    delay = f"{one.delay_s:g} s"
    return [one.host, delay, one.concurrency, one.in_flight, one.waiting, breaker, one.robots, outcomes]
