"""Jobs over several companies: they end as what became of the companies, and who cancels one cancels all that it waits for."""

from collections.abc import Iterator
from typing import Any

import pytest

import errors
import models
import queues
from jobs import lead_scores, leads
from state.engine import children as stored_children
from state.leads import companies
from state.scraping import ledgers
from state.store import connection, keys
from tests import fakes
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site, page, served
from topics.leads import adding, child_outcomes, children, enriching, enrichments, many, searches
from topics.operations import jobs
from topics.operations.jobs import get_job_status


@pytest.fixture
def nowhere(polite: None) -> Iterator[list[str]]:
    """Two sites that have no page."""
    with served() as empty:
        yield [f"{empty.url}/", f"{empty.url.replace('127.0.0.1', 'localhost')}/"]


def of(call: Any) -> str:
    return queues.submit_many([call])[0].job_id


def errors_of(ended: list[Any]) -> list[Exception]:
    return [one for one in ended if isinstance(one, Exception) and not isinstance(one, errors.NotNow)]


def status(job_id: str) -> str:
    return get_job_status(job_id).status.value


def kept(job_id: str) -> dict[str, Any]:
    found = many.kept(job_id)
    assert found is not None
    return found


def test_a_job_none_of_whose_companies_could_be_read_fails_and_keeps_its_list(nowhere: list[str], work_off: Work) -> None:
    job_id = of(many.call(leads.scrape_companies, nowhere))
    [raised] = [one for one in errors_of(work_off()) if "No company was scraped: of 2 2 failed" in str(one)]
    assert status(job_id) == "failed" and not getattr(raised, "retryable", True)
    assert f"lead result {job_id}" in str(raised)
    told = kept(job_id)
    assert (told["outcome"], told["companies"], told["failed"], len(told["items"])) == ("failed", 0, 2, 2)


def test_its_error_is_of_the_category_of_most_of_theirs() -> None:
    seen = [children.Child("a", "failed", "late", category="network"), children.Child("b", "failed", "late", category="network")]
    with pytest.raises(errors.NetworkError, match="of 3 2 failed, 1 cancelled") as raised:
        child_outcomes.check_any("j", [*seen, children.Child("c", "cancelled")], "scraped")
    assert not raised.value.retryable, "a second run would find them as they are"
    with pytest.raises(errors.DataError):
        child_outcomes.check_any("j", [children.Child("c", "cancelled")], "scraped")
    child_outcomes.check_any("j", [*seen, children.Child("c", "completed")], "scraped")


def test_some_that_fail_make_it_partial_and_none_complete(bakery: Site, nowhere: list[str], work_off: Work) -> None:
    some = of(many.call(leads.scrape_companies, [bakery.url, nowhere[1]]))
    all_of_them = of(many.call(leads.scrape_companies, [bakery.url]))
    work_off()
    assert status(some) == status(all_of_them) == "completed"
    assert (kept(some)["outcome"], kept(some)["failed"], kept(all_of_them)["outcome"]) == ("partial", 1, "complete")


def test_its_progress_says_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(queues, "progress", lambda step, total, message, details: said.append(f"{step}/{total} {message}"))
    done, lost = children.Child("a", "completed"), children.Child("b", "failed")
    child_outcomes.progress([done, lost], "companies scraped")
    child_outcomes.progress([done, children.Child("c")], "companies scraped", 2)
    assert said == ["2/2 partial: 1 of 2 companies scraped, 1 failed", "3/4 1 of 2 companies scraped"]


def test_an_enrichment_of_which_nothing_came_fails(polite: None, work_off: Work) -> None:
    siteless = adding.add({"name": "Acme"}).id
    job_id = of(enrichments.call(lead_scores.enrich_companies, [siteless], None))
    work_off()
    assert status(job_id) == "failed" and kept(job_id)["items"][0]["status"] == "failed"


