"""What a rule asks for, in words."""

from topics.leads import wording
from topics.leads.model import ANY, Condition, Rule


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
        return f"no {wording.label(asked.field)} known"
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
    return f"{wording.label(asked.field)}{':' if asked.is_ else ''} {', '.join(parts) or 'known'}"


def _any(texts: tuple[str, ...]) -> str:
    rest = len(texts) - wording.MOST_ITEMS
    return " or ".join(texts[: wording.MOST_ITEMS]) + (f" or {rest} more" if rest > 0 else "")


def _days(days: float | None) -> str:
    return "day" if days == 1 else f"{days or 0:g} days"
