"""A company as Redis keeps it. Times count ms since 1970.

A fact is four lines: time, source, value as JSON, snippet. So a script can compare two facts without reading JSON.
"""

import json
from collections.abc import Mapping
from typing import Any

from lead_models import Company, Fact, Points, Score

#: Before the name of a field.
FACT = "f:"


def fact_text(fact: Fact) -> str:
    """A fact as text. Values that are equal give the same line."""
    value = json.dumps(fact.value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{fact.at_ms:d}\n{_line(fact.source)}\n{value}\n{fact.snippet}"


def fact(text: str) -> Fact:
    """The fact in a text."""
    at_ms, source, value, snippet = text.split("\n", 3)
    is_plain = value[0] == '"' and "\\" not in value  # most are: no decoder is needed
    return Fact(value=value[1:-1] if is_plain else json.loads(value), source=source, at_ms=int(at_ms), snippet=snippet)


def score_text(score: Score) -> str:
    """A score as compact JSON."""
    points = [[one.rule, one.part, one.points, one.most, one.reason, list(one.evidence)] for one in score.points]
    return json.dumps(
        [score.total, dict(score.parts), score.model, score.at_ms, points], ensure_ascii=False, separators=(",", ":")
    )


def score(text: str) -> Score:
    """The score in a text."""
    total, parts, model, at_ms, points = json.loads(text)
    return Score(total=total, parts=parts, model=model, at_ms=at_ms, points=tuple(_points(*one) for one in points))


def company(company_id: str, found: Mapping[bytes, bytes]) -> Company:
    """The company in a hash."""
    fields = {name.decode(): value.decode(errors="replace") for name, value in found.items()}
    facts = {name[len(FACT) :]: fact(text) for name, text in sorted(fields.items()) if name.startswith(FACT)}
    return Company(
        id=company_id,
        **{name: fields.get(name, "") for name in ("owner", "site", "domain", "name")},
        facts=facts,
        tags=tuple(sorted(fields.get("tags", "").split("\n"))) if fields.get("tags") else (),
        created_ms=int(fields.get("created_ms") or 0),
        updated_ms=int(fields.get("updated_ms") or 0),
        score=score(fields["score"]) if "score" in fields else None,
    )


def _points(rule: str, part: str, points: float, most: float, reason: str, evidence: list[Any]) -> Points:
    return Points(rule=rule, part=part, points=points, most=most, reason=reason, evidence=tuple(evidence))


def _line(text: str) -> str:
    return " ".join(text.splitlines())
