"""`alerts quiet`: nothing is told for a time."""

import rich_click as click

from commands import output
from commands.options import user_name
from commands.parameters import Duration
from commands.root import writes


@click.command()
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
