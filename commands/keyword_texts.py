"""`keyword add` and `keyword respell`: keywords as they are typed."""

import itertools
from collections.abc import Iterable
from typing import IO

import rich_click as click

import spelling
import wording
from commands import output
from commands.parameters import PROJECT
from commands.root import writes
from commands.text_command import TextCommand


@click.command(cls=TextCommand)
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@click.argument("texts", metavar="TEXT…", nargs=-1, required=True)
@click.option("--tag", "tags", multiple=True, help="A tag of these keywords; give it several times for several.")
@click.option("--volume", type=click.IntRange(min=0), help="Searches a month.")
@click.option("--target-url", help="The page that is meant to rank.")
@writes
def add(project_id: str, texts: tuple[str, ...], tags: tuple[str, ...], volume: int | None, target_url: str | None) -> None:
    """Add keywords to a project, as they are typed: upper case, quotes, -minus and OR are kept.

    One that is there gets the tags, volume and page that are given.
    """
    from topics.tracking import adding, descriptions

    details = descriptions.checked(tags, volume, target_url)
    done = adding.add(project_id, [(text, details) for text in texts])
    _print_respelled(done.respelled)
    output.line(f"{done.added} added, {done.known} were there." + (f" {done.updated} updated." if done.updated else ""))
    for text in texts:
        if ignored := spelling.ignored_words(text):
            output.warn(f"Google reads {spelling.MAX_WORDS} words of {text!r:.60} and ignores the rest: {ignored!r:.60}")


@click.command(cls=TextCommand)
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@click.argument("texts", metavar="[TEXT…]", nargs=-1)
@click.option("--file", type=click.File(encoding="utf-8-sig"), help="A file with one text a line; - = standard input.")
@writes
def respell(project_id: str, texts: tuple[str, ...], file: IO[str] | None) -> int:
    """Set the text of keywords that are there to these spellings; history stays, and nothing is added.

    Versions before 2026-12 stored "Fußball" as "fussball" and OR as or. A keyword gets its text back here, or when it is added or
    imported again.
    """
    from topics.tracking import projects

    lines = (line for line in file or () if line.strip())
    changed, missing = projects.respell(project_id, itertools.chain(texts, lines))
    _print_respelled(changed)
    for text in missing:
        output.warn(f"No keyword {text!r} in {project_id}: `keyword add` adds it.")
    output.line(f"{len(changed)} changed, {wording.pluralize(len(missing), 'text')} of no keyword.")
    return 1 if missing else 0


COMMANDS = (add, respell)


def _print_respelled(changed: Iterable[tuple[str, str]]) -> None:
    for former, text in changed:
        output.line(f"The text {former!r} is {text!r} now; its history stays.")
