"""`alerts test`: who is told of what is wrong, and whether that works."""

from typing import TYPE_CHECKING

import rich_click as click

from commands import output
from commands.root import writes

if TYPE_CHECKING:
    from topics.alerts.views import Standing


def say(found: "Standing") -> None:
    """Say who is told, and whether that works."""
    from topics.alerts import views

    age_s = views.age_s(found.looked_at)
    never = "Nobody has looked yet: a scheduler and a worker do, once a minute."
    output.line(never if age_s is None else f"Looked {age_s:.0f} s ago.")
    if found.problem:
        output.line(f"Nobody is told: {found.problem}")
    elif not found.targets:
        output.line("Nobody is told: set ALERT_URLS, or add a webhook with --event alert.opened.")
    for one in found.targets:
        waits = f", {one.waiting} waiting" if one.waiting else ""
        output.line(f"{one.name}: {one.state}{waits}{f' ({one.says})' if one.says not in ('', 'sent') else ''}")
    if found.silence:
        output.line(
            f"Quiet until {found.silence.until.isoformat(timespec='minutes')} by {found.silence.actor}: {found.silence.note}"
        )
    elif found.is_quiet:
        output.line("These are quiet hours.")


@click.command()
@output.json_option
@writes
def test(as_json: bool) -> int:
    """Send a test to every target now; says what each did. Exit code 1 where one failed, or there is none."""
    from topics.alerts import delivering

    found = delivering.test_targets()
    if as_json:
        output.json_list([{"id": target, "name": name, "ok": sent.ok, "says": sent.says} for target, name, sent in found])
    for _, name, sent in found if not as_json else []:
        output.line(f"{name}: {'ok' if sent.ok else 'failed'}{'' if sent.ok else f': {sent.says}'}")
    if not found:
        output.warn("There is no target: set ALERT_URLS, or add a webhook with --event alert.opened.")
    return 0 if found and all(sent.ok for _, _, sent in found) else 1
