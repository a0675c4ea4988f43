"""`hosts limit` and `hosts limits`: how much a host may be asked."""

import rich_click as click

from commands import output
from commands.root import writes


@click.command()
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


@click.command("limits")
@output.json_option
def limits_(as_json: bool) -> None:
    """List the limits that were set."""
    from state.scraping import rates

    found = rates.every()
    if as_json:
        output.json_list([{"scope": scope, **rates.as_json(rate)} for scope, rate in found.items()])
    else:
        output.table(("scope", "limit"), [[scope, str(rate)] for scope, rate in found.items()])


COMMANDS = (limit, limits_)
