"""`serp`: checks on result pages, now and again, and what came out."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import rich_click as click

import wording
from commands import output
from commands.options import DAY, SEPARATOR, TextCommand, project_option, where_option
from commands.root import warn_of_stops, writes
from errors import TrawlError


@click.group("serp")
def group() -> None:
    """Check ranks now, export them, read stored pages again."""


@group.command()
@output.json_option
@writes
def batch(as_json: bool) -> int:
    """Put the due keywords into the queues now: one tick of the scheduler."""
    from jobs import serp

    done = serp.enqueue_batch()
    if as_json:
        output.as_json(done)
    else:
        output.line(_batch_words(done))
    warn_of_stops()
    return 1 if done["outcome"] in ("halted", "paused") else 0


@group.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@where_option
@click.option("--quote", is_flag=True, help="Say what that would buy at most, and what the budget leaves; nothing is fetched.")
@output.json_option
@writes
def check(name: str, project_id: str | None, quote: bool, as_json: bool) -> int:
    """Check one keyword now, in this process, and print its rank."""
    from jobs import serp
    from topics.tracking import asking, projects

    keyword = projects.find_keyword(name, project_id)
    if quote:
        price = asking.price([keyword])
        output.as_json(price) if as_json else output.line(_quote_words(price))
        return 0 if price["price"]["is_enough"] else 1
    done = serp.track_keyword(keyword.id, force=True)
    if as_json:
        output.as_json({"id": keyword.id, "keyword": keyword.text, **done})
    else:
        _print_check(keyword.id, done)
    return 0 if "says" in done else 1


@group.command()
@project_option
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True, help="What to write.")
@click.option("--output", "path", type=click.Path(path_type=Path), help="A file to write, whole or not at all. [default: stdout]")
@click.option("--separator", type=SEPARATOR, default=",", show_default=True, help="Between the cells of CSV; also `tab`.")
@click.option("--last", is_flag=True, help="Only the last day of each keyword.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON lines: the same as --format jsonl.")
def export(project_id: str | None, format_: str, path: Path | None, separator: str, last: bool, as_json: bool) -> None:
    """Write ranks with their history as CSV or JSON lines.

    A CSV file that --output names opens rightly in Excel; where Excel wants another separator, e.g. in German, give
    --separator ";". `keyword import` reads the file back.
    """
    from commands import exports
    from topics.tracking import ranks

    rows = ranks.rows(project_id, with_history=not last)
    format_ = "jsonl" if as_json else format_
    with exports.opened(path, marked=format_ == "csv") as file:
        count = ranks.write(file, format_, rows, separator)
    if path and str(path) != "-":
        output.line(f"Wrote {wording.pluralize(count, 'row')} to {path}.")


@group.command()
@click.option("--day", type=DAY, metavar="YYYY-MM-DD", help="The day to read again. [default: today]")
@project_option
@output.json_option
@writes
def reparse(day: datetime | None, project_id: str | None, as_json: bool) -> int:
    """Compute the ranks of a day anew from its stored pages; nothing is fetched."""
    import config
    from clients import storage
    from topics.tracking import days
    from topics.tracking import reparse as again

    on = day.date() if day else days.today_of(project_id)
    with output.progress(f"Reading {on}", None) as done:
        result = again.day(storage.make(config.settings()), on, project_id, done)
    if as_json:
        output.as_json(again.facts(on, result))
    else:
        _print_reparse(on, result)
    return 1 if result.problems else 0


@group.command()
@writes
def resume() -> None:
    """Fetch again after a halt, e.g. once the token is corrected or credits were bought."""

    from state.tracking import halts

    output.line("Fetching goes on." if halts.resume() else "Nothing was halted.")


def _quote_words(priced: dict[str, Any]) -> str:
    price = priced["price"]
    says = f"At most {wording.pluralize(price['requests_at_most'], 'request')}, {price['credits_at_most']:,g} credits, "
    says += f"{wording.duration(price['seconds_at_most'])}"
    if price["seconds_expected"] is not None:
        says += f" (likely {wording.duration(max(1, price['seconds_expected']))}, as the checks of the last day took)"
    says += ". "
    if price["credits_left"] is None:
        return says + "No budget limits them."
    return says + f"The budget leaves {price['credits_left']:,g}{'' if price['is_enough'] else ': too few'}."


def _batch_words(done: dict[str, Any]) -> str:
    freed = f" Freed {wording.pluralize(done['freed'], 'claim')} whose job is gone." if done["freed"] else ""
    if done["outcome"] == "halted":
        return f"Nothing enqueued: {done['reason']} `python manage.py serp resume` ends the halt.{freed}"
    if done["outcome"] == "paused":
        return f"Nothing enqueued: the provider is {done['reason']}.{freed}"
    held = " Held back: the queues are full (SERP_MAX_QUEUE_DEPTH)." if done["outcome"] == "held_back" else ""
    of = wording.pluralize(done["projects"], "project")
    counts = f"{done['total']:,} of {of}: {done['high']:,} high, {done['default']:,} default"
    return f"Enqueued batch of {counts}, in {done['ms']} ms.{held}{freed}"


def _print_check(keyword_id: str, done: dict[str, Any]) -> None:
    from state.tracking import history

    if done["outcome"] == "halted":
        raise TrawlError(f"{done['reason'].rstrip('.')}. Fetching is halted until that is mended.")
    if done["outcome"] == "in_progress":
        output.warn(f"Another job has it: {done['job']}. Nothing was fetched; `keyword show {keyword_id}` says more.")
        warn_of_stops()
    elif "says" not in done:
        output.warn(f"Nothing was fetched: {done['outcome']}.")
    else:
        output.line(done["says"])
    if done.get("url"):
        title = next((rank.title for rank in reversed(history.of(keyword_id)) if rank.url == done["url"]), None)
        output.fields([("url", done["url"]), ("title", title)])


def _print_reparse(on: date, result: Any) -> None:
    if result.changes:
        output.table(("keyword", "before", "after"), result.changes)
    for text, problem in result.problems:
        output.warn(f"{text}: {problem}")
    read, changed = wording.pluralize(result.read, "stored check"), wording.pluralize(len(result.changes), "rank")
    output.line(f"{on}: {read} read, {changed} changed, {wording.pluralize(result.missing, 'keyword')} without one.")
