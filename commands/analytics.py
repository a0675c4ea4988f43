"""`analytics`: what was found out about companies, and single questions."""

from pathlib import Path
from typing import Any

import rich_click as click

from commands import analytics_report, output


@click.group("analytics")
def group() -> None:
    """Reports and questions about companies; each figure comes with its query."""


group.add_command(analytics_report.report)


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
        for hint in told.get("hints", ()):
            output.warn(hint)


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
