"""`lead`: companies added by hand, tagged and removed; the commands of its group."""

from typing import Any

import rich_click as click
from click import confirm

from commands import lead_jobs, lead_scores, lead_views, output
from commands.options import yes_option
from commands.root import writes


@click.group("lead")
def group() -> None:
    """Companies: scraped, searched, imported or typed; each fact with its source."""


for command in (*lead_views.COMMANDS, *lead_jobs.COMMANDS, *lead_scores.COMMANDS):
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
