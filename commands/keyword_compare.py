"""`keyword compare`: the result pages of two days beside each other."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import rich_click as click

from commands import output
from commands.options import where_option
from commands.parameters import DAY
from commands.text_command import TextCommand

COMPARED = ("change", "before", "after", "ours", "title", "url")


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


def _changed(facts: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for what, name in (("features", "feature"), ("cited", "source")):
        yield f"{name}s gained", facts[what]["gained"]
        yield f"{name}s lost", facts[what]["lost"]
