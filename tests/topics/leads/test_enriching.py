"""A company enriched: its pages are read as one batch, each thing has its page and time, and a second run does nothing twice."""

import json
from collections.abc import Callable
from typing import Any

import pytest

import config
import errors
import queues
from clients import dns
from jobs import lead_scores as jobs
from lead_models import Fact
from state.leads import companies
from state.leads.companies import Update
from state.store import connection, keys
from tests.clients.fetch.test_render import browser
from tests.topics.scraping import conftest as scraping
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Answer, Site
from topics import llm
from topics.business import scrape as business
from topics.leads import children, enriching, enrichments, llm_facts, mail, views
from topics.scraping import single, stored
from topics.scraping.config import ScrapingConfig

polite, site, work_off = scraping.polite, scraping.site, scraping.work_off

HOME = """<html lang=en><head><title>Acme Tools</title><meta name=generator content="WordPress 6.8">
<meta name=description content="Tools for boats, made in Kiel.">
<link rel=alternate type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel=alternate type="application/rss+xml" href="/feed.xml"><link rel=stylesheet href="/wp-content/themes/a/style.css">
<script src="https://js.stripe.com/v3/"></script></head><body><nav><a href="/work">Careers</a> <a href="/blog">Blog</a>
<a href="/contact">Contact</a> <a href="http://127.0.0.1:25/team">Team</a>
</nav><h1>Acme Tools</h1><p>We make tools for boats since 1987.</p></body></html>"""
CAREERS = """<title>Careers</title><h1>Careers</h1><p>Join us.</p><script type="application/ld+json">[
{"@type":"JobPosting","title":"Welder","validThrough":"2099-01-01","identifier":"1"},
{"@type":"JobPosting","title":"Driver","validThrough":"2020-01-01","identifier":"2"},
{"@type":"JobPosting","title":"Welder","identifier":"3"}]</script>"""
CONTACT = """<title>Contact</title><h1>Contact</h1><p>Acme Tools GmbH</p>
<p>Phone: <a href="tel:+4943112345670">0431 1234567-0</a>, <a href="mailto:info@acme.example">info@acme.example</a></p>
<form action="/send" method=post><label>Your name <input name=name></label><label>E-mail <input type=email name=email></label>
<label>Your message <textarea name=message></textarea></label><button>Send message</button></form>"""
FEED = """<?xml version="1.0"?><rss><channel><title>Acme</title><item><title>New hall in &lt;b&gt;Kiel&lt;/b&gt;</title>
<link>/n/1</link><pubDate>Fri, 06 Nov 26 10:00:00 +0100</pubDate></item>
<item><title>A fair</title><link>/n/0</link><pubDate>Thu, 01 Oct 26 10:00:00 +0100</pubDate></item>
<item><title>Long ago</title><pubDate>Thu, 01 Oct 20 10:00:00 +0100</pubDate></item>
<item><title>Not yet</title><pubDate>Sat, 06 Nov 2060 10:00:00 +0100</pubDate></item></channel></rss>"""

Enriched = Callable[..., dict[str, Any]]


