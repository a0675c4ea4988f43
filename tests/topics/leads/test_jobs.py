"""Companies from sites and searches: facts with their pages, each company once, nothing twice, whatever is killed."""

from typing import Any

import pytest

import clock
import errors
import queues
from jobs import leads
from state.leads import companies
from state.store import connection, keys
from tests import fakes
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site, page, sends_to, served
from topics.leads import adding, children, many, scrape, searches, views
from topics.scraping import single


def of(call: Any) -> str:
    return queues.submit_many([call])[0].job_id


def result_of(ended: list[Any], job_id: str) -> dict[str, Any]:
    [told] = [one for one in ended if isinstance(one, dict) and one.get("result") == job_id]
    return told


def every() -> list[Any]:
    return [one for some in companies.walk(None) for one in some]


def test_a_company_is_read_from_its_pages(bakery: Site, work_off: Work) -> None:
    with queues.owned_by("k"):
        job_id = of(scrape.call(leads.scrape_company, bakery.url, ["bread"]))
    told = result_of(work_off(), job_id)
    [company] = every()
    assert told["new"] and told["company"] == company.id and company.owner == "k" and company.tags == ("bread",)
    assert (company.name, company.domain, company.site) == ("Bäckerei Huber", "127.0.0.1", f"{bakery.url}/")
    values = {name: fact.value for name, fact in company.facts.items()}
    assert values["phones"] == ["+497311234567"] and values["emails"] == ["brot@baeckerei-huber.example"]
    assert (values["postal_code"], values["city"], values["languages"]) == ("89073", "Ulm", ["de"])
    assert values["description"].startswith("Brot und Kuchen") and len(values["opening_hours"]) == 1
    assert company.facts["phones"].source == f"{bakery.url}/kontakt" and "0731 1234567" in company.facts["phones"].snippet
    assert "+4930" not in str(values), "the phone of the web designer is not the bakery's"


def test_addresses_that_reach_nobody_and_people_of_others_are_no_facts(site: Site, polite: None, work_off: Work) -> None:
    said = "<p>noreply@acme.example you@email.com name@domain.com hello@acme.co</p><a href='mailto:friend@site.com'>share</a>"
    site.pages["/"] = page("Acme", text=said)
    job_id = of(scrape.call(leads.scrape_company, site.url))
    told = result_of(work_off(), job_id)
    assert views.find(told["company"]).facts["emails"].value == ["hello@acme.co"]


def test_a_second_scrape_changes_what_is_new_and_leaves_what_was_typed(bakery: Site, work_off: Work) -> None:
    first = of(scrape.call(leads.scrape_company, bakery.url))
    told = result_of(work_off(), first)
    adding.change(told["company"], {"name": "Huber Brot"})
    bakery.pages["/kontakt"] = str(bakery.pages["/kontakt"]).replace("1234567", "7654321")
    single.stored.store.cache_clear()
    connection.client().delete(*connection.client().keys("trawl:page:*"))
    second = of(scrape.call(leads.scrape_company, bakery.url))
    again = result_of(work_off(), second)
    assert again["company"] == told["company"] and not again["new"] and again["changed"] == ["phones"]
    company = views.find(told["company"])
    assert company.name == "Huber Brot" and company.facts["name"].source == "typed"
    assert company.facts["phones"].value == ["+497317654321"]
    assert [one["value"] for one in views.former(company.id) if one["field"] == "phones"] == [["+497311234567"]]


def test_many_sites_are_one_job_each_and_one_that_fails_stops_no_other(bakery: Site, work_off: Work) -> None:
    with served() as empty:
        other = empty.url.replace("127.0.0.1", "localhost")
        known = adding.add({"site": other}).id
        job_id = of(many.call(leads.scrape_companies, [bakery.url, f"{other}/x", f"{bakery.url}/y"], ["t"]))
        ended = work_off()
    told = result_of(ended, job_id)
    assert (told["companies"], told["failed"]) == (1, 1) and bakery.times("/kontakt") == 1
    first, second = (many.kept(job_id) or {})["items"]
    [read] = [one.id for one in every() if one.id != known]
    assert (first["status"], first["company"]) == ("completed", read)
    assert (second["status"], second["company"]) == ("failed", None) and "localhost could be read" in second["error"]
    waits = [one for one in ended if isinstance(one, errors.NotNow) and "companies go on" in str(one)]
    assert waits, "it waits without holding a worker"


