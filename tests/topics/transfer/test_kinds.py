"""What each kind of line becomes where something of it is here already, and what is easily lost."""

from datetime import timedelta
from typing import Any

import pytest

import clock
import config
from jobs import serp
from lead_models import Fact
from state.business import sites
from state.engine import limits
from state.forms import networks, pages
from state.leads import companies
from state.store import connection
from state.tracking import details, keywords, texts
from tests.topics.transfer.test_backups import waiting
from tests.topics.transfer.test_merging import exported, run, tracked
from topics import budgets
from topics.operations import pauses
from topics.scraping import stored
from topics.tracking import projects
from topics.transfer import order
from topics.transfer.merging import Rule

NOW_MS = round(clock.now().timestamp() * 1000)


def test_zero_and_false_are_values(store: Any) -> None:
    [keyword] = tracked("shoes")
    projects.change("p", {"hour": 0})
    projects.projects.set_active("p", False)
    details.write_many("p", {keyword.id: details.Details(volume=0)})
    limits.put("serp", 0)
    values = {"hiring": False, "founded": 0, "description": "", "languages": [], "city": None}
    facts = {name: Fact(value=value, source="dns", at_ms=1) for name, value in values.items()}
    companies.put([companies.Update("", "", "a.example", "A", "a", (), facts)])
    lines = exported("project", "keyword", "limit", "company")
    store.flushall()

    assert run(*lines).totals["new"] == len(lines)

    project = projects.named("p")
    [[company]] = companies.walk(None)
    assert (project.hour, project.active, keywords.get(keyword.id).volume, limits.every(())[0].most) == (0, False, 0, 0)
    assert {name: fact.value for name, fact in company.facts.items()} == values


def test_a_keyword_that_a_batch_holds_is_due_again_where_it_is_imported_and_is_queued_once(store: Any) -> None:
    tracked("shoes", "boots", "hats")
    with config.overridden(serp_batch_size=2):
        serp.enqueue_batch()
    lines = exported("project", "keyword")
    assert all("next" not in line for line in lines), "due at once, and never below zero"
    store.flushall()
    run(*lines)
    for _ in range(2):
        serp.enqueue_batch()
    assert len(waiting()) == len(set(waiting())) == 3


def test_a_pause_that_is_over_pauses_nothing(store: Any) -> None:
    now_ms = round(clock.now().timestamp() * 1000)
    line = {"kind": "pause", "scope": "queue:low", "reason": "r", "actor": "a", "since_ms": 1}
    assert run({**line, "until_ms": now_ms - 1000}).totals["unchanged"] == 1 and pauses.every() == []
    assert run({**line, "until_ms": now_ms + 600_000}).totals["new"] == 1
    [pause] = pauses.every()
    assert pause.since.timestamp() == 0.001 and pause.until is not None


def test_a_site_of_another_owner_keeps_its_own_scrape(store: Any) -> None:
    stored.put_result("job", {"site": "a.example", "pages": []})
    sites.put(sites.Known("a.example", "", "job", "A", "a.example", 1, NOW_MS), NOW_MS)
    lines = exported("site")
    for _ in range(2):
        report = run(*lines, owner="shop")
    mine, first = sites.get("a.example", "shop"), sites.get("a.example", "")
    assert mine and first and mine.job != first.job == "job" and report.totals["unchanged"] == 1
    assert (
        stored.result(mine.job) == stored.result("job") and stored.owner_of(mine.job) == "shop" and stored.owner_of("job") == ""
    )


def test_a_network_keeps_its_number_where_that_is_free_and_never_takes_anothers(store: Any) -> None:
    theirs = networks.Network(networks.next_number("network"), "Theirs", "https://example.com/", owner="shop")
    networks.put(theirs)
    pages.put(pages.Page(networks.next_number("page"), theirs.id, "https://example.com/form", first_ms=1, last_ms=2))
    lines = exported("network", "form_page")
    store.flushall()
    run(*lines)
    assert networks.find(1) == theirs and networks.next_number("network") == 2 and networks.next_number("page") == 2

    store.flushall()
    ours = networks.Network(networks.next_number("network"), "Ours", "https://example.org/")
    networks.put(ours)
    for _ in range(2):
        run(*lines)
    assert [(one.id, one.url) for one in networks.every()] == [(1, ours.url), (2, theirs.url)]
    assert [(one.network, one.url) for one in pages.of(2)] == [(2, "https://example.com/form")] and pages.of(1) == []


@pytest.mark.parametrize(("rule", "usd"), [(Rule.KEEP, 1), (Rule.REPLACE, 5), (Rule.NEWER, 1)])
def test_of_a_budget_the_rule_decides_and_the_ledger_is_only_added_to(store: Any, rule: Rule, usd: int) -> None:
    budgets.set_limit("system", micro_usd=5_000_000)
    for _ in range(3):
        with budgets.reserved("system", micro_usd=100, key="a") as held:
            held.settle(micro_usd=100)
    lines = exported("budget", "ledger")
    store.flushall()
    run(lines[0], {**lines[1], "lines": lines[1]["lines"][:1]})
    budgets.set_limit("system", micro_usd=1_000_000)

    report = run(*lines, rule=rule)

    assert budgets.show("system").micro_usd.limit == usd * 1_000_000
    assert [one.id for one in budgets.ledger("system")] == [line for line, _ in reversed(lines[1]["lines"])]
    assert report.counts["ledger"]["merged"] == 1 and run(*lines, rule=rule).counts["ledger"]["unchanged"] == 1
    assert connection.client().ttl(f"trawl:budgets:ledger:system:{lines[1]['month']}") > timedelta(days=399).total_seconds()


def test_ids_come_in_order_and_each_once() -> None:
    ids = [texts.digest("p", str(number)) for number in range(2000)]
    assert list(order.by_id([*ids, *ids[:99]])) == sorted(ids)
