"""A store with something of everything that pages show, and markup that would run in every text that anybody can fill.

`fill` returns what stands for each argument of an address (`/jobs/<job_id>`), so that the tests find every page by itself.
"""

import importlib.util
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from werkzeug.routing import Rule

import clock
import config
import models
import queues
import scheduler
from jobs import analytics, scrape
from lead_models import Fact, Points, Score
from state.alerts.incidents import Finding, Plan
from state.business import sites
from state.leads import companies
from state.scraping import gates
from state.tracking import credits, details, outcomes
from tests import fakes
from tests.scheduling import registered
from tests.topics.scraping import inline_work
from tests.topics.scraping.site import Answer, page, served
from tests.web.dashboard import populated as jobs_of_all_kinds
from topics.access import api_keys, audit, users
from topics.operations import pauses, schedule
from topics.scraping import crawl, lanes, robots_rules, stored
from topics.tracking import check, competitors, overview, projects, summaries
from topics.webhooks import endpoints
from worker import inline

STATE = models.RankState

#: Days of history of each keyword, and the keywords.
DAYS, KEYWORDS = 45, 12

#: What an address needs besides.
QUERIES = {"keyword_count_page": "?action=archive"}

PROJECT, PASSWORD = "example.com", "correct horse battery"


def hostile(where: str) -> str:
    """Markup that would run, and says where it stood."""
    return f"<img src=x onerror=\"window.ran='{where}'\"><script>window.ran='{where}'</script>"


@dataclass(frozen=True)
class Populated:
    """What stands for the arguments of addresses: by endpoint and name, else by name."""

    values: Mapping[str, str]

    def address(self, rule: Rule) -> str:
        """The address of a page, with every argument filled. Raises KeyError for one that nothing stands for."""
        filled = {name: self.values.get(f"{rule.endpoint}.{name}") or self.values[name] for name in rule.arguments}
        path = rule.rule
        for name, value in filled.items():
            path = path.replace(next(part for part in _parts(rule.rule) if part.strip("<>").split(":")[-1] == name), value)
        return path + QUERIES.get(rule.endpoint, "")


def _parts(rule: str) -> Iterator[str]:
    """The arguments of a rule as they are written: `<int:number>`."""
    for piece in rule.split("<")[1:]:
        yield "<" + piece.split(">")[0] + ">"


def fill(store: Any, folder: Path) -> Populated:
    """Fill the store."""
    batch = scraped()
    found = jobs_of_all_kinds.fill(store, folder / "canary")
    keyword = tracked()
    others = flow_and_access()
    registered(*scheduler.table())
    values = {
        "job_id": found["failed"],
        "name": "sweep",
        "person_page.name": "operator",
        "person_page_1.name": "operator",
        "person_page_2.name": "operator",
        "keyword_id": keyword,
        "project_id": PROJECT,
        "batch_id": batch,
        "ledger_id": batch,
        "id": batch,
        "host": "broken.example",
        "day": (clock.now().date() - timedelta(1)).isoformat(),
        "number": "1",
        "domain": "rival.example",
        "kind": "serp",
        **others,
    }
    return Populated({**values, **_of_others(values)})


def tracked() -> str:
    """Projects with keywords, ranks with gaps, tags, and an overview; returns a keyword whose pages are stored."""
    projects.add(PROJECT, projects.Options(id=PROJECT, name=hostile("project name"), depth=20))
    projects.add("empty.example")
    texts = [f"{hostile('keyword')} {number}" for number in range(KEYWORDS)]
    projects.add_keywords(PROJECT, texts)
    found = projects.find_keywords(texts, PROJECT)
    details.write_many(
        PROJECT,
        {one.id: details.Details(volume=100 + number, tags=(f"t{number % 3}", "<b>tag</b>")) for number, one in enumerate(found)},
    )
    lots = random.Random(3)
    for number, keyword in enumerate(found[:-1]):
        for ago in range(DAYS, 1, -1):
            if rank := _rank(lots, ago, number):
                outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", rank))
    for ago in (2, 1, 0):
        _checked(found[0], ago)
    overview.make(PROJECT)
    competitors.pin(PROJECT, "rival.example")
    competitors.make(PROJECT)
    return found[0].id


