"""Models and companies of the tests of scores, each in a line."""

from typing import Any

from lead_models import Company, Fact, Score
from state.leads import companies
from state.leads.companies import Update
from tests.state import NOON
from topics.leads import model_text, scoring

NOW_MS = round(NOON.timestamp() * 1000)
DAY_MS = 86_400_000
PAGE = "https://a.example/contact"


def fact(value: Any, days: float = 0, source: str = PAGE) -> Fact:
    """A fact that was read so many days ago."""
    return Fact(value=value, source=source, at_ms=NOW_MS - round(days * DAY_MS))


def company(tags: tuple[str, ...] = (), **facts: Any) -> Company:
    """A company with these facts, read now unless they are facts already."""
    read = {name: one if isinstance(one, Fact) else fact(one) for name, one in facts.items()}
    return Company(id="co_1", site="https://a.example/", domain="a.example", name="A", facts=read, tags=tags, updated_ms=NOW_MS)


def score(text: str, one: Company, now_ms: int = NOW_MS) -> Score:
    """The score of a company by the model in a text. The quick sums, by which it is seen that a score changed, say the same."""
    scorer = scoring.Scorer(model_text.parse(text))
    found = scorer.score(one, now_ms)
    assert scorer.totals(scorer.sums(one, now_ms)) == (found.total, found.parts)
    return found


def rule(when: str, points: float = 10, more: str = "", part: str = "fit") -> str:
    """A rule, named by its condition."""
    name = when.replace('"', "'")
    return f'[[rules]]\nname = "{name[:90]}"\npart = "{part}"\npoints = {points}\nwhen = {when}\n{more}\n'


def stored(number: int = 1, owner: str = "", **facts: Any) -> str:
    """A company in the store; returns its id."""
    name = f"a{number}.example"
    read = {key: one if isinstance(one, Fact) else fact(one) for key, one in facts.items()}
    return companies.put([Update(owner, f"https://{name}/", name, name, name, (), read)])[0].id
