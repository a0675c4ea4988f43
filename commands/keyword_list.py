"""`keyword list`: the keywords of a project with their last rank; filtered and sorted as the page and the route do."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import rich_click as click

from commands import output
from commands.parameters import PROJECT

#: Keywords that are shown where nothing else is asked for, and read at once.
SHOWN, PART = 100, 500

COLUMNS = ("id", "keyword", "rank", "url", "checked", "archived")

#: What a row of the list has beside what was always told.
LEFT_OUT = ("course", "next_due_at")

FILTERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--tag", {"help": "Only those with this tag."}),
    ("--contains", {"help": "Only those whose text holds this."}),
    ("--state", {"type": click.Choice(["ranked", "not_found", "unknown"]), "help": "Only those whose last rank is so."}),
    ("--best", {"type": click.IntRange(1, 100), "help": "Ranked there or lower."}),
    ("--worst", {"type": click.IntRange(1, 100), "help": "Ranked there or higher: 10 = in the top ten."}),
    ("--moved", {"metavar": "HOW", "help": "up, down, new, lost, entered_10, left_3 …: between two known ranks."}),
    ("--days", {"type": click.IntRange(1, 30), "help": "With --moved: since so many days ago. [default: 7]"}),
    ("--reason", {"metavar": "WHY", "help": "Unknown for this reason, e.g. captcha."}),
    ("--url", {"help": "Only those that rank with an address that holds this."}),
    ("--feature", {"metavar": "WHAT", "help": "Only those whose last result page shows this, e.g. ai_overview."}),
    (
        "--wrong-page",
        {"is_flag": True, "default": None, "help": "Only those that rank with another page than is meant to."},
    ),
    ("--failing", {"is_flag": True, "default": None, "help": "Only those whose last check failed."}),
)


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which keywords; None = not given."""
    for flag, words in reversed(FILTERS):
        command = click.option(flag, **words)(command)
    return command


@click.command("list")
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@click.option("--archived", "which", flag_value="archived", help="Only archived ones.")
@click.option("--all", "which", flag_value="all", help="Archived ones, too.")
@filters
@click.option("--sort", default="", metavar="ORDER", help="rank, change_7, volume, text …; with a - the other way round.")
@click.option("--limit", type=click.IntRange(min=0), help=f"At most so many; 0 = all. [default: {SHOWN}; all with --json]")
@output.json_option
def list_(project_id: str, which: str | None, sort: str, limit: int | None, as_json: bool, **options: Any) -> None:
    """List the keywords of a project with their last rank.

    An order is that of the last overview: `--sort` counts one where there is none yet.
    """
    from topics.operations.keyword_filters import Wanted

    given = {name: value for name, value in options.items() if value is not None}
    rows = _rows(project_id, Wanted(archived={"archived": True, "all": None}.get(which or "", False), **given), sort)
    if as_json:
        output.json_list(itertools.islice(rows, limit or None))
        return
    shown = itertools.islice(rows, SHOWN if limit is None else limit or None)
    output.table(COLUMNS, map(_row, shown))
    if next(rows, None):
        output.warn("There are more: --limit 0 lists them all.")


def _rows(project_id: str, wanted: Any, sort: str) -> Iterator[dict[str, Any]]:
    from state.tracking import orders, projects
    from topics.operations import keyword_lists
    from topics.tracking import overview

    project, cursor = projects.get(project_id), ""
    if sort and orders.latest(project.id) is None:
        overview.make(project.id)
    while True:
        found = keyword_lists.page(project.id, wanted, PART, cursor, sort, project)
        for row in found.rows:
            yield {name: value for name, value in row.items() if name not in LEFT_OUT}
        cursor = found.cursor
        if not cursor:
            return


def _row(found: dict[str, Any]) -> tuple[object, ...]:
    last = found["last"]
    return found["id"], found["keyword"], last["says"], last["url"], found["scraped_at"], found["archived"]
