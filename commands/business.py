"""`business`: the telling pages of sites, and what they say."""

from datetime import UTC, datetime

import rich_click as click

from commands import business_ask, output
from commands.root import writes


@click.group("business")
def group() -> None:
    """Sites of businesses: their contact pages, and questions about them."""


group.add_command(business_ask.ask)


@group.command()
@click.argument("url")
@click.option(
    "--page", "pages", multiple=True, metavar="PATH", help="A page of the site; may be repeated. [default: the usual ones]"
)
@click.option("--priority", metavar="P", help="high, default or low, or 1 (high) to 9 (low). [default: default]")
@output.json_option
@writes
def scrape(url: str, pages: tuple[str, ...], priority: str | None, as_json: bool) -> None:
    """Scrape the pages of the site at URL that tell who runs it. `business show SITE` shows what they say."""
    import queues
    from jobs import business
    from topics.business import scrape as scrapes
    from topics.scraping import config

    made = queues.submit_many([scrapes.call(business.scrape_business, url, pages, config.queue_of(priority))])[0]
    for warning in made.warnings:
        output.warn(f"Warning: {warning}")
    site = scrapes.name_of(url)
    if as_json:
        output.as_json({"id": made.job_id, "queue": made.queue, "site": site})
    else:
        output.line(f"{made.job_id} is in the queue {made.queue}. When it is done, `business show {site}` shows what was found.")


@group.command("list")
@click.option("--most", type=click.IntRange(1, 100_000), default=100, show_default=True, help="how many")
@click.option("--cursor", default="", help="where the last list ended")
@output.json_option
def list_(most: int, cursor: str, as_json: bool) -> None:
    """List the sites that were scraped, by name."""
    from topics.business import sites

    found, rest = sites.listed(None, cursor, most)
    if as_json:
        output.json_list([one._asdict() for one in found])
    else:
        output.table(("site", "name", "pages", "scraped"), [(one.site, one.name, one.pages, _when(one.at_ms)) for one in found])
    if rest:
        output.more(rest)


@group.command()
@click.argument("site")
@output.json_option
def show(site: str, as_json: bool) -> None:
    """Show what the pages of SITE say of it, each thing with the page that says it."""
    from topics.business import facts, sites

    found = sites.show(site)
    if as_json:
        output.as_json(found)
        return
    output.fields([("site", found["site"]), ("name", found["name"] or ""), ("scraped", found["scraped_at"])])
    if found["description"]:
        output.line(found["description"]["text"])
    rows = [
        (kind, one[part], one["evidence"][0]["url"], one["evidence"][0]["source"])
        for kind, part in facts.KINDS.items()
        for one in found["contacts"][kind]
    ]
    output.table(("what", "says", "page", "source"), rows)
    for page in found["missed"]:
        output.warn(f"Not read: {page['url']} ({page['why']})")


def _when(at_ms: int) -> str:
    return output.when(datetime.fromtimestamp(at_ms / 1000, UTC))