def test_only_so_many_wait_in_the_queues_at_a_time(polite: None, monkeypatch: pytest.MonkeyPatch, work_off: Work) -> None:
    monkeypatch.setattr(children, "AT_ONCE", 2)
    of(many.call(leads.scrape_companies, [f"http://127.0.0.{n}/" for n in range(1, 6)]))
    work_off(1)
    assert connection.client().llen(keys.queue("high")) == 2


def test_killed_at_any_step_it_goes_on_and_does_nothing_twice(
    bakery: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that dies is run again: here twice behind the write of what it read, and is put back."""
    job_id = of(many.call(leads.scrape_companies, [bakery.url]))
    died, real = list[str](), companies.put

    def dying(updates: Any) -> Any:
        made = real(updates)
        if len(died) < 2:
            died.append("x")
            raise errors.NotNow(clock.now(), "killed behind the write")
        return made

    monkeypatch.setattr(companies, "put", dying)
    ended = work_off()
    assert result_of(ended, job_id)["companies"] == 1
    assert len(every()) == 1 and bakery.times("/kontakt") == 1 and len(died) == 2


def test_searches_leave_out_directories_and_are_paid_once(bakery: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    other = bakery.url.replace("127.0.0.1", "localhost")
    hits = ["https://www.facebook.com/huber", f"{bakery.url}/kontakt", "https://de.yelp.de/biz/huber", f"{bakery.url}/x", other]
    provider, _ = fakes.use(monkeypatch, lambda text, start: fakes.serp(hits) if start == 0 else fakes.NO_RESULTS)
    job_id = of(
        searches.call(leads.search_companies, ["bakery ulm", "bread  ulm", "bakery ulm"], 10, ("de", "de", ""), tags=["s"])
    )
    told = result_of(work_off(), job_id)
    assert (told["companies"], told["failed"], told["queries"]) == (2, 0, 2)
    assert told["left_out"] == {"social": 2, "directories": 2}
    assert sorted({text for text, _ in provider.asked}) == ["bakery ulm", "bread ulm"] and len(provider.asked) == 2
    assert provider.queries[0].country == "de" and {one.tags for one in every()} == {("s",)}
    connection.client().hset(keys.job(job_id), "status", "queued")
    connection.client().rpush(keys.queue("high"), job_id)
    connection.client().delete(*(key for key in connection.client().keys("rq:job:*") if not key.decode().endswith(job_id)))
    assert result_of(work_off(), job_id)["companies"] == 2
    assert len(provider.asked) == 2 and bakery.times("/kontakt") == 2, (
        "a second run buys and fetches nothing, though records expired"
    )


def test_a_search_without_any_page_fails_and_says_why(work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch, fakes.CAPTCHA)
    of(searches.call(leads.search_companies, ["x"], 10))
    assert any(isinstance(one, errors.DataError) and "No search gave results" in str(one) for one in work_off())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://www.facebook.com/acme", "host that many share"),
        ("ftp://example.com/", "names no site|is not fetched|cannot be opened"),
        ("info@example.com", "names no site"),
        ("acme", "names no site"),
        ("http://10.0.0.1/", "private|refused|network"),
    ],
)
def test_what_is_no_site_of_a_company_is_refused_before_anything_is_queued(url: str, says: str) -> None:
    with pytest.raises(errors.DataError, match=says):
        scrape.call(leads.scrape_company, url)
    with pytest.raises(errors.DataError, match=r"address 2: .*[^.]\. Nothing was submitted"):
        many.call(leads.scrape_companies, ["https://example.com/", url])


def test_bounds_of_searches() -> None:
    for queries, most in (
        ([], 10),
        ([f"q{n}" for n in range(51)], 10),
        ([" "], 10),
        (["x" * 301], 10),
        (["x"], 0),
        (["x"], 101),
    ):
        with pytest.raises(errors.ArgumentError):
            searches.call(leads.search_companies, queries, most)


def test_a_site_that_sends_on_to_another_one_names_the_company_too(site: Site, polite: None, work_off: Work) -> None:
    other = site.url.replace("127.0.0.1", "localhost")

    def home(headers: Any) -> Any:
        return sends_to(f"{other}/de") if headers.get("Host", "").startswith("127.") else sends_to("/de")

    site.pages |= {"/": home, "/de": page("Acme Werke GmbH")}
    job_id = of(scrape.call(leads.scrape_company, site.url))
    told = result_of(work_off(), job_id)
    assert views.find(told["company"]).domain == "localhost"
    assert companies.by_domain("", ["127.0.0.1", "localhost"]) == [told["company"]] * 2
