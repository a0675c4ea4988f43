"""`keyword day`, `keyword compare` and `keyword competitors`: result pages as they were read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import rich_click as click

from commands import output
from commands.options import DAY, TextCommand, where_option

RESULTS = ("rank", "ours", "title", "url")
RIVALS = ("domain", "rank", "before", "best", "pinned")
COMPARED = ("change", "before", "after", "ours", "title", "url")


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


@click.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@click.argument("first", metavar="DAY", type=DAY)
@click.argument("second", metavar="DAY", type=DAY)
@where_option
@output.json_option
def compare(name: str, first: datetime, second: datetime, project_id: str | None, as_json: bool) -> int:
    """Compare the result pages of two days: moved, new, gone, features. The exit code is 1 where one is missing."""
    from topics.operations import comparisons
    from topics.tracking import projects

    keyword = projects.find_keyword(name, project_id)
    found = comparisons.of(keyword, first.date(), second.date())
    facts = comparisons.facts(keyword, found)
    if as_json:
        output.as_json(
            {**facts, **{name: {**facts[name], "day": facts[name]["day"].isoformat()} for name in ("before", "after")}}
        )
        return 0 if found.result else 1
    for one in (facts["before"], facts["after"]):
        output.line(f"{one['day']}: {one['rank']['says']}")
    for says in found.missing:
        output.warn(says)
    if found.result:
        output.table(COMPARED, [[getattr(row, name) for name in COMPARED] for row in found.result.rows])
        output.fields((name, ", ".join(words)) for name, words in _changed(facts) if words)
    return 0 if found.result else 1


@click.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@where_option
@output.json_option
def competitors(name: str, project_id: str | None, as_json: bool) -> None:
    """Show who ranked for a keyword in the last 30 days, from the result pages that its checks read."""
    from state.tracking import projects as stored
    from topics.tracking import competitors, days, projects

    keyword = projects.find_keyword(name, project_id)
    project = stored.get(keyword.project_id)
    found = competitors.of_keyword(keyword, days.today(project))
    if as_json:
        output.as_json(found)
        return
    rows = [[row["domain"] or f"{project.domain} (this project)", *(row[one] for one in RIVALS[1:])] for row in found["domains"]]
    output.table(RIVALS, rows)


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


def _changed(facts: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for what, name in (("features", "feature"), ("cited", "source")):
        yield f"{name}s gained", facts[what]["gained"]
        yield f"{name}s lost", facts[what]["lost"]