@pytest.fixture
def acme(polite: None, site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A maker of tools; /about and /terms are not there."""
    monkeypatch.setattr(enriching, "EVERY_S", 0.05)
    monkeypatch.setattr(children, "EVERY_S", 0.05)
    monkeypatch.setattr(dns, "mail_hosts", lambda domain: [])
    headers = {"X-Powered-By": "PHP/8.3", "Set-Cookie": "PHPSESSID=secret; path=/"}
    site.pages |= {"/": Answer(HOME, headers=headers), "/work": CAREERS, "/contact": CONTACT}
    site.pages |= {"/blog": "<title>Blog</title><h1>Blog</h1>", "/feed.xml": Answer(FEED, kind="application/rss+xml")}
    return site


def added(site: str, domain: str = "a.example", owner: str = "") -> str:
    return companies.put([Update(owner, site, domain, "Acme", "acme")])[0].id


def enriched(work_off: Work, *ids: str, **options: Any) -> list[Any]:
    queues.submit_many([enrichments.call(jobs.enrich_companies, ids, None, **options)])
    return [one for one in work_off() if not isinstance(one, errors.NotNow)]


def summary(ended: list[Any]) -> dict[str, Any]:
    """What the job over all companies said. On a slow machine it is not the last that ends."""
    [told] = [one for one in ended if isinstance(one, dict) and "enriched" in one]
    return dict(told)


def facts(company_id: str) -> dict[str, Fact]:
    return dict(views.find(company_id).facts)


def test_what_a_site_says_and_shows_becomes_facts_with_their_pages(
    acme: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(dns, "mail_hosts", lambda domain: asked.append(domain) or ["mx1.a.protection.outlook.com"])
    one = added(acme.url + "/")
    assert summary(enriched(work_off, one))["enriched"] == 1
    known = facts(one)
    assert known["technologies"].value == ["WordPress", "PHP", "Stripe"] and known["technologies"].source == acme.url + "/"
    assert "header:x-powered-by=PHP" in known["technologies"].snippet and "secret" not in str(known)
    assert (known["hiring"].value, known["hiring"].source, known["hiring"].snippet) == (2, acme.url + "/work", "Welder")
    assert known["news"].value == ["2026-11-06 New hall in Kiel", "2026-10-01 A fair"]
    assert (known["news"].source, known["news"].snippet) == (acme.url + "/feed.xml", acme.url + "/n/1")
    assert known["updated_site"].value == "2026-11-06"
    assert known["contact_form"].value == acme.url + "/contact"
    assert known["phones"].value == ["+4943112345670"] and known["phones"].source == acme.url + "/contact"
    assert known["legal_name"].value == "Acme Tools GmbH"
    assert (known["mx"].source, known["mail_provider"].value, asked) == ("dns", "Microsoft 365", ["a.example"])
    assert "/comments/feed" not in acme.asked and acme.times("/") == 1 == acme.times("/work")
    score = views.find(one).score
    assert score and any(points.rule == "is hiring" and points.evidence == (acme.url + "/work",) for points in score.points)


def test_headers_are_told_without_the_values_of_cookies(acme: Site) -> None:
    told = single.scrape(acme.url + "/", ScrapingConfig(extract_headers=True), "holder")["headers"]
    assert (told["x-powered-by"], told["set-cookie"]) == ("PHP/8.3", "PHPSESSID")
    assert "headers" not in single.scrape(acme.url + "/", ScrapingConfig(), "holder")


def test_a_run_that_is_repeated_fetches_nothing_again_and_changes_nothing(acme: Site, work_off: Work) -> None:
    one = added(acme.url + "/")
    made = queues.submit_many([enrichments.call(jobs.enrich_companies, [one], None)])[0]
    work_off()
    before, asked, told = facts(one), acme.requests, stored.result(made.job_id)
    assert told and told["items"][0]["status"] == "completed"
    connection.client().rpush(keys.queue("default"), told["items"][0]["job"])  # as after a kill
    [again] = work_off()
    assert again["changed"] == [] and facts(one) == before and acme.requests == asked


def test_no_open_positions_any_more_is_a_fact_too(acme: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    one = added(acme.url + "/")
    enriched(work_off, one)
    acme.pages["/work"] = "<title>Careers</title><h1>Careers</h1><p>We currently have no open positions.</p>"
    monkeypatch.setattr(business, "JUST_READ_S", 0.0)
    enriched(work_off, one)
    assert facts(one)["hiring"].value == 0


def test_one_that_cannot_be_read_fails_and_the_others_go_on(acme: Site, work_off: Work) -> None:
    one, lost = added(acme.url + "/"), added("http://127.0.0.1:1/", "b.example")
    nowhere = added("", "c.example")
    ended = enriched(work_off, one, lost, nowhere)
    assert summary(ended)["enriched"] == 1 and summary(ended)["failed"] == 2
    assert any("has no site" in str(each) for each in ended)


def test_where_the_name_servers_do_not_answer_the_rest_counts(
    acme: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(domain: str) -> list[str]:
        raise errors.Unreachable("nobody answers")

    monkeypatch.setattr(dns, "mail_hosts", late)
    one = added(acme.url + "/")
    ended = enriched(work_off, one)
    assert any(isinstance(each, dict) and each.get("mx") == "nobody answers" for each in ended)
    assert "mx" not in facts(one) and "hiring" in facts(one)


def test_name_servers_are_asked_only_where_they_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(dns, "mail_hosts", lambda domain: asked.append(domain) or ["mx.a.example"])
    assert set(mail.facts("a.example")) == {"mx"} and not mail.facts("127.0.0.1") and not mail.facts("")
    with config.overridden(leads_dns=False):
        assert not mail.facts("b.example")
    assert asked == ["a.example"]


def test_a_language_model_is_asked_only_where_somebody_asks(acme: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    one = added(acme.url + "/")
    with pytest.raises(errors.ArgumentError, match="set LLM_API_KEY and LLM_MODEL"):
        enrichments.call(jobs.enrich_companies, [one], None, ask_llm=True)
    asked: list[Any] = []

    def of(company: Any, found: Any, pages: Any) -> llm_facts.Asked:
        asked.append(found)
        said = Fact(value="never", source="llm", at_ms=1)
        return llm_facts.Asked({"founded": Fact(value=1987, source="llm", at_ms=1), "hiring": said}, {"by": "llm"})

    monkeypatch.setattr(llm, "is_configured", lambda: True)
    monkeypatch.setattr(llm_facts, "of", of)
    assert summary(enriched(work_off, one))["enriched"] == 1 and not asked
    ended = enriched(work_off, one, ask_llm=True)
    assert any(isinstance(each, dict) and each.get("llm") == {"by": "llm"} for each in ended)
    assert len(asked) == 1 and (facts(one)["founded"].value, facts(one)["hiring"].value) == (1987, 2)
    [job] = [key.decode().rpartition(":")[2] for key in connection.client().keys("rq:job:*") if _asks_the_model(key)]
    connection.client().rpush(keys.queue("default"), job)  # as after a kill
    [again] = work_off()
    assert len(asked) == 1 and again["llm"] == {"by": "llm"}, "an answer that was paid for is not asked for again"


def _asks_the_model(key: bytes) -> bool:
    data = connection.client().hget(key, "data") or b""
    return b'"jobs.lead_scores.enrich_company"' in data and b"true" in data


def test_a_company_of_another_owner_is_not_enriched(polite: None) -> None:
    theirs = added("https://a.example/", owner="k1")
    with pytest.raises(errors.NotFound):
        enrichments.call(jobs.enrich_companies, [theirs], "k2")
    assert enrichments.call(jobs.enrich_companies, [theirs], "k1").args[0] == [theirs]


BUILT = """<title>Acme</title><body><script>document.body.innerHTML = PAGES[location.pathname] || ""</script></body>"""
SHOWN = {
    "/": '<h1>Acme</h1><a href="/jobs">Careers</a><p>We make tools.</p>',
    "/jobs": "<h1>Careers</h1><p>We currently have no open positions.</p>",
}


@browser
def test_a_site_that_is_built_by_scripts_is_read_in_a_browser_where_somebody_asks(acme: Site, work_off: Work) -> None:
    acme.pages.clear()
    acme.pages |= dict.fromkeys(SHOWN, BUILT.replace("PAGES", json.dumps(SHOWN)))
    plain, rendered = added(acme.url + "/"), added(acme.url + "/", "b.example")
    enriched(work_off, plain)
    assert "hiring" not in facts(plain)
    enriched(work_off, rendered, render=True)
    assert facts(rendered)["hiring"].value == 0 and facts(rendered)["hiring"].source == f"{acme.url}/jobs"


def test_without_a_browser_it_is_refused_before_anything_is_queued(polite: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(config_: Any) -> None:
        raise errors.ConfigError("pip install -r requirements-browser.txt")

    monkeypatch.setattr(enrichments.configs, "of", missing)
    with pytest.raises(errors.ConfigError, match="requirements-browser"):
        enrichments.call(jobs.enrich_companies, [added("https://a.example/")], None, render=True)
