"""One site of a business: what its pages say and where, and answers to questions."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

import errors
from jobs import business as jobs
from topics.business import insights, sites
from web import access, seen
from web.access import Role
from web.pages import business_rows, frame, tables

#: Questions that a form takes at once.
MOST_ASKED = 10


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/business/<site_name:site>", "business_page", business_page)


@access.needs(Role.VIEWER)
def business_page(site: str) -> Response:
    """What is known of a site, and the answers to the questions in the address."""
    known = sites.show(site, seen.owner())
    read, pages = tables.all_at_once(list(business_rows.facts_of(known))), tables.all_at_once(list(business_rows.pages_of(known)))
    if file := tables.wanted_file("facts", business_rows.FACTS, read) or tables.wanted_file("pages", business_rows.PAGES, pages):
        return file
    asked = [line.strip() for line in request.args.get("q", "").splitlines() if line.strip()][:MOST_ASKED]
    answers, problem = _answers(known, asked)
    return frame.show(
        "business.html",
        known["name"] or known["site"],
        known=known,
        found=tables.make("facts", "What its pages say", business_rows.FACTS, read, "These pages name no contacts."),
        pages=tables.make("pages", "Pages", business_rows.PAGES, pages),
        asked="\n".join(asked),
        answers=answers,
        problem=problem,
    )


def _answers(known: Mapping[str, Any], asked: list[str]) -> tuple[list[dict[str, Any]], str]:
    """The answers, and what is wrong with the questions; a form asks so few that no job is needed."""
    if not asked:
        return [], ""
    try:
        call = insights.call(jobs.answer_questions, known["site"], asked, seen.owner())
    except errors.ArgumentError as exc:
        return [], str(exc)
    return insights.answer(*call.args, by_rules=True)["answers"], ""  # whoever looks spends nothing
