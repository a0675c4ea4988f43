"""`lead`: companies, what is known of each, and where from."""

from datetime import UTC, datetime
from typing import Any

import rich_click as click
from click import confirm

from commands import lead_jobs, lead_scores, output
from commands.options import yes_option
from commands.root import writes

COLUMNS = ("id", "name", "domain", "city", "country", "industry", "employees", "score", "tags")


@click.group("lead")
def group() -> None:
    """Companies: scraped, searched, imported or typed; each fact with its source."""


for command in (*lead_jobs.COMMANDS, *lead_scores.COMMANDS):
    group.add_command(command)


@group.command()
@click.option(
    "--id", "company_id", metavar="ID", help="Type facts of this company. [default: the one with this site, else a new one]"
)
@click.option("--name", help="What it is called.")
@click.option("--site", help="Its site, e.g. example.com.")
@click.option("--email", "emails", multiple=True, help="May be repeated.")
@click.option("--phone", "phones", multiple=True, help="May be repeated.")
@click.option("--country", help="Its code or name.")
@click.option(
    "--set", "others", multiple=True, metavar="FIELD=VALUE", help="Another fact, e.g. industry=Software; may be repeated."
)
@click.option("--tag", "tags", multiple=True, help="May be repeated.")
@output.json_option
@writes
def add(company_id: str | None, others: tuple[str, ...], tags: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Add a company by hand. What is typed is never replaced by what a page says."""
    from topics.leads import adding

    facts = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}
    facts |= dict(_pair(one) for one in others)
    made = adding.change(company_id, facts, tags) if company_id else adding.add(facts, tags)
    if as_json:
        output.as_json(made._asdict())
    else:
        output.line(f"{made.id} {'is added' if made.was_new else 'was there'}; changed: {', '.join(made.changed) or 'nothing'}.")


@group.command("list")
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


@group.command()
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


@group.command()
@click.argument("companies", nargs=-1, required=True)
@click.option("--add", multiple=True, metavar="TAG", help="May be repeated.")
@click.option("--take", multiple=True, metavar="TAG", help="A tag to take away; may be repeated.")
@writes
def tag(companies: tuple[str, ...], add: tuple[str, ...], take: tuple[str, ...]) -> None:
    """Give COMPANIES tags, and take others from them."""
    from topics.leads import views

    if not add and not take:
        raise click.UsageError("Say --add TAG or --take TAG.")
    output.line(f"{views.tag(companies, None, add, take):,} changed.")


@group.command()
@click.argument("company")
@yes_option
@writes
def remove(company: str, yes: bool) -> None:
    """Remove COMPANY with all that is known of it."""
    from topics.leads import views

    if not yes:
        found = views.find(company)
        confirm(f"Remove {found.name or found.domain or found.id} with all that is known of it?", abort=True, err=True)
    output.line(f"{views.remove(company).id} is removed.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--set {text!r:.60} is no FIELD=VALUE.")
    return name.strip(), value.strip()


def _when(at_ms: int) -> str:
    return output.when(datetime.fromtimestamp(at_ms / 1000, UTC))
