"""`alerts`: what is wrong now, who is told of it, by which rules, and when it is quiet."""

from typing import TYPE_CHECKING

import rich_click as click

from commands import output
from commands.options import Duration, user_name
from commands.root import writes

if TYPE_CHECKING:
    from topics.alerts.views import Standing

COLUMNS = ("id", "state", "grade", "since", "what", "fix")

RULES = ("rule", "on", "grade", "after min", "over after min", "figures", "what it looks at")


@click.group("alerts")
def group() -> None:
    """Alerts: what is wrong, who is told of it, by which rules, and when it is quiet."""


@group.command("list")
@click.option("--state", type=click.Choice(["open", "closed", "all"]), default="open", show_default=True, help="what is listed")
@click.option("--project", default="", metavar="ID", help="only those of a project")
@output.json_option
def list_(state: str, project: str, as_json: bool) -> None:
    """List what is wrong now, or was; below, who is told and whether that works."""
    from topics.alerts import views

    found = views.listed(state, project=project)
    if as_json:
        output.json_list([views.facts(one) for one in found])
        return
    shown = map(views.facts, found)
    rows = [[one["id"] or one["key"], *(one[name] for name in ("state", "grade", "since", "title", "fix"))] for one in shown]
    if rows:
        output.table(COLUMNS, rows)
    else:
        output.line("Nothing is wrong." if state == "open" else "Nothing was.")
    _say(views.standing())


def _say(found: "Standing") -> None:
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


@group.command()
@click.argument("alert")
@output.json_option
def show(alert: str, as_json: bool) -> None:
    """Show one alert by its id: what is wrong, since when, and what mends it."""
    from topics.alerts import views

    facts = views.facts(views.find(alert))
    if as_json:
        output.as_json(facts)
        return
    lines = facts.pop("lines")
    output.fields((name, value) for name, value in facts.items() if value not in (None, ""))
    for line in lines:
        output.line(f"- {line}")


@group.command()
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


@group.command()
@output.json_option
def rules(as_json: bool) -> None:
    """Show the rules as they are now: their figures, and what each looks at. ALERT_RULES names a file that changes them."""
    from topics.alerts import views

    found = views.rule_rows()
    if as_json:
        output.json_list(found)
        return
    figures = [", ".join(f"{name} {value}" for name, value in one["figures"].items()) for one in found]
    rows = [
        [one["rule"], "yes" if one["enabled"] else "no", one["grade"], one["for_min"], one["clear_min"], told, one["says"]]
        for one, told in zip(found, figures, strict=True)
    ]
    output.table(RULES, rows)


@group.command()
@click.argument("length", required=False, type=Duration(), metavar="[TIME]")
@click.option("--note", default="", help="why, in a few words")
@click.option("--off", is_flag=True, help="end the silence: what happened meanwhile is told")
@output.json_option
def quiet(length: float | None, note: str, off: bool, as_json: bool) -> None:
    """Tell nothing for TIME (e.g. 2h), critical or not; what happens meanwhile is told afterwards.

    Without TIME, say how it is.
    """
    from topics.alerts import views

    if length is not None and off:
        raise click.UsageError("Give a length of time, or --off.")
    if length is not None or off:
        _be_quiet(length, note)
    found = views.standing()
    if as_json:
        output.as_json({"quiet": found.is_quiet, "until": found.silence.until if found.silence else None, "untold": found.untold})
    elif found.silence:
        output.line(f"Quiet until {found.silence.until.isoformat(timespec='minutes')}; `alerts quiet --off` ends it.")
    else:
        output.line("These are quiet hours." if found.is_quiet else "Alerts are told.")


@writes
def _be_quiet(length: float | None, note: str) -> None:
    from topics.alerts import telling

    if length is None:
        telling.tell_again()
    else:
        telling.be_quiet(length, note, user_name())
