"""`keyword day`: a result page as it was read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import rich_click as click

from commands import output
from commands.options import where_option
from commands.parameters import DAY
from commands.text_command import TextCommand

RESULTS = ("rank", "ours", "title", "url")


@click.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@click.argument("on", metavar="DAY", type=DAY)
@where_option
@output.json_option
def day(name: str, on: datetime, project_id: str | None, as_json: bool) -> int:
    """Show the result page of DAY (e.g. 2026-03-01) as it was read; the exit code is 1 where none is stored."""
    from topics.operations import keyword_looks
    from topics.tracking import projects, stored_days

    keyword = projects.find_keyword(name, project_id)
    found = stored_days.of(keyword, on.date())
    facts = keyword_looks.day_facts(keyword, found)
    if as_json:
        output.as_json({**facts, "day": found.day.isoformat()})
    elif found.check is None:
        output.line(facts["rank"]["says"])
        output.warn(found.missing)
    else:
        output.fields(_fields(facts))
        output.table(RESULTS, [[row[name] for name in RESULTS] for row in facts["stored"]["organic"]])
    return 0 if found.check else 1


def _fields(facts: dict[str, Any]) -> Iterator[tuple[str, object]]:
    stored = facts["stored"]
    yield from (("day", facts["day"]), ("rank", facts["rank"]["says"]))
    yield "read by", ", ".join(page["confidence"] for page in stored["pages"])
    yield "the page answers", ", ".join(page["query"] or "it does not say" for page in stored["pages"])
    yield from ((name, stored[name]) for name in ("provider", "cost", "tries", "parser_version", "checked_at"))
    yield "features", ", ".join(stored["features"])
    yield from (("AI overview names", url) for url in stored["cited"])
    if stored["sandbox"]:
        yield "sandbox", "this page is invented"
    if facts["failed_too"]:
        yield "beside it", "another check of this day failed"
