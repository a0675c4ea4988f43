"""Values and reasons in words: what gave points."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lead_models import Fact
from topics.leads import conditions
from topics.leads.model import ANY, Condition, Rule

#: Says why a rule gave its points; what a fact is to one condition.
Reason = Callable[[Sequence[Fact], Mapping[str, Fact]], str]
Teller = Callable[[Fact], str]

MOST_CHARS, MOST_ITEMS = 80, 3

LABELS = {"mx": "MX", "updated_site": "the site's last change", "contact_form": "a contact form"}


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


def reasons(rule: Rule) -> Reason:
    """What says why a rule gave its points: made once, called for each company with the facts in which its conditions hold."""
    tellers = [_teller(one) for one in rule.when]
    either = [(one, _teller(one)) for one in rule.either]
    if len(tellers) == 1 and not either:
        only = tellers[0]
        return lambda held, facts: only(held[0])

    def reason(held: Sequence[Fact], facts: Mapping[str, Fact]) -> str:
        told = [tell(fact) for tell, fact in zip(tellers, held, strict=False)]
        if either:
            told.append(_meant(either, held[-1], facts)(held[-1]))
        return "; ".join(told)

    return reason


def _meant(either: Sequence[tuple[Condition, Teller]], fact: Fact, facts: Mapping[str, Fact]) -> Teller:
    """Of several conditions the one that holds in a fact."""
    said = (tell for one, tell in either if facts.get(one.field) is fact or (not one.known and not fact.source))
    return next(said, either[0][1])


def _teller(asked: Condition) -> Teller:
    name = label(asked.field)
    if not asked.known:
        return lambda fact: f"no {name} known"
    if asked.field == ANY:
        return lambda fact: f"newest fact of {datetime.fromtimestamp(fact.at_ms / 1000, UTC):%Y-%m-%d}"
    if asked.is_ or asked.contains:
        meant = conditions.meant(asked)
        return lambda fact: f"{name}: {value(meant(fact.value))}"
    return lambda fact: f"{name}: {value(fact.value)}"


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARS and text.isprintable():
        return text
    text = " ".join(text[: 2 * MOST_CHARS].split())
    return text if len(text) <= MOST_CHARS else text[: MOST_CHARS - 1] + "…"
