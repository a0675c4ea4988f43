"""`lead list` and `lead show`: companies, and what is known of one."""

from datetime import UTC, datetime

import rich_click as click

from commands import output

COLUMNS = ("id", "name", "domain", "city", "country", "industry", "employees", "score", "tags")


@click.command("list")
@click.option("--tag", default="", help="Only companies with this tag.")
@click.option("--text", default="", help="Only companies whose name, site, town, industry or tags hold it.")
@click.option("--score", "least", type=float, metavar="N", help="Only companies with a score of at least N.")
@click.option("--most", type=click.IntRange(1, 100_000), default=100, show_default=True, help="how many")
@click.option("--cursor", default="", help="where the last list ended")
@output.json_option
def list_(tag: str, text: str, least: float | None, most: int, cursor: str, as_json: bool) -> None:
    """List companies, all or those that fit."""
    from topics.leads import views

    found, rest = views.page(None, views.Filters(tag, text, least), cursor, most)
    rows = [views.row(one) for one in found]
    if as_json:
        output.json_list(rows)
    elif rows:
        output.table(COLUMNS, [[", ".join(row[name]) if name == "tags" else row[name] for name in COLUMNS] for row in rows])
    elif not rest:
        output.line("No company: `python manage.py lead scrape URL` reads one, `lead import FILE` many.")
    if rest:
        output.more(rest)


@click.command()
@click.argument("company")
@output.json_option
def show(company: str, as_json: bool) -> None:
    """Show what is known of COMPANY: each fact with its source and age, what it replaced, and what is wrong with it."""
    from topics.leads import processing, views

    found = views.find(company)
    told = [one.told() for one in processing.findings(found)]
    former = views.former(found.id)
    if as_json:
        output.as_json({**views.told(found), "former": former, "findings": told})
        return
    output.fields([(name, getattr(found, name)) for name in ("id", "name", "site", "owner")])
    output.fields([("tags", ", ".join(found.tags)), ("score", found.score.total if found.score else None)])
    facts = [(name, found.facts[name]) for name in views.ordered(found)]
    rows = [(name, views.shown(fact.value), fact.source, _when(fact.at_ms)) for name, fact in facts]
    output.table(("fact", "value", "source", "seen"), rows)
    if former:
        rows = [(one["field"], views.shown(one["value"]), one["source"], _when(one["at_ms"])) for one in former]
        output.table(("was", "value", "source", "seen"), rows)
    for one in told:
        output.warn(f"{one['field']}: {one['problem']}" + (f" ({one['remedy']})" if one["remedy"] else ""))


COMMANDS = (list_, show)


def _when(at_ms: int) -> str:
    return output.when(datetime.fromtimestamp(at_ms / 1000, UTC))
