"""`keyword`: what is tracked, and what is known of it."""

import itertools
from collections.abc import Iterable, Iterator
from typing import IO, Any

import rich_click as click

import spelling
import wording
from commands import keyword_bulk, keyword_days, keyword_details, keyword_import, keyword_list, output
from commands.options import PROJECT, TextCommand, where_option, yes_option
from commands.root import writes

LEGEND = "30 days; _ not found, · unknown"

RANKS = ("last", "previous", "best", "first")


@click.group("keyword")
def group() -> None:
    """Tracked keywords, their ranks and their history."""


@group.command(cls=TextCommand)
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


@group.command(cls=TextCommand)
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


group.add_command(keyword_import.import_)
group.add_command(keyword_details.set_)
group.add_command(keyword_list.list_)
group.add_command(keyword_bulk.bulk)
group.add_command(keyword_days.day)
group.add_command(keyword_days.compare)
group.add_command(keyword_days.competitors)


@group.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@where_option
@output.json_option
def show(name: str, project_id: str | None, as_json: bool) -> None:
    """Show all that is known of one keyword."""
    from topics.operations import views
    from topics.tracking import projects

    found = views.keyword(projects.find_keyword(name, project_id))
    if as_json:
        output.as_json(found)
    else:
        output.fields(_fields_of(found))


@group.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@where_option
@output.json_option
def history(name: str, project_id: str | None, as_json: bool) -> None:
    """Show the ranks of one keyword by day, the newest first."""
    from topics.operations import views
    from topics.tracking import projects

    found = views.history(projects.find_keyword(name, project_id))
    if as_json:
        output.json_list(found.ranks)
        return
    output.table(("day", "rank", "url", "title"), found.rows)
    output.line(f"{found.line}  {LEGEND}")


@group.command(cls=TextCommand)
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@writes
def archive(names: tuple[str, ...], project_id: str | None) -> None:
    """Archive keywords: they are not checked any more, and their history stays."""
    changed = _set_archived(names, project_id, True)
    output.line(f"{changed} archived, {len(names) - changed} were archived already.")


@group.command(cls=TextCommand)
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@writes
def unarchive(names: tuple[str, ...], project_id: str | None) -> None:
    """Unarchive keywords: they are checked again."""
    changed = _set_archived(names, project_id, False)
    output.line(f"{changed} unarchived, {len(names) - changed} were not archived.")


@group.command(cls=TextCommand)
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@yes_option
@writes
def remove(names: tuple[str, ...], project_id: str | None, yes: bool) -> None:
    """Remove keywords with their history."""
    from state.tracking import keywords
    from topics.tracking import projects

    found = projects.find_keywords(names, project_id)
    if not yes:
        shown = ", ".join(repr(keyword.text) for keyword in found[:5]) + (" …" if len(found) > 5 else "")
        click.confirm(output.escape(f"Remove {shown} with all history?"), abort=True, err=True)
    removed = keywords.remove_many(found)
    output.line(f"{removed} removed.")


def _print_respelled(changed: Iterable[tuple[str, str]]) -> None:
    for former, text in changed:
        output.line(f"The text {former!r} is {text!r} now; its history stays.")


def _set_archived(names: tuple[str, ...], project_id: str | None, archived: bool) -> int:
    from state.tracking import keywords
    from topics.tracking import projects

    found = projects.find_keywords(names, project_id)  # an unknown one stops it before anything changed
    return keywords.archive_many(found, archived)


def _fields_of(found: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield from ((name, found[name]) for name in ("id", "project", "keyword"))
    yield from keyword_details.fields_of(found)
    shown = None
    for name in RANKS:
        rank = found[name]
        yield from _fields_of_rank(name, rank, has_page=(rank["url"], rank["title"]) != shown)
        shown = (rank["url"], rank["title"]) if rank["url"] else shown
    yield "line", f"{found['line']}  {LEGEND}"
    yield "checked", found["scraped_at"]
    if found["archived"]:
        yield "next due", "archived: `keyword unarchive` has it checked again"
    elif found["next_due_at"]:
        yield "next due", "now" if found["next_due_at"].timestamp() == 0 else found["next_due_at"]
    yield from (("waits", reason) for reason in found["waits_for"])
    error, claim = found["error"], found["processing"]
    if error:
        yield "last error", f"{error['category']}: {error['message']} ({error['at']}, {found['failures']} in a row)"
    if claim:
        yield "processing", f"by job {claim['job']} ({claim['job_status']}) for {wording.duration(claim['for_s'])}"
        yield "since", claim["since"]


def _fields_of_rank(name: str, rank: dict[str, Any], *, has_page: bool) -> Iterator[tuple[str, object]]:
    """A rank, and its page where that is another page than the one before."""
    if rank["day"] or name == "last":
        yield name, rank["says"] + (f" on {rank['day']}" if rank["day"] else "")
    if rank["url"] and has_page:
        yield "  url", rank["url"]
        yield "  title", rank["title"]
