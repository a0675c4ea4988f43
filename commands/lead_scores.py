"""`lead score`, `explain` and `top`: points of companies with their reasons."""

from typing import Any

import rich_click as click

from commands import lead_enrich, lead_model, lead_submits, output
from commands.root import writes


@click.command()
@click.argument("companies", metavar="COMPANY...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All companies: a job scores those that another model or day scored.")
@output.json_option
@writes
def score(companies: tuple[str, ...], is_all: bool, as_json: bool) -> None:
    """Score COMPANIES by the points model. `lead explain` says what each point is for."""
    import queues
    from jobs import lead_scores as jobs
    from topics.leads import model_file, processing, scores

    if bool(companies) == is_all:
        raise click.UsageError("Name companies, or say --all.")
    model_file.current()  # what is wrong with it is said before anything is done
    if is_all:
        lead_submits.say(queues.submit(jobs.rescore), "the companies have their scores", as_json)
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


COMMANDS = (score, explain, top, lead_enrich.enrich, lead_model.model)

PARTS = ("fit", "intent", "reachability", "freshness")


def _shown_by(page: str, lines: Any) -> str:
    return ", ".join(one.rule for one in lines if page in one.evidence)
