"""`business ask`: questions about a site, answered from its pages."""

from typing import Any

import rich_click as click

from commands import output


@click.command()
@click.argument("site")
@click.argument("questions", nargs=-1, required=True)
@click.option("--by-rules", is_flag=True, help="Ask no language model, whatever is set.")
@output.json_option
def ask(site: str, questions: tuple[str, ...], by_rules: bool, as_json: bool) -> None:
    """Answer QUESTIONS about SITE from its pages, here and now; what they do not say is not guessed.

    Where a language model is set, it answers within the budgets, from passages of these pages alone.
    """
    from jobs import business
    from topics.business import insights

    told = insights.answer(*insights.call(business.answer_questions, site, questions).args, by_rules=by_rules)
    if as_json:
        output.as_json(told)
        return
    for answer in told["answers"]:
        _tell(answer)


def _tell(answer: dict[str, Any]) -> None:
    output.line(f"{answer['question']}\n  {answer['answer']}" + (f" ({answer['confidence']})" if answer["found"] else ""))
    for cited in answer["citations"]:
        output.line(f"  {cited['url']}: {cited['passage'][:160]}")
    if answer.get("why"):
        output.line(f"  By rules: {answer['why']}")
