"""A report over many companies beside a bare pass over their records: time and peak memory, each in a process of its own.

    python benchmarks/lead_reports.py [--companies 100000]

The bare pass reads every record and does nothing with it. Companies are invented: some ten facts each, three in four with a score
and a history of five. The memory before the companies are read is taken off. Compare only figures of one run.
"""

import argparse
import multiprocessing
import random
import resource
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import clock
from benchmarks import servers
from lead_models import Fact, Points, Score
from state.leads import companies
from state.leads.companies import Update
from state.store import connection
from topics.analytics import reports, scopes

INDUSTRIES = [f"Industry {number}" for number in range(60)]
COUNTRIES = ("DE", "AT", "CH", "US", "GB", "FR", "NL", "SE", "PL", "IT")
TECHNOLOGIES = [f"Technology {number}" for number in range(300)]
DAY_MS, AT_ONCE = 86_400_000, 1000


def main() -> None:
    """Fill a throw-away server, and print both passes and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=100_000)
    args = parser.parse_args()
    with servers.throw_away() as url:
        apart(fill, url, args.companies)
        bare_s, bare_mb, _ = apart(bare, url, args.companies)
        print(f"{'':<22}{'s':>8}{'companies/s':>14}{'peak MB':>10}")
        print(f"{'bare pass':<22}{bare_s:>8.1f}{args.companies / bare_s:>14,.0f}{bare_mb:>10.0f}")
        for report_type in ("summary", "comprehensive"):
            took_s, mb, figures = apart(report, url, report_type)
            line = f"{report_type:<22}{took_s:>8.1f}{args.companies / took_s:>14,.0f}{mb:>10.0f}"
            print(f"{line}   {took_s / bare_s:.2f} times the bare pass, {figures} figures")


def apart(work: Callable[..., int], *args: object) -> tuple[float, float, int]:
    """Run it in a new process: seconds, peak memory (MB) above that of the process before, and what it returned."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(measured, (work, *args))


def measured(work: Callable[..., int], url: str, *args: object) -> tuple[float, float, int]:
    """The same inside."""
    connection.use(connection.connect(url))
    connection.client().ping()
    before_kb, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, clock.monotonic()
    found = work(*args)
    took_s = clock.monotonic() - began
    return took_s, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024, found


def bare(number: int) -> int:
    """Read every record."""
    seen = sum(len(chunk) for chunk in companies.walk(None, scopes.CHUNK))
    assert seen == number
    return seen


def report(report_type: str) -> int:
    """Make a report; how many figures it has."""
    told = reports.make("benchmark", report_type, scopes.of(None, None), {})
    return sum(len(line["figures"]) for section in told["sections"] for line in section["lines"])


def fill(number: int) -> int:
    """Invent companies."""
    lots, now_ms = random.Random(7), round(clock.now().timestamp() * 1000)
    for start in range(0, number, AT_ONCE):
        made = companies.put([company(lots, at, now_ms) for at in range(start, min(number, start + AT_ONCE))])
        ids = [one.id for one in made if lots.random() < 0.75]
        for ago in (120, 90, 60, 20, 1):
            companies.put_scores([(one, score(lots, now_ms - ago * DAY_MS)) for one in ids])
    return number


def company(lots: random.Random, at: int, now_ms: int) -> Update:
    """A company."""
    domain = f"company{at}.example"
    values = {
        "emails": [f"info@{domain}"],
        "phones": [f"+4930{at:08d}"],
        "address": f"{at} High Street",
        "country": lots.choice(COUNTRIES),
        "industry": lots.choice(INDUSTRIES),
        "employees": lots.choice(["1-10", "11-50", "51-200", 700, 12]),
        "founded": lots.randrange(1950, 2026),
        "technologies": lots.sample(TECHNOLOGIES, 4),
        "description": f"Company {at} makes things that other companies need, since long ago, and sells them in many places.",
        "social": [f"https://social.example/{at}"],
        "hiring": lots.randrange(9),
    }
    source = lots.choice([f"https://{domain}/contact", "import: list.csv", f"search: query {lots.randrange(40)}"])
    facts = {
        name: Fact(value=value, source=source, at_ms=now_ms - lots.randrange(400) * DAY_MS, snippet=f"{name} of company {at}")
        for name, value in values.items()
        if lots.random() < 0.8
    }
    created_ms = now_ms - int(timedelta(days=lots.randrange(700)).total_seconds() * 1000)
    return Update("", f"https://{domain}/", domain, f"Company {at}", f"company{at}", (), facts, ("a",), created_ms=created_ms)


def score(lots: random.Random, at_ms: int) -> Score:
    """A score with eight reasons."""
    parts = {name: float(lots.randrange(101)) for name in ("fit", "intent", "reachability", "freshness")}
    points = tuple(
        Points(rule=f"rule {n}", part="fit", points=5.0, most=10.0, reason="it has a phone", evidence=("typed",))
        for n in range(8)
    )
    return Score(total=round(sum(parts.values()) / 4, 1), parts=parts, model="0123456789ab", at_ms=at_ms, points=points)


if __name__ == "__main__":
    main()
