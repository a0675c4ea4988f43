"""`keyword`: what is tracked, and what is known of it."""

import itertools
from collections.abc import Iterator
from typing import Any

import rich_click as click

from commands import keyword_details, keyword_import, output
from commands.arguments import PROJECT, where_option, yes_option
from commands.program import writes

#: Keywords that `list` shows unless told otherwise.
SHOWN = 100

COLUMNS = ("id", "keyword", "rank", "url", "checked", "archived")

LEGEND = "30 days; _ not found, · unknown"

RANKS = ("last", "previous", "best", "first")


@click.group("keyword")
def group() -> None:
    """Tracked keywords, their ranks and their history."""


@group.command()
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@click.argument("texts", metavar="TEXT…", nargs=-1, required=True)
@click.option("--tag", "tags", multiple=True, help="A tag of these keywords; give it several times for several.")
@click.option("--volume", type=click.IntRange(min=0), help="Searches a month.")
@click.option("--target-url", help="The page that is meant to rank.")
@writes
def add(project_id: str, texts: tuple[str, ...], tags: tuple[str, ...], volume: int | None, target_url: str | None) -> None:
    """Add keywords to a project; one that is there gets the tags, volume and page that are given."""
    from tracking import descriptions, projects

    told = descriptions.checked(tags, volume, target_url)
    added, known = projects.add_keywords(project_id, list(texts))
    updated = descriptions.of_texts(project_id, texts, told) - added if told else 0
    output.line(f"{added} added, {known} were there." + (f" {updated} updated." if updated > 0 else ""))


group.add_command(keyword_import.import_)
group.add_command(keyword_details.set_)


@group.command("list")
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@click.option("--archived", "which", flag_value="archived", help="Only those that rest.")
@click.option("--all", "which", flag_value="all", help="Those that rest, too.")
@click.option("--tag", help="Only those with this tag.")
@click.option("--limit", type=click.IntRange(min=0), help=f"At most so many; 0 = all. [default: {SHOWN}; all with --json]")
@output.json_option
def list_(project_id: str, which: str | None, tag: str | None, limit: int | None, as_json: bool) -> None:
    """List the keywords of a project with their last rank."""
    from commands import facts

    rows = facts.keywords_of(project_id, {"archived": True, "all": None}.get(which or "", False))
    if tag:
        rows = (row for row in rows if tag.strip().casefold() in (one.casefold() for one in row["tags"]))
    if as_json:
        output.json_list(itertools.islice(rows, limit or None))
        return
    shown = itertools.islice(rows, SHOWN if limit is None else limit or None)
    output.table(COLUMNS, map(_row, shown))
    if next(rows, None):
        output.warn("There are more: --limit 0 lists them all.")


@group.command()
@click.argument("name", metavar="ID|TEXT")
@where_option
@output.json_option
def show(name: str, project_id: str | None, as_json: bool) -> None:
    """Show all that is known of one keyword."""
    from commands import facts
    from tracking import projects

    found = facts.keyword(projects.find_keyword(name, project_id))
    if as_json:
        output.as_json(found)
    else:
        output.card(_told(found))


@group.command()
@click.argument("name", metavar="ID|TEXT")
@where_option
@output.json_option
def history(name: str, project_id: str | None, as_json: bool) -> None:
    """Show the ranks of one keyword by day, the newest first."""
    import clock
    from state import history as stored
    from tracking import projects, ranks

    past = stored.of(projects.find_keyword(name, project_id).id)
    if as_json:
        output.json_list(ranks.as_dict(rank) for rank in reversed(past))
        return
    output.table(("day", "rank", "url", "title"), [(rank.day, str(rank), rank.url, rank.title) for rank in reversed(past)])
    output.line(f"{ranks.line(past, clock.now().date())}  {LEGEND}")


@group.command()
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@writes
def archive(names: tuple[str, ...], project_id: str | None) -> None:
    """Let keywords rest; their history stays."""
    changed = _set_archived(names, project_id, True)
    output.line(f"{changed} archived, {len(names) - changed} were so before.")


@group.command()
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@writes
def unarchive(names: tuple[str, ...], project_id: str | None) -> None:
    """Check archived keywords again."""
    changed = _set_archived(names, project_id, False)
    output.line(f"{changed} woken, {len(names) - changed} were awake.")


@group.command()
@click.argument("names", metavar="ID|TEXT…", nargs=-1, required=True)
@where_option
@yes_option
@writes
def remove(names: tuple[str, ...], project_id: str | None, yes: bool) -> None:
    """Remove keywords with their history."""
    from state import keywords
    from tracking import projects

    found = [projects.find_keyword(name, project_id) for name in names]
    if not yes:
        shown = ", ".join(repr(keyword.text) for keyword in found[:5]) + (" …" if len(found) > 5 else "")
        click.confirm(output.plain(f"Remove {shown} with all history?"), abort=True, err=True)
    removed = sum(keywords.remove(keyword.project_id, [keyword.id]) for keyword in found)
    output.line(f"{removed} removed.")


def _set_archived(names: tuple[str, ...], project_id: str | None, archived: bool) -> int:
    from state import keywords
    from tracking import projects

    found = [projects.find_keyword(name, project_id) for name in names]  # an unknown one stops it before anything changed
    return sum(keywords.set_archived(keyword.id, archived) for keyword in found)


def _row(found: dict[str, Any]) -> tuple[object, ...]:
    last = found["last"]
    return found["id"], found["keyword"], last["says"], last["url"], found["scraped_at"], found["archived"]


def _told(found: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield from ((name, found[name]) for name in ("id", "project", "keyword"))
    yield from keyword_details.told(found)
    for name in RANKS:
        yield from _told_rank(name, found[name])
    yield "line", f"{found['line']}  {LEGEND}"
    yield "checked", found["scraped_at"]
    if found["archived"]:
        yield "next due", "rests: `keyword unarchive` wakes it"
    elif found["next_due_at"]:
        yield "next due", "now" if found["next_due_at"].timestamp() == 0 else found["next_due_at"]
    yield from (("waits", reason) for reason in found["waits_for"])
    error, claim = found["error"], found["processing"]
    if error:
        yield "last error", f"{error['category']}: {error['message']} ({error['at']}, {found['failures']} in a row)"
    if claim:
        yield "processing", f"by job {claim['job']} ({claim['job_status']}) for {output.span(claim['for_s'])}"
        yield "since", claim["since"]


def _told_rank(name: str, rank: dict[str, Any]) -> Iterator[tuple[str, object]]:
    if rank["day"] or name == "last":
        yield name, rank["says"] + (f" on {rank['day']}" if rank["day"] else "")
    if rank["url"]:
        yield "  url", rank["url"]
        yield "  title", rank["title"]
