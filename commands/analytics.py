"""`analytics`: reports about companies, and single questions."""

from pathlib import Path
from typing import Any

import rich_click as click

from commands import output
from commands.root import warn_of_stops, writes

TYPES = ("comprehensive", "summary", "comparison")


@click.group("analytics")
def group() -> None:
    """Reports and questions about companies; each figure comes with its query."""


@group.command()
@click.option("--type", "report_type", type=click.Choice(TYPES), default=TYPES[0], show_default=True, help="Which report.")
@click.option("--company", "companies", multiple=True, metavar="ID", help="Only this company; may be repeated. [default: all]")
@click.option("--since", metavar="DAY", help="From when on scores changed. [default: 30 days ago]")
@click.option("--stale-days", type=click.IntRange(1, 3660), default=180, show_default=True, help="What is older is old.")
@click.option(
    "--compare",
    nargs=3,
    metavar="BY A B",
    help="Of a comparison: tag, source, day or where, and both sides. [default: by --since]",
)
@click.option("--priority", metavar="P", help="high, default or low, or 1 (high) to 9 (low). [default: default]")
@output.json_option
@writes
def report(companies: tuple[str, ...], priority: str | None, as_json: bool, **options: Any) -> None:
    """Have a report made by a job. `analytics show JOB` shows it."""
    import queues
    from jobs import analytics
    from topics.analytics import reports
    from topics.scraping import config

    sides = options["compare"] and dict(zip(("by", "a", "b"), options["compare"], strict=True))
    told = {"since": options["since"], "stale_days": options["stale_days"], "compare": sides}
    queue = config.queue_of(priority)
    call = reports.call(
        analytics.make_report,
        options["report_type"],
        companies or None,
        {name: value for name, value in told.items() if value},
        queue,
    )
    made = queues.submit_many([call])[0]
    if as_json:
        output.as_json({"id": made.job_id, "queue": made.queue})
        return
    output.line(f"{made.job_id} is in the queue {made.queue}. When it is done, `analytics show {made.job_id}` shows the report.")
    warn_of_stops(made.queue)


@group.command()
@click.argument("job")
@click.option("--format", "format_", type=click.Choice(("html", "csv", "json")), help="Write it in this format.")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="The file to write. [default: standard output]")
@output.json_option
def show(job: str, format_: str | None, to: Path | None, as_json: bool) -> None:
    """Show the report or answer that JOB made, or write it as a file."""
    import errors
    from topics.analytics import files, reports

    told = reports.kept(job)
    if told is None:
        raise errors.NotFound(
            f"No report of {job!r:.80} is kept (RESULT_DAYS): `python manage.py jobs show {job:.80}` says how far it is."
        )
    if format_ is None and to is not None:
        format_ = to.suffix.removeprefix(".") if to.suffix.removeprefix(".") in files.TYPES else "html"
    if to is not None and format_ is not None:
        with to.open("w", encoding="utf-8", errors="replace", newline="") as file:
            file.writelines(files.texts_of(format_, told))
        output.line(f"Written: {to}")
    elif as_json or format_ == "json":
        output.as_json(told)
    elif format_ is not None:
        for text in files.texts_of(format_, told):
            click.echo(text, nl=False)
    else:
        _tell(told)


@group.command()
@click.option("--query", required=True, metavar="TEXT", help="E.g. 'count where country = \"DE\"'.")
@click.option("--owner", metavar="KEY", help="Only the companies of this API key. [default: everybody's]")
@output.json_option
def analyze(query: str, owner: str | None, as_json: bool) -> None:
    """Answer a query about companies, here and now."""
    from topics.analytics import analyses, queries

    asked = queries.parse(query)
    with output.progress("Companies read", None) as done:
        told = analyses.answer(asked, owner, done)
    if as_json:
        output.as_json(told)
    else:
        _tell(told)


def _tell(told: dict[str, Any]) -> None:
    """A table for each section; a single figure is one line."""
    from topics.analytics import page_file, texts

    if "value" in told and told["what"] != "report":
        output.line(texts.figure(told["value"]))
        return
    for number, section in enumerate(page_file.sections_of(told)):
        if number:
            output.line("")
        output.line(f"{section['title']}: {section['about']}")
        heads = [section["head"], *(one["label"] for one in section["columns"]), "query"]
        output.table(heads, [_cells(section, line) for line in section["lines"]])


def _cells(section: dict[str, Any], line: dict[str, Any]) -> list[str]:
    from topics.analytics import texts

    figures = [line["figures"].get(one["key"]) for one in section["columns"]]
    shown = [
        texts.figure(one["value"], column["unit"]) if one else "" for one, column in zip(figures, section["columns"], strict=True)
    ]
    return [line["label"], *shown, next((one["query"] for one in figures if one), "")]
