"""What came out of a scrape, written or read again."""

from pathlib import Path
from typing import Any

import wording
from commands import exports, output


def write(id_: str, format_: str | None, path: Path | None, with_all: bool) -> None:
    """Write the records of a scrape in a format, as they are read."""
    from topics.scraping import formats, views

    chosen = format_ or views.format_of(id_)
    records = views.records(id_, with_all=with_all)
    with exports.opened(path, marked=chosen == "csv") as file:
        count = formats.write(file, chosen, records)
    if path and str(path) != "-":
        output.line(f"Wrote {wording.pluralize(count, 'record')} to {path}.")


def reparse(id_: str, config: dict[str, Any] | None, path: Path | None, as_json: bool) -> int:
    """Read kept pages again; says what changed, and writes the new records where a file is named."""
    from topics.scraping import formats, reparse

    changed: list[tuple[str, str]] = []
    problems: list[tuple[str, str]] = []
    counts = {"read": 0}

    def records() -> Any:
        for again in reparse.pages(id_, config):
            counts["read"] += not again.problem
            if again.problem:
                problems.append((again.before["url"], again.problem))
            elif again.changed:
                changed.append((again.before["url"], ", ".join(again.changed)))
            yield again.record

    if path:
        with exports.opened(path, marked=False) as file:
            formats.write(file, "jsonl", records())
    else:
        for _ in records():
            pass
    _print(counts["read"], changed, problems, as_json)
    return 1 if problems else 0


def _print(read: int, changed: list[tuple[str, str]], problems: list[tuple[str, str]], as_json: bool) -> None:
    if as_json:
        named = [{"url": url, "changed": names} for url, names in changed]
        output.as_json({"read": read, "changes": named, "problems": [{"url": url, "problem": why} for url, why in problems]})
        return
    if changed:
        output.table(("url", "changed"), changed)
    for url, problem in problems:
        output.warn(f"{url}: {problem}")
    output.line(f"{wording.pluralize(read, 'kept page')} read, {wording.pluralize(len(changed), 'record')} changed.")
