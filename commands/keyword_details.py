"""`keyword set`: tags, volume and target page of keywords; and how they are shown."""

from collections.abc import Iterator
from typing import Any

import rich_click as click

from commands import output
from commands.options import where_option
from commands.root import writes


@click.command("set")
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@click.option("--tag", "tags", multiple=True, help="Give them this tag; several times for several.")
@click.option("--untag", "untags", multiple=True, help="Take this tag from them; several times for several.")
@click.option("--volume", type=click.IntRange(min=-1), help="Searches a month; -1 = none.")
@click.option("--target-url", help='The page that is meant to rank; "" = none.')
@writes
def set_(names: tuple[str, ...], project_id: str | None, **options: Any) -> None:
    """Change tags, volume and target page of keywords."""
    from errors import ArgumentError
    from topics.tracking import descriptions, projects

    untags = options.pop("untags")
    details = descriptions.checked(**options)
    if not details and not untags:
        raise ArgumentError("nothing to change: give --tag, --untag, --volume or --target-url")
    found = projects.find_keywords(names, project_id)  # an unknown one stops it before anything changed
    changed = descriptions.change(found, details, untags)
    output.line(f"{changed} changed, {len(found) - changed} were like that already.")


def fields_of(found: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Tags, volume and target page for `keyword show`, where there are some."""
    if found["volume"] is not None:
        yield "volume", f"{found['volume']:,} searches a month"
    if found["tags"]:
        yield "tags", ", ".join(found["tags"])
    if found["target_url"]:
        yield "target page", found["target_url"]
