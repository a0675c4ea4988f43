"""Rules of a points model as functions: made once, called for each company."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lead_models import Fact, Points
from topics.leads import conditions, numbers, values, wording
from topics.leads.conditions import Facts
from topics.leads.model import PARTS, Rule

Amount = Callable[[Fact, int], float]


class Compiled(NamedTuple):
    """A rule as functions. `part`: its place in `PARTS`. `rest`: conditions besides the first. `amount` None: all its points.

    `reason` says why it gave its points.
    """

    rule: Rule
    part: int
    first: conditions.Test
    rest: tuple[conditions.Test, ...]
    amount: Amount | None
    reason: wording.Reason


def compiled(rule: Rule) -> Compiled:
    """A rule as functions."""
    tests = [conditions.compiled(one) for one in rule.when]
    either = [conditions.compiled(one) for one in rule.either]
    if either:
        tests.append(either[0] if len(either) == 1 else conditions.first_of(either))
    return Compiled(rule, PARTS.index(rule.part), tests[0], tuple(tests[1:]), _amount(rule), wording.reasons(rule))


def simple(one: Compiled) -> tuple[str, conditions.Check | None] | None:
    """Field and check of a rule that gives all its points for one simple condition; None for another one."""
    given = (*one.rule.when, *one.rule.either)
    return conditions.simple(given[0]) if len(given) == 1 and one.amount is None else None


def all_hold(tests: Sequence[conditions.Test], facts: Facts, now_ms: int) -> bool:
    """Whether all of these conditions hold for these facts."""
    return all(test(facts, now_ms) is not None for test in tests)


def _amount(rule: Rule) -> Amount | None:
    if not rule.each and not rule.fades:
        return None
    first = (rule.when or rule.either)[0]
    by_date = first.within_days is None
    limit_ms = (first.within_days or first.dated_within_days or 0.0) * values.DAY_MS

    def amount(fact: Fact, now_ms: int) -> float:
        given = rule.points
        if rule.each:
            given *= numbers.amount(fact.value) or 1.0
            given = min(given, rule.most) if given > 0 else max(given, rule.most)
        if rule.fades:
            at_ms = values.newest_ms(fact.value) if by_date else fact.at_ms
            given *= min(1.0, max(0.0, 1.0 - (now_ms - (at_ms or 0)) / limit_ms))
        return round(given, 1)

    return amount


def points(rule: Rule, given: float, reason: str, held: Sequence[Fact]) -> Points:
    """What a rule gave, with its reason and evidence."""
    evidence = tuple(dict.fromkeys([fact.source for fact in held if fact.source]))
    return Points(rule=rule.name, part=rule.part, points=given, most=rule.most, reason=reason, evidence=evidence)
