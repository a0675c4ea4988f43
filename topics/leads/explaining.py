"""A score, rule by rule: what gave points and why, what did not, and what the total would be if it had."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import clock
from lead_models import Company, Points, Score
from topics.leads import condition_words, model_file, scoring
from topics.leads.model import PARTS, Rule
from topics.leads.scoring import Scorer


class Line(NamedTuple):
    """What one rule did.

    `reason`: why it gave its points, or what it asks for where it gave none. `gain`: so much more the total would be if it gave
    all it can; for points that it takes away, if it took none.
    """

    rule: str
    part: str
    points: float
    most: float
    reason: str
    evidence: tuple[str, ...]
    gain: float


class Explained(NamedTuple):
    """The score of a company as it is now. `is_stored`: whether the record has the same total, by the same model."""

    company: Company
    score: Score
    lines: list[Line]
    is_stored: bool


def explain(company: Company) -> Explained:
    """Every rule of the model, those of one part together. Raises ConfigError for a model that is wrong."""
    model = model_file.current()
    scorer = scoring.scorer(model)
    score = scorer.score(company, round(clock.now().timestamp() * 1000))
    given = {one.rule: one for one in score.points}
    ordered = sorted(model.rules, key=lambda rule: PARTS.index(rule.part))
    lines = [_line(rule, given.get(rule.name), scorer, score) for rule in ordered]
    known = company.score
    return Explained(company, score, lines, known is not None and (known.model, known.total) == (score.model, score.total))


def told(explained: Explained) -> dict[str, Any]:
    """An explanation as JSON."""
    score = explained.score
    facts = {"total": score.total, "parts": dict(score.parts), "model": score.model, "at_ms": score.at_ms}
    lines = [{**one._asdict(), "evidence": list(one.evidence)} for one in explained.lines]
    return {"company": explained.company.id, **facts, "is_stored": explained.is_stored, "rules": lines}


def row(company: Company) -> dict[str, Any]:
    """A company with its last score, in short."""
    score = company.score
    parts = {name: score.parts.get(name) if score else None for name in PARTS}
    plain = {name: getattr(company, name) for name in ("id", "name", "site", "domain")}
    return {**plain, **parts, "score": score.total if score else None, "model": score.model if score else None}


def _line(rule: Rule, given: Points | None, scorer: Scorer, score: Score) -> Line:
    points, reason = (given.points, given.reason) if given else (0.0, f"not: {condition_words.wanted(rule)}")
    best = rule.most if rule.points > 0 else 0.0
    gain = _total_with(rule, best - points, scorer, score.points) - score.total if points != best else 0.0
    return Line(rule.name, rule.part, points, rule.most, reason, given.evidence if given else (), round(gain, 1))


def _total_with(rule: Rule, more: float, scorer: Scorer, points: Sequence[Points]) -> float:
    """The total if a rule gave so many points more."""
    sums = [sum(one.points for one in points if one.part == part) for part in PARTS]
    sums[PARTS.index(rule.part)] += more
    return scorer.totals(sums)[0]
