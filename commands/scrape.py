"""`scrape`: pages, lists of pages, sites; what came out of them; going on, trying again, reading again."""

from pathlib import Path
from typing import Any

import rich_click as click

import wording
from commands import output, scrape_results, scrape_views, waiting
from commands.root import warn_of_stops, writes


class Scrape(click.RichGroup):
    """`scrape URL…` is `scrape url URL…`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """A first word that is no command, and an option alone, belong to `url`."""
        first = next((arg for arg in args if not arg.startswith("-")), "")
        if args and first not in self.commands and "--help" not in args[:1]:
            args = ["url", *args]
        return super().parse_args(ctx, args)


config_option = click.option("--config", "given", metavar="JSON|@FILE", help="Options of the scrape, e.g. '{\"max_depth\": 3}'.")
priority_option = click.option("--priority", metavar="P", help="high, default or low, or 1 (high) to 9 (low). [default: default]")
wait_option = click.option("--wait", is_flag=True, help="Wait until it is over; Ctrl-C ends the waiting, not the work.")


@click.group("scrape", cls=Scrape)
def group() -> None:
    """Scrape pages, lists of pages and sites."""


@group.command("url")
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@config_option
@priority_option
@wait_option
@output.json_option
@writes
def url_(urls: tuple[str, ...], given: str | None, priority: str | None, wait: bool, as_json: bool) -> int:
    """Scrape pages; several become a batch. `scrape result ID` has what came out."""
    from jobs import scrape
    from topics.scraping import config, crawl, single

    queue, options = config.queue_of(priority), waiting.config_of(given)
    if len(urls) > 1:
        made = crawl.submit_batch(scrape.scrape_batch, urls, options, queue)
    else:
        made = single.submit(scrape.scrape_url, urls[0], options, queue)
    return _submitted(made, wait, as_json)


@group.command()
@click.argument("file", type=click.File("rb"))
@config_option
@priority_option
@wait_option
@output.json_option
@writes
def batch(file: Any, given: str | None, priority: str | None, wait: bool, as_json: bool) -> int:
    """Scrape the pages that FILE names, one address a line; - reads standard input. Lines that begin with # are left out."""
    from jobs import scrape
    from topics.scraping import config, crawl

    queue, options = config.queue_of(priority), waiting.config_of(given)
    return _submitted(crawl.submit_batch(scrape.scrape_batch, waiting.addresses_in(file), options, queue), wait, as_json)


@group.command()
@click.argument("url")
@click.option("--pages", type=click.IntRange(1, 1_000_000), metavar="N", help="The most pages. [default: MAX_PAGES]")
@config_option
@priority_option
@wait_option
@output.json_option
@writes
def crawl(url: str, pages: int | None, given: str | None, priority: str | None, wait: bool, as_json: bool) -> int:
    """Crawl a site from URL on: its sitemaps and its links."""
    from jobs import scrape
    from topics.scraping import config
    from topics.scraping import crawl as crawls

    queue, options = config.queue_of(priority), waiting.config_of(given) | ({"expected_pages": pages} if pages else {})
    return _submitted(crawls.submit_crawl(scrape.crawl_site, url, options, queue), wait, as_json)


@group.command("map")
@click.argument("url")
@config_option
@priority_option
@wait_option
@output.json_option
@writes
def map_(url: str, given: str | None, priority: str | None, wait: bool, as_json: bool) -> int:
    """Find the addresses of a site, without its pages."""
    from jobs import scrape
    from topics.scraping import config, single

    queue, options = config.queue_of(priority), waiting.config_of(given)
    return _submitted(single.submit(scrape.map_site, url, options, queue), wait, as_json)


@group.command("list")
@click.option("--ended", is_flag=True, help="Those that ended or were stopped, the latest first.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="So many at most.")
@click.option("--cursor", default="", metavar="C", help="Where the list before ended.")
@output.json_option
def list_(ended: bool, limit: int, cursor: str, as_json: bool) -> None:
    """List batches and crawls: those that go on, the last that moved first; or those that ended."""
    from topics.scraping import views

    found, further = views.page(limit, cursor, ended=ended)
    scrape_views.listed(found, further, as_json)


@group.command()
@click.argument("id_", metavar="ID")
@output.json_option
def show(id_: str, as_json: bool) -> None:
    """How far a scrape, batch or crawl is: found = done + skipped + failed + pending."""
    scrape_views.show(waiting.look(id_), as_json)


@group.command("continue")
@click.argument("id_", metavar="ID")
@click.option("--pages", type=click.IntRange(1, 1_000_000), metavar="N", help="A new bound of pages.")
@writes
def continue_(id_: str, pages: int | None) -> None:
    """Go on with a batch or crawl that was stopped or cut."""
    from topics.scraping import crawl as crawls

    started = crawls.go_on(id_, pages)
    output.line(f"{id_} goes on, {wording.pluralize(started, 'page')} at a time.")
    warn_of_stops()


@group.command()
@click.argument("id_", metavar="ID")
@writes
def stop(id_: str) -> None:
    """Stop a batch or crawl: pages in flight end, the others stay pending for `continue`."""
    from topics.scraping import crawl as crawls

    state = crawls.stop(id_)
    ran = state in ("running", "opening")
    output.line(f"{id_} is stopped." if ran else f"{id_} did not run: it is {waiting.look(id_).state}.")


@group.command()
@click.argument("id_", metavar="ID")
@click.option("--category", "categories", multiple=True, metavar="C", help="Only failures of this category; may be repeated.")
@wait_option
@output.json_option
@writes
def replay(id_: str, categories: tuple[str, ...], wait: bool, as_json: bool) -> int:
    """Try the failed pages of a batch or crawl again, and no others."""
    from jobs import scrape
    from topics.scraping import crawl as crawls

    return _submitted(crawls.replay(scrape.scrape_batch, id_, categories), wait, as_json)


@group.command()
@click.argument("id_", metavar="ID")
@config_option
@click.option("--output", "path", type=click.Path(path_type=Path), help="A file for the records. [default: only what changed]")
@output.json_option
def reparse(id_: str, given: str | None, path: Path | None, as_json: bool) -> int:
    """Read the kept pages of a scrape, batch or crawl again, by the rules of today; nothing is fetched."""
    return scrape_results.reparse(id_, waiting.config_of(given) if given else None, path, as_json)


@group.command()
@click.argument("id_", metavar="ID")
@click.option("--format", "format_", type=click.Choice(["json", "jsonl", "csv", "md"]), help="[default: as its config says]")
@click.option("--output", "path", type=click.Path(path_type=Path), help="A file to write, whole or not at all. [default: stdout]")
@click.option("--all", "with_all", is_flag=True, help="Skipped and failed pages, too.")
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
def result(id_: str, format_: str | None, path: Path | None, with_all: bool) -> None:
    """Write what came out of a scrape, batch, crawl or map."""
    scrape_results.write(id_, format_, path, with_all)


def _submitted(made: Any, wait: bool, as_json: bool) -> int:
    for warning in made.warnings:
        output.warn(f"Warning: {warning}")
    if wait:
        output.warn(f"{made.job_id} is in the queue {made.queue}. Ctrl-C ends the waiting: `scrape show {made.job_id}` goes on.")
        return scrape_views.over(waiting.until_over(made.job_id), as_json)
    if as_json:
        output.as_json({"id": made.job_id, "queue": made.queue})
    else:
        output.line(f"{made.job_id} is in the queue {made.queue}. `scrape show {made.job_id}` says how far it is.")
    return 0