def _rank(lots: random.Random, ago: int, number: int) -> models.Rank | None:
    """A rank of that day; none at all, or an unknown one, now and then, and for a whole week of the first keyword."""
    day, draw = clock.now().date() - timedelta(ago), lots.random()
    if draw < 0.1:
        return None
    if draw < 0.2 or (number == 0 and 10 <= ago <= 17):
        return models.Rank(day, STATE.UNKNOWN, reason=lots.choice(["captcha", "network", "budget"]))
    if draw < 0.3:
        return models.Rank(day, STATE.NOT_FOUND, 20)
    url = f"https://example.com/{hostile('url')}?{lots.randrange(2)}"
    return models.Rank(day, STATE.RANKED, 20, rank=lots.randrange(1, 20), url=url, title=hostile("title"))


def _checked(keyword: models.Keyword, ago: int) -> None:
    """Check it as a job would: the page and what was read are stored."""
    results = [(f"https://rival.example/{hostile('result url')}", hostile("result title")), *fakes.others(2)]
    answers = fakes.serp([*results, ("https://example.com/shoes", hostile("our title"))])
    tools = check.Tools(fakes.Provider(answers), stored.store())
    made = check.Check(keyword, projects.named(PROJECT), tools, _nothing_held, day=clock.now().date() - timedelta(ago))
    rank = made.run()
    seen = summaries.of_check(made.stored, rank.day) if made.stored else None
    outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", rank, serp=seen))


class _nothing_held:
    """A claim that nobody else wants."""

    def __enter__(self) -> None: ...

    def __exit__(self, *exc: object) -> None: ...


def scraped() -> str:
    """A batch that is done in part, a crawl, and hosts with a breaker; returns the batch."""
    lanes._course.cache_clear()
    stored.store.cache_clear()
    robots_rules.kept.clear()
    quick = {"delay_between_requests": 0, "retry_delay": 0, "max_retries": 0}
    allowed = {"fetch_allow_networks": "127.0.0.0/8", "request_delay": 0.0, "host_concurrency": 100, "max_workers": 3}
    with served({"/": page(hostile("page title"), "/a")}) as site, config.overridden(**allowed):
        site.pages |= {"/a": page(hostile("linked")), "/broken": Answer(hostile("body"), 500)}
        urls = [f"{site.url}/", f"{site.url}/broken", f"{site.url}/gone?q={hostile('address')}"]
        batch = crawl.submit_batch(scrape.scrape_batch, urls, quick).job_id
        crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", {**quick, "expected_pages": 3})
        inline_work.off(50)
    for number in range(12):
        granted = gates.enter(gates.Ask("broken.example", f"direct-{number}", 0.0, 20))
        if isinstance(granted, gates.Granted):
            gates.leave(granted, gates.Left("server_error", 0.0))
    return batch


def flow_and_access() -> dict[str, str]:
    """Pauses, webhooks, keys, people, and lines of the audit."""
    pauses.put("kind:scrape", hostile("reason"), "ada", for_s=3600)
    pauses.put("host:shop.example", hostile("reason"), "ada")
    hook = endpoints.Endpoint("", f"https://hooks.example/?a={hostile('hook')}", "reports", metadata={"m": hostile("metadata")})
    webhook, _ = endpoints.add(hook)
    key, _ = api_keys.add("shop", "operator", pages_a_month=100)
    for role in ("viewer", "operator", "admin"):
        users.add(role, role, PASSWORD)
    audit.write(audit.Actor(hostile("who"), "session", "192.0.2.1"), "POST /x", hostile("details"), "200")
    return {"webhook_id": webhook.id, "key_id": key.id}


def _of_others(values: Mapping[str, str]) -> dict[str, str]:
    """What rooms add that may not be there."""
    found: dict[str, str] = {}
    for room, add in EXTRAS.items():
        if importlib.util.find_spec(room):
            found |= add(importlib.import_module(room), values)
    return found


def _notes(notes: Any, values: Mapping[str, str]) -> dict[str, str]:
    notes.add(values["project_id"], clock.now().date() - timedelta(5), hostile("note"), "ada")
    return {}


def _shares(shares: Any, values: Mapping[str, str]) -> dict[str, str]:
    _, token = shares.add(values["project_id"], "ada", scope="keywords", title=hostile("share"))
    return {"token": token}


def _login_links(links: Any, values: Mapping[str, str]) -> dict[str, str]:
    return {"login_link_page.token": links.make("viewer")[1]}


def _schedule(words: Any, values: Mapping[str, str]) -> dict[str, str]:
    """Of the table of periodic work one entry is disabled for a time, one ran by hand and was paused."""
    schedule.disable("check-health", hostile("why disabled"), "ada", for_s=3600)
    schedule.run("sweep")
    pauses.put("schedule:sweep", hostile("why paused"), "ada", for_s=3600)
    credits.keep("scrapedo", 1500.0, 250_000.0, 10.0)
    return {"schedule_entry_page.name": "sweep"}


