"""`lead list` and `lead show`: companies, and what is known of one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

import wording
from commands import output
from commands.parameters import SEPARATOR

if TYPE_CHECKING:
    from topics.leads.views import Filters

#: Companies that are listed where nobody says how many.
SHOWN = 100

COLUMNS = ("id", "name", "domain", "city", "country", "industry", "employees", "score", "tags")


@click.command("list")
@click.option("--tag", default="", help="Only companies with this tag.")
@click.option("--text", default="", help="Only companies whose name, site, town, industry or tags hold it.")
@click.option("--score", "least", type=float, metavar="N", help="Only companies with a score of at least N.")
@click.option("--most", type=click.IntRange(1, 100_000), help="how many [default: 100; of a file all]")
@click.option("--cursor", default="", help="where the last list ended")
@click.option("--csv", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write a file, with all facts; - is stdout.")
@click.option("--separator", type=SEPARATOR, default=",", show_default=True, help="Between the cells of the file; also `tab`.")
@click.option("--as-is", is_flag=True, help="Cells of the file for a program: no ' before what a spreadsheet would run (+49 …).")
@output.json_option
def list_(
    tag: str,
    text: str,
    least: float | None,
    most: int | None,
    cursor: str,
    path: Path | None,
    separator: str,
    as_is: bool,
    as_json: bool,
) -> None:
    """List companies, all or those that fit; --csv writes them with all that is known of them."""
    from topics.leads import views

    if path is None and (as_is or separator != ","):
        raise click.UsageError("--separator and --as-is are for a file: name one by --csv.")
    if path and as_json:
        raise click.UsageError("Give --csv or --json: the file is CSV.")
    wanted = views.Filters(tag, text, least)
    if path:
        _write(path, wanted, cursor, most, separator, as_is)
        return
    found, rest = views.page(None, wanted, cursor, most or SHOWN)
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


def _write(path: Path, wanted: "Filters", cursor: str, most: int | None, separator: str, as_is: bool) -> None:
    from commands import exports
    from topics.leads import exports as files

    with exports.opened(path, marked=True) as file:
        count = files.write(file, files.rows(None, wanted, cursor, most), separator, as_is=as_is)
    if str(path) != "-":
        output.line(f"Wrote {wording.pluralize(count, 'company')} to {path}.")


def _when(at_ms: int) -> str:
    return output.when(datetime.fromtimestamp(at_ms / 1000, UTC))
