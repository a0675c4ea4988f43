"""`health`: how the whole system is in one word, for people, probes and alarms."""

import rich_click as click

from commands import output


@click.command()
@output.json_option
def health(as_json: bool) -> int:
    """Say HEALTHY, DEGRADED or UNHEALTHY (exit code 0, 1, 2), with reasons and what mends each; this changes nothing."""
    from state.store import connection
    from topics.operations import health as judged

    connection.hurry_for_probe()
    found = judged.get_health()
    if as_json:
        output.as_json({"status": found.status, "reasons": found.reasons, "notes": found.notes})
        return found.exit_code
    output.line(found.status)
    for reason in found.reasons:
        output.line(f"- {reason.grade}: {reason.says}" + (f" Fix: {reason.fix}" if reason.fix else ""))
    for note in found.notes:
        output.line(f"- note: {note}")
    return found.exit_code


COMMANDS = (health,)
