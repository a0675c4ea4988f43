"""A store with something of everything that an export tells."""

import importlib

import clock
import scheduler
from lead_models import Fact, Points, Score
from state.access import saved_views as stored_views
from state.business import sites
from state.engine import limits
from state.forms import networks, pages
from state.leads import companies
from state.scraping import rates
from state.tracking import details
from tests.scheduling import registered
from tests.web.pages import populated
from topics.access import saved_views
from topics.operations import pauses, schedule
from topics.scraping import stored
from topics.tracking import projects

NOW_MS = round(clock.now().timestamp() * 1000)


#: Values that are easily lost.
FALSY = {"hiring": False, "founded": 0, "description": "", "languages": [], "city": None}


def fill() -> None:
    """Fill the store."""
    registered(*scheduler.table())
    values = {"project_id": populated.PROJECT, "batch_id": "b"}
    populated.tracked()
    for room in ("topics.tracking.notes", "topics.budgets", "topics.business.facts", "scheduling.words", "topics.forms.networks"):
        populated.EXTRAS[room](importlib.import_module(room), values)
    pauses.put("host:shop.example", populated.hostile("reason"), "ada", for_s=3600)
    projects.add("night.example", projects.Options(id="night", hour=0, zone="Europe/Vienna", weight=2.5))
    projects.change("night", {"depth": 30, "hour": 3})
    projects.add_keywords("night", ["Straße", "IT", "ΟΔΟΣ", "=1+1"])
    projects.projects.set_active("night", False)
    details.write_many("night", {projects.find_keyword("IT", "night").id: details.Details(volume=0)})
    limits.put("serp", 0)
    rates.put("host:slow.example", rates.Rate(((60, 5),), 2.0, 1))
    rates.put("tenant:ab", rates.Rate(((86_400, 500),)))
    pauses.put("project:night", "asleep", "ada")
    schedule.disable("clean-up-pages", "not now", "ada")
    saved_views.add("user:ada", "Failed", "/jobs?status=failed", "ada")
    saved_views.add(saved_views.EVERYBODY, "All of them", "/jobs?status=failed&kind=serp", "ada")
    stored_views.put("key:shop", "0" * 16, {"name": "n", "path": "/jobs", "query": "kind=serp", "actor": "shop", "made_s": 5})
    stored.put_result("f" * 32, {"site": "big.example", "pages": [{"text": "x" * 200_000}]})
    sites.put(sites.Known("big.example", "", "f" * 32, "Big", "big.example", 1, NOW_MS), NOW_MS)
    _forms()
    _companies()


def _forms() -> None:
    network = networks.Network(
        networks.next_number("network"), "Shop", "https://shop.example/", credentials="locked", owner="shop"
    )
    networks.put(network)
    networks.write(network.id, last='{"at_ms":5}')
    for url in ("https://shop.example/", "https://shop.example/contact"):
        forms = ({"signature": "s", "fields": [{"name": "é"}]},)
        pages.put(pages.Page(networks.next_number("page"), network.id, url, "t", forms=forms, first_ms=1, last_ms=2))


def _companies() -> None:
    for number, owner in enumerate(("", "", "shop")):
        for ago in (5000, 1000):
            facts = {
                "phones": Fact(value=["+43 1 5"], source="https://a.example/", at_ms=NOW_MS - ago, snippet="Tel.\n+43"),
                "employees": Fact(value=ago, source="typed" if ago == 5000 and number else "dns", at_ms=NOW_MS - ago),
            }
            facts |= {name: Fact(value=value, source="dns", at_ms=1) for name, value in FALSY.items()}
            update = companies.Update(
                owner, "https://a.example/", f"a{number}.example", "A <b>", "a", ("+431",), facts, ("t", "b")
            )
            [put] = companies.put([update])
        points = (Points(rule="r", part="fit", points=3.5, most=5, reason="it fits", evidence=("https://a.example/",)),)
        scores = [Score(total=40.5 + at, parts={"fit": 70.0}, model="abc", at_ms=NOW_MS + at, points=points) for at in range(3)]
        for score in scores:
            companies.put_scores([(put.id, score)])
