"""`audit`: who changed what, when and from where."""

import rich_click as click

from commands import output
from commands.options import cursor_option, limit_option

COLUMNS = ("at", "who", "how", "what", "details", "outcome", "origin")


@click.command()
@click.option("--who", default="", metavar="TEXT", help="Only changes by names that hold this.")
@click.option("--what", default="", metavar="TEXT", help="Only changes of what holds this, e.g. DELETE or pause.")
@limit_option
@cursor_option
@output.json_option
def audit(who: str, what: str, limit: int, cursor: str, as_json: bool) -> None:
    """List changes by routes and commands, the newest first. They are kept for AUDIT_DAYS."""
    from topics.access import audit as changes

    found, further = changes.page(limit, cursor, who=who, what=what)
    if as_json:
        output.as_json({"items": found, "cursor": further})
        return
    output.table(COLUMNS, [[getattr(one, name) for name in COLUMNS] for one in found])
    output.more(further)


COMMANDS = (audit,)
