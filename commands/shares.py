"""`project share`, `shares`, `unshare`: read-only links to a project."""

import rich_click as click

from commands import output
from commands.options import address, user_name
from commands.parameters import PROJECT
from commands.root import writes

COLUMNS = ("id", "title", "scope", "actor", "made_at", "ends_at", "used_at")


@click.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@click.option("--days", type=float, default=30, show_default=True, metavar="N", help="How long it lives, a year at most.")
@click.option("--scope", default="overview", show_default=True, metavar="SCOPE", help="overview, or keywords: both.")
@click.option("--title", default="", metavar="TEXT", help="What its pages are called. [default: as the project]")
@output.json_option
@writes
def share(project_id: str, days: float, scope: str, title: str, as_json: bool) -> None:
    """Make a link by which anybody sees a project, read-only, until it ends. It is shown once."""
    from topics.operations import shares

    made, token = shares.add(project_id, user_name(), scope=scope, title=title, days=days)
    url = address(f"/share/{token}")
    if as_json:
        output.as_json({"id": made.id, "ends_at": made.ends_at, "scope": made.scope, "url": url})
        return
    output.line(url)
    output.warn(f"That is the link {made.id}, until {made.ends_at:%Y-%m-%d %H:%M} UTC. Keep it now: it is not shown again.")


@click.command("shares")
@click.argument("project_id", metavar="ID", type=PROJECT)
@output.json_option
def list_(project_id: str, as_json: bool) -> None:
    """List the share links of a project that are not over."""
    from topics.operations import shares

    found = shares.of(project_id)
    if as_json:
        output.json_list([{name: getattr(one, name) for name in COLUMNS} for one in found])
    elif found:
        output.table(COLUMNS, [[getattr(one, name) for name in COLUMNS] for one in found])
    else:
        output.line(f"No share link: `python manage.py project share {project_id}` makes one.")


@click.command()
@click.argument("project_id", metavar="ID", type=PROJECT)
@click.argument("share_id", metavar="LINK")
@writes
def unshare(project_id: str, share_id: str) -> None:
    """Revoke a share link by its id: it opens nothing any more."""
    from topics.operations import shares

    shares.revoke(project_id, share_id)
    output.line(f"The link {share_id} of {project_id} is revoked.")


COMMANDS = (share, list_, unshare)
