"""`project competitors`: who ranks beside a project."""

from collections.abc import Sequence
from typing import Any

import rich_click as click

import wording
from commands import output, pins
from commands.parameters import PROJECT

COLUMNS = ("domain", "share", "visibility", "keywords", "top_3", "top_10", "above", "below", "pinned")
DUEL = ("id", "keyword", "volume", "theirs", "ours", "who", "day")
MATRIX = ("id", "keyword", "volume", "ours")


@click.command("competitors")
@click.argument("project_id", metavar="ID", type=PROJECT)
@click.option("--domain", metavar="DOMAIN", help="The keywords on whose result pages this domain stands, and our ranks there.")
@click.option("--which", type=click.Choice(["above", "below"]), help="With --domain: where it stands above us, or below.")
@click.option("--keywords", "by_keyword", is_flag=True, help="Keywords with our rank and those of the pinned domains.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, help="Keywords at most. [default: 100]")
@click.option("--cursor", default="", help="Go on where the last list of keywords ended.")
@output.json_option
def competitors_(
    project_id: str, domain: str | None, which: str | None, by_keyword: bool, limit: int, cursor: str, as_json: bool
) -> None:
    """Count who ranks beside a project, from the result pages that its checks read. Nothing is fetched."""
    from topics.tracking import competitors, head_to_head, projects

    projects.named(project_id)
    if domain and by_keyword:
        raise click.UsageError("--domain and --keywords exclude each other")
    if domain:
        _show(head_to_head.page(project_id, competitors.spoken_domain(domain), which or "", limit, cursor), [], as_json)
    elif by_keyword:
        domains = competitors.compared(project_id)
        _show(head_to_head.matrix(project_id, domains, limit, cursor), domains, as_json)
    else:
        _count(project_id, as_json)


COMMANDS = (competitors_, pins.pin, pins.unpin)


def _show(found: Any, domains: Sequence[str], as_json: bool) -> None:
    """Some keywords; with `domains` one column for each."""
    if as_json:
        output.json_list(found.rows)
    elif domains:
        rows = [[*(row[name] for name in MATRIX), *(row["ranks"][domain] for domain in domains)] for row in found.rows]
        output.table((*MATRIX, *domains), rows)
    else:
        output.table(DUEL, [[row.get(name) for name in DUEL] for row in found.rows])
    output.more(found.cursor)


def _count(project_id: str, as_json: bool) -> None:
    from state.tracking import keywords
    from topics.tracking import competitors

    with output.progress("Result pages", 2 * keywords.count_of(project_id)) as done:
        facts = competitors.make(project_id, done)
    if as_json:
        output.as_json(facts)
        return
    rows = sorted([facts["ours"], *facts["leaders"]], key=lambda row: -(row["share"] or 0))
    output.table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])
    counted = f"{facts['counted']} of {wording.pluralize(facts['keywords'], 'keyword')}"
    output.line(f"{counted} counted. Share of voice: {facts['formula']}.")
    if facts["sandbox"]:
        output.line(f"INVENTED by the sandbox: the result pages of {wording.pluralize(facts['sandbox'], 'keyword')}.")
