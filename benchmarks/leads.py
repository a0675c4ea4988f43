"""Figures of companies: how fast they are scored.

    python benchmarks/leads.py [--companies 20000] [--store]

`score`: companies a second and core (CPU time), by the shipped model: totals alone, as all companies are looked at every day; and
scores with a reason and the evidence behind every point, as those are written whose score changed. Beside them, in the same run,
a loop over plain dictionaries with the same rules written out by hand, which gives totals only; the totals are compared.
`store`: the same on a Redis of its own, with reading and writing.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lead_models import Company, Fact
from topics.leads import model_file, scoring

NOW_MS = 1_793_000_000_000
DAY_MS = 86_400_000
TOLD = "{:<9} {:<46} {:>12,.0f} companies/s a core"

SHOPS = frozenset(("Shopify", "WooCommerce", "Magento", "PrestaShop", "Shopware", "BigCommerce"))
ADVERTISERS = frozenset(("Google Ads", "Meta Pixel", "LinkedIn Insight Tag", "HubSpot", "Google Tag Manager"))
FREE = ("gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "gmx.de", "web.de")


def made(count: int) -> list[Company]:
    """Companies of which more or less is known, no two alike."""
    chance = random.Random(7)
    techs = [*sorted(SHOPS), *sorted(ADVERTISERS), "PHP", "nginx", "jQuery", "WordPress", "Cloudflare"]
    found = []
    for n in range(count):
        said: dict[str, Any] = {
            "name": f"Company {n}",
            "site": f"https://c{n}.example/",
            "emails": [chance.choice((f"info@c{n}.example", f"c{n}@gmail.com"))],
            "phones": [f"+4930{n:07}"],
            "employees": chance.choice((3, 40, "11-50", "51-200", 9000)),
            "industry": chance.choice(("Software", "Retail", "Manufacturing", "Hotels")),
            "country": chance.choice(("DE", "AT", "US", "FR")),
            "description": f"We make thing {n} for everybody who needs one.",
            "technologies": chance.sample(techs, chance.randint(1, 6)),
            "hiring": chance.choice((0, 1, 4, 20)),
            "news": [f"2026-{chance.randint(1, 9):02}-11 News {n}"],
            "social": [f"https://www.linkedin.com/company/c{n}"],
            "people": [f"Person {n} (CEO)"],
            "mx": [f"mx.c{n}.example"],
            "updated_site": f"2026-{chance.randint(1, 9):02}-15",
        }
        known = {name: value for name, value in said.items() if chance.random() < 0.8}
        facts = {
            name: Fact(value=value, source=f"https://c{n}.example/", at_ms=NOW_MS - chance.randrange(200 * DAY_MS))
            for name, value in known.items()
        }
        tags = ("customer",) if chance.random() < 0.05 else ()
        found.append(Company(id=f"co_{n:016}", site=f"https://c{n}.example/", facts=facts, tags=tags, updated_ms=NOW_MS))
    return found


def plain(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """The same as plain dictionaries, values read once: numbers, days, and when each thing was seen."""
    return [_plain(one) for one in companies]


def _plain(company: Company) -> dict[str, Any]:
    from topics.leads import numbers, values

    row: dict[str, Any] = {name: fact.value for name, fact in company.facts.items()}
    row["employees"] = numbers.amount(row.get("employees"))
    row["news_ms"], row["updated_ms"] = values.newest_ms(row.get("news")), values.newest_ms(row.get("updated_site"))
    row["hiring_ms"] = company.facts["hiring"].at_ms if "hiring" in company.facts else 0
    row["seen"] = [fact.at_ms for fact in company.facts.values()]
    return row | {"tags": company.tags}


def by_hand(row: dict[str, Any]) -> float:
    """The shipped model, written out."""
    fit = intent = reach = fresh = 0.0
    size = row.get("employees")
    if size is not None:
        fit += 25 if 11 <= size <= 250 else 10 if 2 <= size <= 10.9 else 0
    fit += 15 * bool(row.get("industry")) + 10 * bool(row.get("country")) + 5 * bool(row.get("description"))
    techs = row.get("technologies", ())
    fit += 15 * any(one in SHOPS for one in techs)
    if "customer" in row["tags"] or "competitor" in row["tags"]:
        fit -= 60
    hiring = row.get("hiring")
    if hiring and NOW_MS - row["hiring_ms"] <= 60 * DAY_MS:
        intent += min(15, 3 * hiring)
    if row["news_ms"] is not None and NOW_MS - row["news_ms"] <= 120 * DAY_MS:
        intent += round(10 * (1 - (NOW_MS - row["news_ms"]) / (120 * DAY_MS)), 1)
    intent += 5 * any(one in ADVERTISERS for one in techs)
    mails = row.get("emails", ())
    reach += 15 * bool(mails) - 5 * any(one.endswith(FREE) for one in mails) + 15 * bool(row.get("phones"))
    reach += 10 * bool(row.get("people")) + 5 * bool(row.get("social") or row.get("contact_form")) + 5 * bool(row.get("mx"))
    newest = max(row["seen"], default=0)
    if NOW_MS - newest <= 180 * DAY_MS:
        fresh += round(20 * min(1, 1 - (NOW_MS - newest) / (180 * DAY_MS)), 1)
    if row["updated_ms"] is not None and NOW_MS - row["updated_ms"] <= 365 * DAY_MS:
        fresh += 10
    shares = [min(1, max(0, got / full)) for got, full in ((fit, 60), (intent, 30), (reach, 50), (fresh, 30))]
    return round(shares[0] * 35 + shares[1] * 25 + shares[2] * 25 + shares[3] * 15, 1)


def rate(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Items a second of CPU time, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for one in items:
            work(one)
        best = min(best, time.process_time() - began)
    return len(items) / best


def score(count: int) -> None:
    """How fast companies are scored, beside a loop over dictionaries."""
    companies = made(count)
    rows, scorer = plain(companies), scoring.Scorer(model_file.read(model_file.SHIPPED))
    for company, row in zip(companies, rows, strict=True):
        ours, theirs = scorer.score(company, NOW_MS).total, by_hand(row)
        if abs(ours - theirs) > 0.11:  # the last digit is rounded
            raise SystemExit(f"{company.id}: {ours} by the model, {theirs} by hand")
    loop = rate(by_hand, rows)
    totals = rate(lambda one: scorer.totals(scorer.sums(one, NOW_MS)), companies)
    whole = rate(lambda one: scorer.score(one, NOW_MS), companies)
    print(TOLD.format("score", "loop over dictionaries, by hand, totals only", loop))
    print(TOLD.format("score", f"model, totals ({loop / totals:.1f} times the loop's time)", totals))
    print(TOLD.format("score", f"model, reasons and evidence ({loop / whole:.1f} times)", whole))


def store(count: int) -> None:
    """How fast companies in a Redis are scored: all of them by a new model, and all of them when nothing changed."""
    from benchmarks import servers
    from state.leads import companies, rescoring
    from state.leads.companies import Update
    from topics.leads import scoring_again

    with servers.throw_away():
        companies.put([Update("", one.site, one.site[8:-1], one.site, one.site, (), one.facts, one.tags) for one in made(count)])
        for words in ("all by a new model, read and written", "all on another day, read, few written"):
            began = time.perf_counter()
            told = scoring_again.rescore()
            took_s = time.perf_counter() - began
            print(f"{'store':<9} {words:<46} {told['seen'] / took_s:>12,.0f} companies/s ({told['changed']:,} written)")
            rescoring.write(rescoring.Course("another"))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=20_000)
    parser.add_argument("--store", action="store_true", help="also with a Redis of its own")
    options = parser.parse_args()
    score(options.companies)
    if options.store:
        store(options.companies)


if __name__ == "__main__":
    main()
