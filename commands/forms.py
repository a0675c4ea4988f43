"""`forms`: which forms a network has, on which pages."""

import rich_click as click

from commands import output
from commands.root import warn_of_stops, writes

COLUMNS = ("id", "url", "state", "form_type", "method", "fields", "captcha", "pages")
NUMBER = click.IntRange(min=1)


@click.group("forms")
def group() -> None:
    """Forms: looked for, listed, analyzed."""


@group.command()
@click.argument("network", type=NUMBER)
@click.option("--project", "project_id", type=NUMBER, default=1, metavar="N", help="Number of the project. [default: 1]")
@click.option("--company", "company_id", type=NUMBER, default=1, metavar="N", help="Number of the company. [default: 1]")
@click.option("--product", "product_id", type=NUMBER, default=1, metavar="N", help="Number of the product. [default: 1]")
@click.option("--user", "user_id", type=NUMBER, default=1, metavar="N", help="Number of whoever asks. [default: 1]")
@writes
def discover(network: int, **numbers: int) -> None:
    """Have a network crawled for its forms."""
    from topics.forms import submitting

    made = submitting.discover(submitting.Wanted(network_id=network, **numbers))
    output.line(f"Job {made.submission.job_id}: `python manage.py jobs progress {made.submission.job_id}` says how far it is.")
    warn_of_stops(made.submission.queue)


@group.command("list")
@click.argument("network", type=NUMBER)
@click.option("--limit", type=click.IntRange(1, 500), default=100, metavar="N", help="So many pages at most. [default: 100]")
@click.option("--cursor", default="", metavar="TEXT", help="That of the list before.")
@output.json_option
def list_(network: int, limit: int, cursor: str, as_json: bool) -> None:
    """List the pages of a network with their forms."""
    from topics.forms import networks, views

    found, following = views.pages_of(networks.named(network), limit, cursor)
    if as_json:
        output.json_list(found)
    elif found:
        output.table(COLUMNS, [[row[name] for name in COLUMNS] for row in views.rows(found)])
    else:
        output.line(f"No form is known of network {network}: `python manage.py forms discover {network}` looks for them.")
    output.more(following)


@group.command()
@click.argument("page", metavar="PAGE_ID", type=NUMBER)
@output.json_option
def show(page: int, as_json: bool) -> None:
    """Show a page with its forms, always as JSON."""
    from topics.forms import views

    output.as_json(views.page(views.page_named(page)))


@group.command()
@click.argument("page", metavar="PAGE_ID", type=NUMBER)
@click.option("--company", "company_id", type=NUMBER, default=1, metavar="N", help="Number of the company. [default: 1]")
@writes
def analyze(page: int, company_id: int) -> None:
    """Have the forms of a page analyzed; the result of the job says what each is made of."""
    from topics.forms import submitting

    made = submitting.analyze(page, company_id)
    output.line(f"Job {made.job_id}: `python manage.py jobs show {made.job_id}` has its result.")
