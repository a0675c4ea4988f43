"""`serp check`: one keyword checked here and now."""

from typing import Any

import rich_click as click

import wording
from commands import output
from commands.options import where_option
from commands.root import warn_of_stops, writes
from commands.text_command import TextCommand
from errors import TrawlError


@click.command(cls=TextCommand)
@click.argument("name", metavar="ID|TEXT")
@where_option
@click.option("--quote", is_flag=True, help="Say what that would buy at most, and what the budget leaves; nothing is fetched.")
@output.json_option
@writes
def check(name: str, project_id: str | None, quote: bool, as_json: bool) -> int:
    """Check one keyword now, in this process, and print its rank."""
    from jobs import serp
    from topics.tracking import asking, projects

    keyword = projects.find_keyword(name, project_id)
    if quote:
        price = asking.price([keyword])
        output.as_json(price) if as_json else output.line(_quote_words(price))
        return 0 if price["price"]["is_enough"] else 1
    done = serp.track_keyword(keyword.id, force=True)
    if as_json:
        output.as_json({"id": keyword.id, "keyword": keyword.text, **done})
    else:
        _print_check(keyword.id, done)
    return 0 if "says" in done else 1


def _quote_words(priced: dict[str, Any]) -> str:
    price = priced["price"]
    says = f"At most {wording.pluralize(price['requests_at_most'], 'request')}, {price['credits_at_most']:,g} credits, "
    says += f"{wording.duration(price['seconds_at_most'])}"
    if price["seconds_expected"] is not None:
        says += f" (likely {wording.duration(max(1, price['seconds_expected']))}, as the checks of the last day took)"
    says += ". "
    if price["credits_left"] is None:
        return says + "No budget limits them."
    return says + f"The budget leaves {price['credits_left']:,g}{'' if price['is_enough'] else ': too few'}."


def _print_check(keyword_id: str, done: dict[str, Any]) -> None:
    from state.tracking import history

    if done["outcome"] == "halted":
        raise TrawlError(f"{done['reason'].rstrip('.')}. Fetching is halted until that is mended.")
    if done["outcome"] == "in_progress":
        output.warn(f"Another job has it: {done['job']}. Nothing was fetched; `keyword show {keyword_id}` says more.")
        warn_of_stops()
    elif "says" not in done:
        output.warn(f"Nothing was fetched: {done['outcome']}.")
    else:
        output.line(done["says"])
    if done.get("url"):
        title = next((rank.title for rank in reversed(history.of(keyword_id)) if rank.url == done["url"]), None)
        output.fields([("url", done["url"]), ("title", title)])
