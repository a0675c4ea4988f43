"""What follows from the facts of a company: which are known, how complete it is, which cannot be right."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from lead_models import Company, Fact
from topics.analytics import validity

#: What somebody who sells needs to know of a company: completeness is the share of these.
CORE = ("name", "site", "phones", "emails", "address", "country", "industry", "employees", "description")

#: What is larger is no number of employees, nor anything else that is counted.
MOST_NUMBER = 1e15

EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


def fact(company: Company, name: str) -> Fact | None:
    """A fact that has a value."""
    found = company.facts.get(name)
    return found if found is not None and found.value not in EMPTY else None


def values(company: Company, name: str) -> Sequence[Any]:
    """What is known as `name`. The name and the site of the record count where no fact has them."""
    found = company.facts.get(name)
    value = found.value if found is not None else None
    if value in EMPTY and name in ("name", "site"):
        value = company.name if name == "name" else company.site
    if isinstance(value, list):
        return [one for one in value if one not in EMPTY]
    return () if value in EMPTY else (value,)


def known(company: Company) -> Sequence[str]:
    """The names of the fields that are known."""
    found = [name for name, fact in company.facts.items() if fact.value not in EMPTY]
    return [*found, *(name for name in ("name", "site") if name not in found and getattr(company, name))]


def invalid(company: Company) -> Sequence[str]:
    """The names of the fields whose values cannot be right."""
    return [name for name in validity.CHECKS if any(map(validity.CHECKS[name], values(company, name)))]


def completeness(company: Company) -> Sequence[float]:
    """The share of `CORE` that is known, in per cent.

    >>> completeness(Company(id="co_1", name="Acme", site="https://acme.example/"))
    (22.2,)
    """
    return (round(100 * sum(bool(values(company, name)) for name in CORE) / len(CORE), 1),)


def part(name: str) -> Callable[[Company], Sequence[float]]:
    """What reads a part of the score."""
    return lambda company: (company.score.parts[name],) if company.score and name in company.score.parts else ()


def number_of(value: Any) -> float | None:
    """A value as a number; of a range its middle; None where it is none.

    >>> number_of("11-50"), number_of("1,200"), number_of(7), number_of("many"), number_of("5001+")
    (30.5, 1200.0, 7.0, None, 5001.0)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < MOST_NUMBER else None  # nor is NaN one
    return _number(value) if isinstance(value, str) and len(value) <= 40 else None


@lru_cache(maxsize=10_000)
def _number(text: str) -> float | None:
    plain = text.strip().replace(",", "").replace("–", "-").removesuffix("+")
    parts = [part.strip() for part in plain.split("-")] if not plain.startswith("-") else [plain]
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    return sum(numbers) / len(numbers) if len(numbers) <= 2 and all(abs(one) < MOST_NUMBER for one in numbers) else None
