"""`keyword bulk`: change all keywords of a project that a filter takes. Says how many and what it costs first, and asks."""

from typing import Any

import rich_click as click

import wording
from commands import output
from commands.keyword_list import filters
from commands.options import yes_option
from commands.parameters import PROJECT
from commands.root import writes


@click.command("bulk")
@click.argument("project_id", metavar="PROJECT", type=PROJECT)
@click.argument("action", type=click.Choice(["tag", "untag", "target", "archive", "unarchive", "remove", "check"]))
@click.argument("value", default="")
@filters
@yes_option
@writes
def bulk(project_id: str, action: str, value: str, yes: bool, **given: Any) -> None:
    """Change all keywords that the filters take; of unarchive, archived ones. VALUE: tags with commas, or the target page.

    `check` queues checks, of fresh keywords too; what they buy at most is said first.
    """
    import clock
    from jobs import serp
    from topics.operations import keyword_work
    from topics.operations.keyword_filters import Wanted
    from topics.tracking import projects

    project = projects.named(project_id)
    wanted = Wanted(archived=action == "unarchive", **{name: one for name, one in given.items() if one is not None})
    keyword_work.Work(action, value)  # what cannot be meant is said before anything is counted
    counted = keyword_work.count(project.id, wanted)
    price = f" It buys {wording.pluralize(counted.pages, 'page')} of results at most." if action == "check" else ""
    if not yes:
        question = f"{action} {value} of {wording.pluralize(counted.keywords, 'keyword')}?{price}".replace("  ", " ")
        click.confirm(output.escape(question), abort=True, err=True)
    work = keyword_work.Work(action, value, serp.track_keyword, clock.now(), counted.keywords)
    with output.progress("Keywords", counted.keywords) as done:
        told = keyword_work.everything(project.id, wanted, work, done)
    output.line(f"{told['changed']} changed, {told['of'] - told['changed']} were like that already.")
