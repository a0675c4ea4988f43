"""`pause`, `resume`, `pauses`: work that is held by hand, and goes on when somebody says so or when its time has come."""

import dataclasses
from typing import Any

import rich_click as click

import wording
from commands import output
from commands.options import user_name
from commands.parameters import Duration
from commands.root import writes

COLUMNS = ("scope", "since", "until", "actor", "reason")

SCOPES = "queue:NAME, kind:NAME, host:NAME, provider:NAME, project:ID or schedule:ENTRY"


@click.command()
@click.argument("scope", required=False)
@click.option("--reason", help="Why, in a few words; everybody who looks reads it.")
@click.option("--for", "for_s", type=Duration(), metavar="TIME", help="How long, e.g. 30m, 2h or 3d. [default: until `resume`]")
@click.option("--until", metavar="TIME", help="Until when, e.g. 2026-12-01T08:00+01:00.")
@click.option("--by", "actor", metavar="NAME", help="Who says so. [default: the user of this machine]")
@output.json_option
def pause(scope: str | None, as_json: bool, **asked: Any) -> None:
    """Hold work: queue:NAME, kind:NAME, host:NAME, provider:NAME, project:ID or schedule:ENTRY.

    Nothing of it is dropped, and jobs that run go on. Without a scope, list what is paused.
    """
    if scope is None:
        if any(asked.values()):
            raise click.UsageError(f"Name what is to be paused: {SCOPES}.")
        _show(as_json)
        return
    if not asked["reason"]:
        raise click.UsageError("--reason says why: give a few words.")
    _pause(scope, as_json, **asked)


@click.command()
@click.argument("scope")
@output.json_option
@writes
def resume(scope: str, as_json: bool) -> None:
    """End a pause; what it held starts at once."""
    from topics.operations import pauses

    done = pauses.resume(scope)
    if as_json:
        output.as_json({"scope": done.scope, "released": done.released, "was": done.pause})
        return
    released = f" {wording.pluralize(done.released, 'parked job')} let go." if done.released else ""
    was = f"it was {done.pause.says}." if done.pause else "its pause was over."
    output.line(f"{done.scope} goes on; {was}{released}")


@click.command("pauses")
@output.json_option
def list_(as_json: bool) -> None:
    """List what is paused, why, by whom and until when."""
    _show(as_json)


COMMANDS = (pause, resume, list_)


@writes
def _pause(scope: str, as_json: bool, reason: str, for_s: float | None, until: str | None, actor: str | None) -> None:
    from topics.operations import pauses

    ends = pauses.moment(until) if until else None
    made = pauses.put(scope, reason, actor or user_name(), for_s=for_s, until=ends)
    if as_json:
        output.as_json(made)
    else:
        output.line(f"The {made.what} is {made.says}.")
        output.line(f"`{made.resume}` ends it.")


def _show(as_json: bool) -> None:
    from topics.operations import held, pauses

    found = pauses.every()
    waiting = held.by(found)
    if as_json:
        output.json_list([{**dataclasses.asdict(one), "held": waiting.get(one.scope)} for one in found])
    elif found:
        rows = [[*(getattr(one, name) for name in COLUMNS), waiting.get(one.scope)] for one in found]
        output.table((*COLUMNS, "holds now"), rows)
    else:
        output.line("Nothing is paused.")
