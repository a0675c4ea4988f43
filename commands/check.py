"""`check`: whether the system is set up right; it starts nothing."""

import rich_click as click

from commands import output

SYMBOLS = {True: "✓", False: "✗", None: "-"}


@click.command()
@click.option("--probe", is_flag=True, help="Also write an object to the store; fail where provider or store does not answer.")
@output.json_option
def check(probe: bool, as_json: bool) -> int:
    """Check configuration, Redis, scripts, jobs, schedule, provider and storage; starts nothing."""
    from doctor import checks

    found = list(checks.every(probe))
    if as_json:
        output.json_list(found)
    else:
        for one in found:
            output.line(f"{SYMBOLS[one.ok]} {one.check}: {one.says}")
    return 0 if all(one.ok for one in found) else 1


COMMANDS = (check,)
