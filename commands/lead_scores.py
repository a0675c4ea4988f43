"""`lead score`, `explain`, `top`, `enrich` and `model`: points of companies with their reasons, and what else is read of them."""

from pathlib import Path
from typing import Any

import rich_click as click

from commands import output
from commands.root import writes


@click.command()
@click.argument("companies", metavar="COMPANY...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All companies: a job scores those that another model or day scored.")
@output.json_option
@writes
def score(companies: tuple[str, ...], is_all: bool, as_json: bool) -> None:
    """Score COMPANIES by the points model. `lead explain` says what each point is for."""
    from jobs import lead_scores as jobs
    from topics.leads import model_file, processing, scores

    if bool(companies) == is_all:
        raise click.UsageError("Name companies, or say --all.")
    model_file.current()  # what is wrong with it is said before anything is done
    if is_all:
        _submit(jobs.rescore, (), "the companies have their scores", as_json)
        return
    told = scores.score(processing.call(jobs.score_companies, companies, None).args[0])
    if as_json:
        output.as_json(told)
    else:
        output.line(
            f"{told['scored']:,} scored by the model {told['model']}, {told['changed']:,} with another score than before."
        )


@click.command()
@click.argument("company")
@output.json_option
def explain(company: str, as_json: bool) -> None:
    """Explain the score of COMPANY as it is now: each rule, its points, why, which pages show it, and what would be gained."""
    from topics.leads import explaining, views

    told = explaining.explain(views.find(company))
    if as_json:
        output.as_json(explaining.told(told))
        return
    found = told.company
    output.fields([("company", found.name or found.domain or found.id), ("score", told.score.total), ("model", told.score.model)])
    output.fields(told.score.parts.items())
    rows = [(one.part, one.rule, f"{one.points:g} of {one.most:g}", one.reason, one.gain or None) for one in told.lines]
    columns = ("part", "rule", "points", "because", "would gain")
    output.table(columns, rows)
    pages = list(dict.fromkeys(source for one in told.lines for source in one.evidence))
    output.table(("evidence", "shows"), [(page, _shown_by(page, told.lines)) for page in pages])
    if not told.is_stored:
        output.warn(f"The record has another score: `python manage.py lead score {found.id}` writes this one.")


@click.command()
@click.option("--most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="how many")
@output.json_option
def top(most: int, as_json: bool) -> None:
    """List the companies with the highest scores."""
    from topics.leads import explaining, scores, views

    found = scores.top(None, most)
    if as_json:
        output.json_list([explaining.row(one) for one in found])
    elif found:
        columns = ("id", "name", "domain", *PARTS, "score")
        output.table(columns, [[explaining.row(one)[name] for name in columns] for one in found])
    else:
        whole = "There is no company yet" if not views.page(None, limit=1)[0] else "No company has a score yet"
        output.line(f"{whole}: `python manage.py lead score --all` scores those that are there.")


@click.command()
@click.argument("companies", metavar="COMPANY...", nargs=-1, required=True)
@click.option("--llm", "ask_llm", is_flag=True, help="Ask the language model for what rules cannot read; within the budgets.")
@click.option("--render", is_flag=True, help="Read the pages in a browser: for sites that are built by scripts.")
@click.option("--priority", metavar="P", help="high, default or low, or 1 (high) to 9 (low). [default: default]")
@output.json_option
@writes
def enrich(companies: tuple[str, ...], ask_llm: bool, render: bool, priority: str | None, as_json: bool) -> None:
    """Read of the sites of COMPANIES what is not known yet: technologies, open positions, news, mail servers. Then score them."""
    import queues
    from jobs import lead_scores as jobs
    from topics.leads import enrichments
    from topics.scraping import config

    queue = config.queue_of(priority) if priority else None
    call = enrichments.call(jobs.enrich_companies, companies, None, queue, ask_llm=ask_llm, render=render)
    made = queues.submit_many([call])[0]
    _say(made, "`lead show` shows what was found", as_json)


@click.command()
@click.option("--check", "file", type=click.Path(path_type=Path, dir_okay=False), help="Check this file instead.")
@output.json_option
def model(file: Path | None, as_json: bool) -> None:
    """Check the points model, and show its parts and rules. What is wrong is named with its line."""
    from topics.leads import model_file, wording

    found = model_file.read(file) if file else model_file.current()
    if as_json:
        output.as_json(model_file.told(found))
        return
    output.fields([("file", file or model_file.path()), ("model", found.name), ("version", found.version)])
    output.table(("part", "weight", "full"), [(name, part.weight, part.full) for name, part in found.parts.items()])
    rows = [(one.part, one.name, one.points, one.most, wording.wanted(one), one.line) for one in found.rules]
    output.table(("part", "rule", "points", "most", "where", "line"), rows)


COMMANDS = (score, explain, top, enrich, model)

PARTS = ("fit", "intent", "reachability", "freshness")


def _shown_by(page: str, lines: Any) -> str:
    return ", ".join(one.rule for one in lines if page in one.evidence)


def _submit(func: Any, args: tuple[Any, ...], then: str, as_json: bool) -> None:
    import queues

    _say(queues.submit(func, *args), then, as_json)


def _say(made: Any, then: str, as_json: bool) -> None:
    for warning in made.warnings:
        output.warn(f"Warning: {warning}")
    if as_json:
        output.as_json({"id": made.job_id, "queue": made.queue})
    else:
        output.line(f"{made.job_id} is in the queue {made.queue}. When it is done, {then}.")
