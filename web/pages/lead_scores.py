"""The score of a company: rule by rule with what would be gained, and how it was before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response

from state.leads import companies
from state.leads.companies import Past
from topics.leads import explaining, views
from web import access, seen
from web.access import Role
from web.pages import charts, frame, tables
from web.pages.tables import Column

RULES = (
    Column("rule", "Rule"),
    Column("part", "Part"),
    Column("points", "Points", numeric=True),
    Column("most", "Of", "What the rule gives at most", numeric=True),
    Column("reason", "Because"),
    Column("gain", "Would gain", "How much the total would rise if the rule gave all it can", numeric=True),
    Column("evidence", "Evidence", "Pages that show it"),
)


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/leads/<company_id>/score", "lead_score_page", lead_score_page)


@access.needs(Role.VIEWER)
def lead_score_page(company_id: str) -> Response:
    """Why a company has its score, by the model and the facts of now."""
    company = views.find(company_id, seen.owner())
    told = explaining.explain(company)
    read = tables.all_at_once([_row(one) for one in told.lines])
    if file := tables.wanted_file("rules", RULES, read):
        return file
    return frame.show(
        "lead_score.html",
        f"Score of {company.name or company.domain or company.id}",
        company=company,
        told=told,
        found=tables.make("rules", "Rules", RULES, read, "The model has no rules."),
        chart=_chart(companies.score_history(company.id)),
    )


def _row(line: explaining.Line) -> dict[str, Any]:
    return {**line._asdict(), "evidence": "; ".join(line.evidence)}


def _chart(history: Sequence[Past]) -> charts.Chart | None:
    if len(history) < 2:
        return None
    totals = [one.total for one in history]
    days = [datetime.fromtimestamp(one.at_ms / 1000, UTC).date() for one in history]
    text = (
        f"Score from {days[0]} to {days[-1]}: from {totals[0]:g} to {totals[-1]:g}, {min(totals):g} to {max(totals):g} between."
    )
    return charts.Chart("score", text, [one.at_ms / 1000 for one in history], [charts.Series("score", totals)])
