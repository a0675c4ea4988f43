"""Invented companies with every gap and every kind of value; the same for the same number."""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lead_models import Company, Fact, Score
from state.leads import companies as state
from topics.analytics import tokens

DAY_MS = 86_400_000
NOW_MS = tokens.ms_of("2026-11-30")

INDUSTRIES = (
    "Software",
    "software",
    ' "Quoted" \\ Works',
    "Bäckerei",
    "=HYPERLINK(1)",
    "<b>Bold</b>",
    "Retail",
    "5",
    "Größe\nzwei",
)
SOURCES = ("typed", "import: a.csv", "search: plumbers in berlin", "dns", "https://other.example/x", "")


def some(number: int, seed: int = 1) -> list[Company]:
    """So many companies."""
    lots = random.Random(seed)
    return [one(lots, at) for at in range(number)]


def chunks(companies: Sequence[Company], size: int = 500) -> Iterator[Sequence[Company]]:
    """As `companies.walk` gives them."""
    for start in range(0, len(companies), size):
        yield companies[start : start + size]


def past(ids: Sequence[str], moments: Sequence[int]) -> list[dict[int, float | None]]:
    """Earlier scores: the same for the same company and moment."""
    return [{ms: _draw(one, ms // DAY_MS) for ms in moments} for one in ids]


@lru_cache(maxsize=100_000)
def _draw(company_id: str, day: int) -> float | None:
    draw = random.Random(f"{company_id} {day}").randrange(-20, 101)
    return float(draw) if draw >= 0 else None


def one(lots: random.Random, at: int) -> Company:
    """A company."""
    domain = f"c{at}.example" if lots.random() < 0.8 else ""
    site = f"https://{domain}/" if domain else ""
    facts = {name: fact for name, value in _values(lots).items() if (fact := _fact(lots, value, site)) is not None}
    score = None
    if lots.random() < 0.7:
        total = float(lots.choice([0, 9.9, 10, 50, 50, 79.5, 80, 100]))
        score = Score(total=total, parts={"fit": total / 2, "intent": 10.0}, model="m1", at_ms=NOW_MS)
    return Company(
        id=f"co_{at:016x}",
        owner="",
        site=site,
        domain=domain,
        name=f"Company {at % 97}" if lots.random() < 0.9 else "",
        facts=facts,
        tags=tuple(lots.sample(["vip", "cold", "=1+1"], lots.randrange(3))),
        created_ms=NOW_MS - lots.randrange(400) * DAY_MS,
        updated_ms=NOW_MS,
        score=score,
    )


def _values(lots: random.Random) -> dict[str, object]:
    return {
        "emails": lots.choice([["a@b.example"], [f"x{lots.randrange(50)}@y.example", "not an address"], [], None]),
        "phones": lots.choice([[f"+49 30 {lots.randrange(100):06d}"], ["12"], "+44 20 7946 0958", None]),
        "country": lots.choice(["DE", "de", "US", "Germany", None]),
        "industry": lots.choice([*INDUSTRIES, None]),
        "employees": lots.choice([5, 12, 7000, "11-50", "many", -3, True, "1,200", None]),
        "founded": lots.choice([1998, 1998.0, "1998", 3000, None]),
        "technologies": lots.sample(["WordPress", "wordpress", "Shopify", "jQuery"], lots.randrange(4)),
        "hiring": lots.choice([True, 3, False, None]),
        "address": lots.choice(["1 High Street", ""]),
        "custom thing": lots.choice(["x", None]),
    }


def _fact(lots: random.Random, value: object, site: str) -> Fact | None:
    source = lots.choice([*SOURCES, site])
    return Fact(value=value, source=source, at_ms=NOW_MS - lots.randrange(600) * DAY_MS) if lots.random() < 0.8 else None


def stored(some: Sequence[Company], owner: str = "") -> list[str]:
    """Put companies into the store; their ids there."""
    updates = [
        state.Update(
            owner=owner,
            site=one.site,
            domain=f"{owner or 'x'}-{one.domain}" if one.domain else "",
            name=one.name,
            name_key=f"{one.id}{owner}",
            phone_keys=(f"+{at}",),
            facts=one.facts,
            tags=one.tags,
            created_ms=one.created_ms,
        )
        for at, one in enumerate(some)
    ]
    ids = [one.id for one in state.put(updates)]
    state.put_scores([(made, one.score) for made, one in zip(ids, some, strict=True) if one.score])
    return ids