def _budgets(budgets: Any, values: Mapping[str, str]) -> dict[str, str]:
    budgets.set_limit("system", micro_usd=5_000_000, credits=1000)
    with budgets.reserved("system", micro_usd=4_500_000, purpose="llm", key=hostile("key")) as held:
        held.settle(micro_usd=4_400_000)
    return {"scope": "system"}


def _alerts(incidents: Any, values: Mapping[str, str]) -> dict[str, str]:
    """One that is open and one that is over, both hostile."""
    one = Finding("x", "rank_drop", 2, hostile("alert"), hostile("says"), "mend it", values["project_id"], (hostile("line"),))
    incidents.look([one, replace(one, key="y")], (), Plan("m1", ("t",)))
    for name in ("m2", "m3"):
        incidents.look([replace(one, clear_s=0)], (), Plan(name, ("t",)))
    return {}


def _networks(networks: Any, values: Mapping[str, str]) -> dict[str, str]:
    return {"network_page.number": str(networks.add("https://example.com/", hostile("network")).id)}


def _business(facts: Any, values: Mapping[str, str]) -> dict[str, str]:
    """A site whose pages say hostile things of it."""
    at = clock.now()
    html = (
        f"<title>{hostile('site')}</title><address>1 High Street, Oxford OX1 4AA</address><a href=tel:+442079460958>Call us</a>"
    )
    record = {"url": "https://shop.example/contact", "title": hostile("title"), "fetched_at": at.isoformat()}
    pages = [facts.of_page(record, html)]
    whole = facts.of_site("shop.example", "https://shop.example/", pages, [{"url": hostile("missed"), "why": hostile("why")}])
    stored.put_result("direct-1", whole | {"batch": values["batch_id"], "scraped_at": at.isoformat(timespec="seconds")})
    known = sites.Known("shop.example", "", "direct-1", hostile("name"), "shop.example", 1, round(at.timestamp() * 1000))
    sites.put(known, known.at_ms)
    return {"site": "shop.example"}


def _leads(adding: Any, values: Mapping[str, str]) -> dict[str, str]:
    """A company with hostile facts, a former one, a finding and a score."""
    given = {"name": hostile("company"), "site": "https://shop.example/", "description": hostile("description")}
    made = adding.add(given | {"phones": ["+442079460958"]}, [hostile("tag")[:60]])
    adding.change(made.id, {"description": hostile("other description")})
    points = Points(rule="r", part="fit", points=2, most=5, reason=hostile("reason"), evidence=(hostile("evidence"),))
    score = Score(total=40, parts={"fit": 40}, model="0123456789ab", at_ms=1_700_000_000_000, points=(points,))
    companies.put_scores([(made.id, score)])
    return {"company_id": made.id}


def _analytics(reports: Any, values: Mapping[str, str]) -> dict[str, str]:
    """Companies with hostile names, and a report about them that a job made."""
    facts = {name: Fact(value=hostile(name), source=f"import: {hostile('file')}", at_ms=1) for name in ("industry", "country")}
    companies.put([companies.Update("", "", "hostile.example", hostile("company"), "hostile", (), facts, (hostile("tag"),))])
    made = queues.submit_many([reports.call(analytics.make_report)])[0]
    inline.run_until_idle()
    return {"analytics_report_page.job_id": made.job_id}


def _upkeep(reports: Any, values: Mapping[str, str]) -> dict[str, str]:
    def work(draft: Any) -> None:
        for line in (hostile("report"), hostile("line"), "See `python manage.py status`."):
            draft.say(line)
        draft.refuse(hostile("refused"))

    reports.made(reports.OPTIMIZE, work)
    return {}


#: What else is filled: each is told what is there, and returns what stands for its arguments.
EXTRAS: dict[str, Callable[[Any, Mapping[str, str]], dict[str, str]]] = {
    "scheduling.words": _schedule,
    "topics.tracking.notes": _notes,
    "topics.operations.shares": _shares,
    "topics.access.login_links": _login_links,
    "topics.budgets": _budgets,
    "state.alerts.incidents": _alerts,
    "topics.forms.networks": _networks,
    "topics.business.facts": _business,
    "topics.leads.adding": _leads,
    "topics.analytics.reports": _analytics,
    "topics.upkeep.reports": _upkeep,
}
