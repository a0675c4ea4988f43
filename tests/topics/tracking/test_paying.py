"""Checks pay from budgets of credits, by what the provider's replies say; where there is no limit, nothing is asked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

import clock
import config
import models
from errors import JobTimeout, NotNow, ProviderBusy
from jobs import serp
from sandbox.server import Sandbox
from state.budgets import limits
from state.engine import parked
from state.tracking import keywords
from tests import fakes
from tests.topics.tracking.test_asking import tracked
from topics import budgets
from topics.tracking import asking, check, claimed_check, paying, search
from worker import inline


def run(word: str) -> object:
    return claimed_check.run(word, "job-1", force=True)


def credits(scope: str) -> tuple[int, int]:
    """Spent and held, in credits."""
    found = budgets.show(scope).milli_credits
    return found.spent // 1000, found.held // 1000


def test_a_check_is_charged_what_its_replies_say(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    [word] = tracked()
    budgets.set_limit("project:p", credits=1000)
    run(word)
    assert credits("project:p") == credits("system") == (10, 0)
    (line,) = budgets.ledger("project:p")
    assert line.key == "job-1" and line.purpose.startswith("serp")


def test_a_check_that_was_not_charged_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch, ProviderBusy("busy"))
    [word] = tracked()
    budgets.set_limit("system", credits=1000)
    with pytest.raises(ProviderBusy):
        run(word)
    assert credits("system") == (0, 0) and budgets.ledger("system") == []


def test_what_a_failed_call_was_charged_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ProviderBusy("late")
    error.cost_credits = 5.0
    fakes.use(monkeypatch, error)
    [word] = tracked()
    budgets.set_limit("system", credits=1000)
    with pytest.raises(ProviderBusy):
        run(word)
    assert credits("system") == (5, 0)


def test_without_budget_nothing_is_fetched_and_the_keyword_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    provider, _ = fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    [word] = tracked()
    budgets.set_limit("project:p", credits=20)  # a page costs 25 at most
    with pytest.raises(NotNow, match="budget_exhausted: project:p"):
        run(word)
    assert provider.asked == [] and keywords.get(word).failures == 0
    budgets.set_limit("project:p", credits=25)
    run(word)
    assert credits("project:p") == (10, 0)


def test_a_page_that_does_not_say_its_cost_is_charged_by_the_price_list(monkeypatch: pytest.MonkeyPatch) -> None:
    provider, _ = fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    page = provider.page
    monkeypatch.setattr(provider, "page", lambda query, start: replace(page(query, start=start), cost=None))
    [word] = tracked()
    budgets.set_limit("system", credits=1000)
    run(word)
    assert credits("system") == (25, 0)


def test_a_search_is_charged_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    budgets.set_limit("system", credits=1000)
    assert search.run(models.SerpQuery("x"), 10)["cost"] == 10
    assert credits("system") == (10, 0)


def test_where_there_is_no_limit_nothing_is_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    monkeypatch.setattr(budgets, "reserved", lambda *args, **named: pytest.fail("reserved"))
    [word] = tracked()
    budgets.set_limit("system", micro_usd=5)  # a limit of money is none of credits
    run(word)
    assert budgets.ledger("system") == []


def test_a_limit_that_another_process_set_is_seen_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not limits.limits_credits(["system"])
    before = dict(limits._believed)
    budgets.set_limit("system", credits=5)
    limits._believed.update(before)  # as a process that was not told
    assert not limits.limits_credits(["system"])
    monkeypatch.setattr(limits.clock, "monotonic", lambda: before[("system",)][1] + 0.1)
    assert limits.limits_credits(["system"])


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as server, config.overridden(sandbox_url=server.url):
        check.tools.cache_clear()
        yield server


def test_links_are_charged_too_by_the_header_of_the_service(sandbox: Sandbox) -> None:
    [word] = tracked()
    budgets.set_limit("system", credits=10_000)
    before = sandbox.responder.credits
    run(word)
    assert credits("system") == (before - sandbox.responder.credits, 0) and before > sandbox.responder.credits
    assert {line.purpose for line in budgets.ledger("system")} == {"serp, invented"}


def test_what_a_killed_process_had_asked_for_is_charged_when_its_lease_ends(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets.set_limit("system", credits=10_000)
    provider = check.tools().provider
    for name in ("settle", "release"):  # as a process that is gone
        monkeypatch.setattr(budgets.Held, name, lambda *_, **__: None)
    with paying.Bill(provider, "", "job-1").link():
        pass
    with paying.Bill(provider, "", "job-2").link():
        provider.resolve("https://www.google.com/goto?url=x")
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert credits("system") == (10, 0)
        [line] = budgets.ledger("system")
    assert (line.kind, line.key, line.milli_credits) == ("uncertain", "job-2", 10_000)


def test_a_check_that_is_interrupted_in_a_request_is_charged_for_its_page(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise JobTimeout

    budgets.set_limit("system", credits=10_000)
    [word] = tracked()
    monkeypatch.setattr("clients.serp.api.Api._send", interrupted)
    with pytest.raises(JobTimeout):
        run(word)
    assert credits("system") == (25, 0)


def test_a_quote_says_what_the_budget_leaves() -> None:
    [word] = tracked()
    found = [keywords.get(word)]
    free = {"credits_at_most": 25.0, "credits_left": None, "is_enough": True}
    assert asking.price(found)["price"].items() >= {"requests_at_most": 1, **free}.items()
    budgets.set_limit("project:p", credits="24.5")
    assert asking.price(found)["price"].items() >= {"credits_left": 24.5, "is_enough": False}.items()
    assert paying.price(2, ["p"])["credits_at_most"] == 50


def test_a_quote_says_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert paying.lasting(40, 3) == {"seconds_expected": None, "seconds_at_most": 180.0}
    fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    asking.check_now(serp.track_keyword, [keywords.get(tracked()[0])])
    inline.run_until_idle()
    took = paying.lasting(41, 3)
    assert took["seconds_at_most"] == 360.0 and took["seconds_expected"] is not None
    monkeypatch.setattr("state.engine.hourly.Hour.average_ms", lambda *_, **named: 1500.0 if named == {"kind": "serp"} else None)
    assert paying.lasting(81, 1)["seconds_expected"] == 4.5


def test_a_job_without_budget_is_parked_and_a_raised_limit_runs_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    provider, _ = fakes.use(monkeypatch, lambda text, start: fakes.page_of_others(start))
    [word] = tracked()
    budgets.set_limit("project:p", credits=0)
    asking.check_now(serp.track_keyword, [keywords.get(word)])
    inline.run_until_idle()
    assert parked.counts() == {"budget_exhausted: project:p": 1} and provider.asked == []
    budgets.set_limit("project:p", credits=100)
    inline.run_until_idle()
    assert len(provider.asked) == 1 and parked.counts() == {} and credits("project:p") == (10, 0)
