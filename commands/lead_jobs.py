"""`lead scrape`, `search` and `process`: jobs that read companies from their sites and from searches."""

from typing import Any

import rich_click as click

from commands import lead_import, lead_result, output
from commands.lead_submits import priority_option, queue_of, submit, tag_option
from commands.root import writes


@click.command()
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@tag_option
@priority_option
@output.json_option
@writes
def scrape(urls: tuple[str, ...], tags: tuple[str, ...], priority: str | None, as_json: bool) -> None:
    """Scrape the sites of companies: one, or many by one job that says how far it is; `lead result` lists them."""
    from jobs import leads
    from topics.leads import many
    from topics.leads import scrape as single

    queue = queue_of(priority)
    if len(urls) == 1:
        call = single.call(leads.scrape_company, urls[0], tags, queue)
    else:
        call = many.call(leads.scrape_companies, urls, tags, queue)
    submit(call, "`lead list` shows the companies", as_json)


@click.command()
@click.argument("queries", metavar="QUERY...", nargs=-1, required=True)
@click.option(
    "--most", type=click.IntRange(1, 100), default=10, show_default=True, help="Results of each query; 10 cost one page."
)
@click.option("--country", default="us", show_default=True, help="Of the search.")
@click.option("--language", default="en", show_default=True, help="Of the search.")
@click.option("--location", default="", help="Town or region of the search, as Google names it.")
@tag_option
@priority_option
@output.json_option
@writes
def search(
    queries: tuple[str, ...], most: int, tags: tuple[str, ...], priority: str | None, as_json: bool, **market: Any
) -> None:
    """Search, leave out directories and social networks, and scrape the sites that were found."""
    from jobs import leads
    from topics.leads import searches

    places = (market["country"], market["language"], market["location"])
    call = searches.call(leads.search_companies, queries, most, places, tags=tags, queue=queue_of(priority))
    submit(call, "`lead list` shows the companies", as_json)


@click.command()
@click.argument("companies", metavar="COMPANY...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All companies, 10,000 a job.")
@output.json_option
@writes
def process(companies: tuple[str, ...], is_all: bool, as_json: bool) -> None:
    """Bring facts of companies to one spelling; `lead show` says what cannot be read."""
    import chunks
    from jobs import leads
    from topics.leads import processing, views

    if bool(companies) == is_all:
        raise click.UsageError("Name companies, or say --all.")
    ids = views.ids(None) if is_all else companies
    calls = [processing.call(leads.process_data, piece, None) for piece in chunks.of(ids, processing.MOST_IDS)]
    if not calls:
        output.line("There is no company.")
    for call in calls:
        submit(call, "its result says what was changed", as_json)


COMMANDS = (scrape, search, lead_result.result, process, lead_import.import_)
