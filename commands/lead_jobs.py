"""`lead scrape`, `search`, `result`, `process` and `import`: companies from their sites, from searches, from files."""

from pathlib import Path
from typing import Any

import rich_click as click

from commands import output
from commands.root import writes

tag_option = click.option("--tag", "tags", multiple=True, help="For the companies; may be repeated.")
priority_option = click.option("--priority", metavar="P", help="high, default or low, or 1 (high) to 9 (low). [default: high]")


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

    queue = _queue(priority)
    if len(urls) == 1:
        call = single.call(leads.scrape_company, urls[0], tags, queue)
    else:
        call = many.call(leads.scrape_companies, urls, tags, queue)
    _submit(call, "`lead list` shows the companies", as_json)


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
    call = searches.call(leads.search_companies, queries, most, places, tags=tags, queue=_queue(priority))
    _submit(call, "`lead list` shows the companies", as_json)


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
        _submit(call, "its result says what was changed", as_json)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@tag_option
@click.option("--encoding", metavar="NAME", help="What the file is encoded in, e.g. cp1252. [default: found]")
@output.json_option
@writes
def import_(file: Path, tags: tuple[str, ...], encoding: str | None, as_json: bool) -> int:
    """Merge the companies of FILE: CSV as HubSpot, Salesforce, Apollo, Clay, Crunchbase and others write it.

    Columns are found by their names. Lines that are wrong are named, the others are taken, and the exit code is 1. - reads
    standard input. Importing again adds nothing twice.
    """
    from topics.leads import imports

    with (
        output.interruptible(output.IMPORTED),
        output.progress("Importing", None) as done,
    ):
        result = imports.import_csv(file, "", tags, encoding, done)
    if as_json:
        output.as_json(result.told())
        return 1 if result.bad_count else 0
    if result.unused:
        output.warn(f"Not read: {', '.join(result.unused)}.")
    for text in (*result.notes, *(f"line {number}: {reason}" for number, reason in result.bad)):
        output.warn(text)
    output.line(f"{result.added:,} added, {result.known:,} were there ({result.changed:,} changed), {result.bad_count:,} bad.")
    return 1 if result.bad_count else 0


@click.command()
@click.argument("job_id", metavar="JOB")
@output.json_option
def result(job_id: str, as_json: bool) -> int:
    """Show what became of each company of JOB: a scrape of several, a search, an enrichment. Exit code 1 unless complete."""
    from errors import NotFound
    from topics.leads import many
    from topics.operations import jobs

    job, found = jobs.get_job_status(job_id), many.kept(job_id)
    if found is None or "items" not in found:
        raise NotFound(f"Job {job_id} has no list of companies: it is {job.status.value}, or that has expired (RESULT_DAYS).")
    if as_json:
        output.as_json({"job_id": job_id, **found})
    else:
        output.fields([(name.replace("_", " "), found[name]) for name in COUNTS if name in found])
        rows = [[one.get(name) or "" for name in ("status", "company", "url", "error", "job")] for one in found["items"]]
        output.table(("status", "company", "url", "error", "job"), rows)
    return 0 if found.get("outcome", "complete") == "complete" else 1


COMMANDS = (scrape, search, result, process, import_)

COUNTS = ("outcome", "companies", "enriched", "failed", "cancelled", "queries", "searches_failed", "cost")


def _submit(call: Any, then: str, as_json: bool) -> None:
    import queues

    made = queues.submit_many([call])[0]
    for warning in made.warnings:
        output.warn(f"Warning: {warning}")
    if as_json:
        output.as_json({"id": made.job_id, "queue": made.queue})
    else:
        output.line(f"{made.job_id} is in the queue {made.queue}. When it is done, {then}.")


def _queue(priority: str | None) -> str | None:
    from topics.scraping import config

    return config.queue_of(priority) if priority else None