def test_a_search_whose_sites_all_fail_fails_and_one_failed_query_makes_it_partial(
    bakery: Site, nowhere: list[str], work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.use(monkeypatch, fakes.serp(nowhere))
    lost = of(searches.call(leads.search_companies, ["x"], 10))
    work_off()
    assert status(lost) == "failed" and kept(lost)["outcome"] == "failed" and kept(lost)["searches"][0]["hits"] == 2
    fakes.use(monkeypatch, lambda text, start: fakes.CAPTCHA if text == "bad" else fakes.serp([bakery.url]))
    some = of(searches.call(leads.search_companies, ["good", "bad"], 10))
    work_off()
    assert status(some) == "completed" and (kept(some)["outcome"], kept(some)["searches_failed"]) == ("partial", 1)


def test_who_cancels_a_job_cancels_all_that_it_waits_for(polite: None, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "AT_ONCE", 3)
    job_id = of(many.call(leads.scrape_companies, [f"http://127.0.0.{n}/" for n in range(1, 6)]))
    work_off(1)
    waiting = stored_children.going_on(job_id)
    assert len(waiting) == 3
    assert jobs.cancel_job(job_id)
    assert {status(one) for one in (job_id, *waiting)} == {"cancelled"}
    assert work_off() == [] and not companies.count(None)


def test_a_second_cancel_ends_what_a_first_one_that_died_left(
    nowhere: list[str], work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = of(many.call(leads.scrape_companies, nowhere))
    work_off(1)
    waiting = stored_children.going_on(job_id)
    with monkeypatch.context() as dying:
        dying.setattr(stored_children, "going_on", lambda job: [])
        jobs.cancel_job(job_id)
    assert {status(one) for one in waiting} == {"pending"}
    jobs.cancel_job(job_id)
    assert {status(one) for one in waiting} == {"cancelled"}


def test_a_child_that_comes_behind_the_cancel_is_not_queued(nowhere: list[str]) -> None:
    parent = of(many.call(leads.scrape_companies, nowhere))
    connection.client().hset(keys.job(parent), "status", "started")
    jobs.cancel_job(parent)
    call = children.call(parent, "x", models.Call(leads.scrape_company, (nowhere[0], [])))
    [made] = queues.submit_many([call])
    assert jobs.find(made.job_id) is None and stored_children.below(parent) == []


def test_what_has_ended_leaves_its_children_alone(nowhere: list[str], work_off: Work) -> None:
    parent = of(many.call(leads.scrape_companies, nowhere))
    work_off(1)
    waiting = stored_children.going_on(parent)
    connection.client().lrem(keys.queue("default"), 0, parent)
    connection.client().hset(keys.job(parent), "status", "failed")
    assert not jobs.cancel_job(parent)
    assert waiting and {status(one) for one in waiting} == {"pending"}


@pytest.mark.parametrize("what", ["scrape", "enrich"])
def test_the_pages_of_a_company_are_cancelled_with_it(
    site: Site, polite: None, work_off: Work, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enriching.mail, "facts", lambda domain: {})
    site.pages["/"] = page("Acme", text="<a href=/contact>Contact</a><a href=/about>About us</a>")
    if what == "scrape":
        job_id = of(many.call(leads.scrape_companies, [site.url]))
    else:
        job_id = of(enrichments.call(lead_scores.enrich_companies, [adding.add({"site": site.url}).id], None))
    for _ in range(20):
        work_off(1)
        books = [one for one in ledgers.read_many(stored_children.below(job_id)) if one]
        if books:
            break
    assert [one.is_over for one in books] == [False]
    jobs.cancel_job(job_id)
    assert [one.state for one in ledgers.read_many([one.id for one in books]) if one] == ["stopped"]
    asked = site.requests
    work_off()
    assert site.requests == asked and {status(one) for one in stored_children.below(job_id)} == {"cancelled"}


def test_when_all_is_over_it_waits_for_none(bakery: Site, work_off: Work) -> None:
    job_id = of(many.call(leads.scrape_companies, [bakery.url]))
    work_off()
    assert kept(job_id)["companies"] == 1 and stored_children.below(job_id) == []
