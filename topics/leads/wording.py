"""Conditions and values in words: what gave points, and what would."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from lead_models import Fact
from topics.leads import conditions
from topics.leads.model import ANY, Condition, Rule

MOST_CHARS, MOST_ITEMS = 80, 3

LABELS = {"mx": "MX", "updated_site": "the site's last change", "contact_form": "a contact form"}


@cache
def label(field: str) -> str:
    """The name of a field for people.

    >>> label("postal_code"), label("mx")
    ('postal code', 'MX')
    """
    return LABELS.get(field, field.replace("_", " "))


def value(given: Any) -> str:
    """A value, short.

    >>> value(["Shopify", "React", "PHP", "Nginx"]), value(True)
    ('Shopify, React, PHP and 1 more', 'yes')
    """
    if type(given) is str:
        return _cut(given)
    if isinstance(given, list | tuple):
        if len(given) == 1:
            return value(given[0])
        rest = len(given) - MOST_ITEMS
        return _cut(", ".join(_cut(str(one)) for one in given[:MOST_ITEMS])) + (f" and {rest} more" if rest > 0 else "")
    if given is True:
        return "yes"
    return f"{given:g}" if isinstance(given, float) else _cut(str(given))


def reason(rule: Rule, held: Sequence[Fact], facts: Mapping[str, Fact]) -> str:
    """Why a rule gave its points: the facts in which its conditions hold."""
    asked = rule.when if not rule.either else (*rule.when, _meant(rule.either, held[-1], facts))
    if len(held) == 1:
        return _told(asked[0], held[0])
    return "; ".join(map(_told, asked, held))


def _meant(either: Sequence[Condition], fact: Fact, facts: Mapping[str, Fact]) -> Condition:
    """Which of several conditions it was that holds in a fact."""
    return next((one for one in either if facts.get(one.field) is fact or (not one.known and not fact.source)), either[0])


def _told(asked: Condition, fact: Fact) -> str:
    if not asked.known:
        return f"no {label(asked.field)} known"
    if asked.field == ANY:
        return f"newest fact of {datetime.fromtimestamp(fact.at_ms / 1000, UTC):%Y-%m-%d}"
    given = fact.value
    if asked.is_ or asked.contains:
        given = conditions.matching(asked, given)
    return f"{label(asked.field)}: {value(given)}"


def wanted(rule: Rule) -> str:
    """What a rule asks for, in words."""
    texts = [condition(one) for one in rule.when]
    if rule.either:
        texts.append(" or ".join(condition(one) for one in rule.either))
    return ", and ".join(texts)


def condition(asked: Condition) -> str:
    """What a condition asks for, in words.

    >>> condition(Condition(field="employees", between=(11.0, 200.0))), condition(Condition(field="country", is_=("DE", "AT")))
    ('employees from 11 to 200', 'country: DE or AT')
    """
    if asked.field == ANY:
        return f"any fact of the last {_days(asked.within_days)}"
    if not asked.known:
        return f"no {label(asked.field)} known"
    parts = []
    if asked.is_:
        parts.append(_any(asked.is_))
    if asked.contains:
        parts.append(f"with {_any(asked.contains)}")
    if asked.between is not None:
        parts.append(f"from {asked.between[0]:g} to {asked.between[1]:g}")
    if asked.at_least is not None:
        parts.append(f"at least {asked.at_least:g}")
    if asked.within_days is not None:
        parts.append(f"read in the last {_days(asked.within_days)}")
    if asked.dated_within_days is not None:
        parts.append(f"dated in the last {_days(asked.dated_within_days)}")
    return f"{label(asked.field)}{':' if asked.is_ else ''} {', '.join(parts) or 'known'}"


def _any(texts: tuple[str, ...]) -> str:
    rest = len(texts) - MOST_ITEMS
    return " or ".join(texts[:MOST_ITEMS]) + (f" or {rest} more" if rest > 0 else "")


def _days(days: float | None) -> str:
    return "day" if days == 1 else f"{days or 0:g} days"


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARS and text.isprintable():
        return text
    text = " ".join(text[: 2 * MOST_CHARS].split())
    return text if len(text) <= MOST_CHARS else text[: MOST_CHARS - 1] + "…"
