"""Scores: a points model compiled once into functions, and companies scored by it, each point with its reason and evidence.

    scorer = scoring.scorer(model_file.current())
    scorer.score(company, now_ms)

A score depends on the facts, the model and the time alone: facts grow old.
"""

from collections.abc import Mapping, Sequence

from lead_models import Company, Fact, Score
from topics.leads import compiled_rules
from topics.leads.conditions import Facts
from topics.leads.model import OF_COMPANY, PARTS, Model


class Scorer:
    """A model, ready to score any number of companies. Holds nothing of them; safe for several threads."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.rules = tuple(compiled_rules.compiled(rule) for rule in model.rules)
        simple = [(one, compiled_rules.simple(one)) for one in self.rules]
        self._known = tuple((said[0], one.part, one.rule.points) for one, said in simple if said and not said[1])
        self._checked = tuple((said[0], said[1], one.part, one.rule.points) for one, said in simple if said and said[1])
        self._others = tuple((one.first, one.rest, one.amount, one.part, one.rule.points) for one, said in simple if not said)
        fields = {one.field for rule in model.rules for one in (*rule.when, *rule.either)}
        self._looked_at = tuple(name for name in OF_COMPANY if name in fields)
        weights = [model.parts[name].weight for name in PARTS]
        self._parts = tuple(
            (name, model.parts[name].full or 1.0, model.parts[name].weight / (sum(weights) or 1)) for name in PARTS
        )

    def facts(self, company: Company) -> Facts:
        """What the rules look at: facts, and what the record itself says where a rule asks for it."""
        own = _of_company(company, self._looked_at) if self._looked_at else None
        return {**own, **company.facts} if own else company.facts

    def sums(self, company: Company, now_ms: int) -> list[float]:
        """Points by part, without reasons: whether a score would be another one."""
        facts, found = self.facts(company), [0.0] * len(PARTS)
        for field, part, points in self._known:
            fact = facts.get(field)
            if fact is not None and fact.value:
                found[part] += points
        for field, check, part, points in self._checked:
            fact = facts.get(field)
            if fact is not None and check(fact, now_ms):
                found[part] += points
        for first, rest, amount, part, points in self._others:
            fact = first(facts, now_ms)
            if fact is not None and (not rest or compiled_rules.all_hold(rest, facts, now_ms)):
                found[part] += points if amount is None else amount(fact, now_ms)
        return found

    def score(self, company: Company, now_ms: int) -> Score:
        """The score of a company at a moment, with a reason and the evidence behind every point."""
        facts, sums, points = self.facts(company), [0.0] * len(PARTS), []
        for rule, part, first, rest, amount, reason in self.rules:
            fact = first(facts, now_ms)
            if fact is None or (rest and not compiled_rules.all_hold(rest, facts, now_ms)):
                continue
            if given := rule.points if amount is None else amount(fact, now_ms):
                sums[part] += given
                held = [fact, *(test(facts, now_ms) or fact for test in rest)] if rest else (fact,)
                points.append(compiled_rules.points(rule, given, reason(held, facts), held))
        total, parts = self.totals(sums)
        return Score(total=total, parts=parts, model=self.model.version, at_ms=now_ms, points=tuple(points))

    def totals(self, sums: Sequence[float]) -> tuple[float, dict[str, float]]:
        """Total and parts, 0 to 100, of points by part."""
        total, parts = 0.0, {}
        for given, (name, full, weight) in zip(sums, self._parts, strict=True):
            if given <= 0:
                parts[name] = 0.0
            elif given >= full:
                parts[name] = 100.0
                total += weight
            else:
                parts[name] = round(100 * given / full, 1)
                total += given / full * weight
        return round(100 * total, 1), parts


_last: dict[str, Scorer] = {}


def scorer(model: Model) -> Scorer:
    """The scorer of a model; it is compiled once as long as the model stays."""
    found = _last.get(model.version)
    if found is None:
        found = Scorer(model)
        _last.clear()
        _last[model.version] = found
    return found


def _of_company(company: Company, names: Sequence[str]) -> Mapping[str, Fact]:
    """What the record itself says, as facts without a time: they are never the newest."""
    found = {}
    for name in names:
        if said := getattr(company, name):
            found[name] = Fact(value=list(said) if name == "tags" else said, source="typed", at_ms=0)
    return found
