"""`keyword show` and `keyword history`: what is known of a keyword."""

from collections.abc import Iterator
from typing import Any

import rich_click as click

import wording
from commands import keyword_details, output
from commands.options import where_option
from commands.text_command import TextCommand

LEGEND = "30 days; _ not found, · unknown"

RANKS = ("last", "previous", "best", "first")


@click.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@where_option
@output.json_option
def show(name: str, project_id: str | None, as_json: bool) -> None:
    """Show all that is known of one keyword."""
    from topics.operations import views
    from topics.tracking import projects

    found = views.keyword(projects.find_keyword(name, project_id))
    if as_json:
        output.as_json(found)
    else:
        output.fields(_fields_of(found))


@click.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@where_option
@output.json_option
def history(name: str, project_id: str | None, as_json: bool) -> None:
    """Show the ranks of one keyword by day, the newest first."""
    from topics.operations import views
    from topics.tracking import projects

    found = views.history(projects.find_keyword(name, project_id))
    if as_json:
        output.json_list(found.ranks)
        return
    output.table(("day", "rank", "url", "title"), found.rows)
    output.line(f"{found.line}  {LEGEND}")


COMMANDS = (show, history)


def _fields_of(found: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield from ((name, found[name]) for name in ("id", "project", "keyword"))
    yield from keyword_details.fields_of(found)
    shown = None
    for name in RANKS:
        rank = found[name]
        yield from _fields_of_rank(name, rank, has_page=(rank["url"], rank["title"]) != shown)
        shown = (rank["url"], rank["title"]) if rank["url"] else shown
    yield "line", f"{found['line']}  {LEGEND}"
    yield "checked", found["scraped_at"]
    if found["archived"]:
        yield "next due", "archived: `keyword unarchive` has it checked again"
    elif found["next_due_at"]:
        yield "next due", "now" if found["next_due_at"].timestamp() == 0 else found["next_due_at"]
    yield from (("waits", reason) for reason in found["waits_for"])
    error, claim = found["error"], found["processing"]
    if error:
        yield "last error", f"{error['category']}: {error['message']} ({error['at']}, {found['failures']} in a row)"
    if claim:
        yield "processing", f"by job {claim['job']} ({claim['job_status']}) for {wording.duration(claim['for_s'])}"
        yield "since", claim["since"]


def _fields_of_rank(name: str, rank: dict[str, Any], *, has_page: bool) -> Iterator[tuple[str, object]]:
    """A rank, and its page where that is another page than the one before."""
    if rank["day"] or name == "last":
        yield name, rank["says"] + (f" on {rank['day']}" if rank["day"] else "")
    if rank["url"] and has_page:
        yield "  url", rank["url"]
        yield "  title", rank["title"]
