"""One company: its facts, where from and how old, what was before, and its score."""

from typing import Any

from flask import Flask, Response

from lead_models import Company
from topics.leads import processing, views
from web import access, seen
from web.access import Role
from web.pages import frame, leads, tables
from web.pages.tables import Column

FACTS = (
    Column("field", "Fact"),
    Column("value", "Value"),
    Column("source", "Source", "The page it was read from, or who typed or imported it"),
    Column("at", "Seen", "When it was seen last"),
    Column("snippet", "Where it stands"),
)
FORMER = (*FACTS[:3], Column("at", "Seen last"))
FINDINGS = (
    Column("field", "Fact"),
    Column("before", "Is"),
    Column("after", "Would be", "What processing makes of it"),
    Column("problem", "Problem"),
    Column("remedy", "Remedy"),
)
POINTS = (
    Column("part", "Part"),
    Column("points", "Points", numeric=True),
    Column("most", "Of", numeric=True),
    Column("reason", "Reason"),
    Column("evidence", "Evidence"),
)


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/leads/<company_id>", "lead_page", lead_page)


@access.needs(Role.VIEWER)
def lead_page(company_id: str) -> Response:
    """One company."""
    company = views.find(company_id, seen.owner())
    told = {
        "facts": ("What is known", FACTS, _facts(company), "Nothing is known yet."),
        "former": ("What was known before", FORMER, [_fact(**one) for one in views.former(company.id)], "Nothing was replaced."),
        "findings": ("What is wrong, or missing", FINDINGS, _findings(company), "Nothing is wrong."),
        "points": ("Points", POINTS, _points(company), "It has no points."),
    }
    reads = {name: tables.all_at_once(rows) for name, (_, _, rows, _) in told.items()}
    for name, (_, columns, _, _) in told.items():
        if file := tables.wanted_file(name, columns, reads[name]):
            return file
    found = {name: tables.make(name, caption, columns, reads[name], empty) for name, (caption, columns, _, empty) in told.items()}
    scored_at = leads.at(company.score.at_ms) if company.score else None
    return frame.show(
        "lead.html", company.name or company.domain or company.id, company=company, scored_at=scored_at, found=found
    )


def _facts(company: Company) -> list[dict[str, Any]]:
    facts = [(name, company.facts[name]) for name in views.ordered(company)]
    return [_fact(name, fact.value, fact.source, fact.at_ms, fact.snippet) for name, fact in facts]


def _fact(field: str, value: Any, source: str, at_ms: int, snippet: str = "") -> dict[str, Any]:
    told = {"field": field.replace("_", " "), "value": views.shown(value), "source": source}
    return told | {"at": leads.at(at_ms), "snippet": snippet}


def _findings(company: Company) -> list[dict[str, Any]]:
    told = [one.told() for one in processing.findings(company)]
    return [
        {**one, **{name: "" if one[name] is None else views.shown(one[name]) for name in ("before", "after")}} for one in told
    ]


def _points(company: Company) -> list[dict[str, Any]]:
    points = company.score.points if company.score else ()
    return [
        {"part": one.part, "points": one.points, "most": one.most, "reason": one.reason, "evidence": "; ".join(one.evidence)}
        for one in points
    ]
