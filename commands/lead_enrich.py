"""`lead enrich`: what else is read of the sites of companies."""

import rich_click as click

from commands import lead_submits, output
from commands.root import writes


@click.command()
@click.argument("companies", metavar="COMPANY...", nargs=-1, required=True)
@click.option("--llm", "ask_llm", is_flag=True, help="Ask the language model for what rules cannot read; within the budgets.")
@click.option("--render", is_flag=True, help="Read the pages in a browser: for sites that are built by scripts.")
@click.option("--priority", metavar="P", help="high, default or low, or 1 (high) to 9 (low). [default: default]")
@output.json_option
@writes
def enrich(companies: tuple[str, ...], ask_llm: bool, render: bool, priority: str | None, as_json: bool) -> None:
    """Read of the sites of COMPANIES what is not known yet: technologies, open positions, news, mail servers. Then score them."""
    from jobs import lead_scores as jobs
    from topics.leads import enrichments

    queue = lead_submits.queue_of(priority)
    call = enrichments.call(jobs.enrich_companies, companies, None, queue, ask_llm=ask_llm, render=render)
    lead_submits.submit(call, "`lead show` shows what was found", as_json)
