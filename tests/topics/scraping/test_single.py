"""One page: its result, what is kept of it, what it costs when it did not change, and how it fails."""

from collections.abc import Mapping
from typing import Any

import pytest

import clock
import errors
import queues
from jobs import scrape
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Answer, Site, page, sends_to
from topics.scraping import config as configs
from topics.scraping import reading, reparse, single, site_map, stored, views

pytestmark = pytest.mark.usefixtures("polite")


def scraped(site: Site, path: str, work_off: Work, **options: Any) -> str:
    made = single.submit(scrape.scrape_url, site.url + path, QUICK | options)
    [result] = work_off()
    if isinstance(result, Exception):
        raise result
    return made.job_id


def test_the_result_holds_what_the_configuration_asks_for(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Shop", "/a", text="Blue shoes.", head='<meta property="og:title" content="Shop">')
    options = {"extract_links": True, "custom_selectors": {"heading": "h1"}, "extract_structured": True}
    seen = views.look(scraped(site, "/", work_off, **options))
    assert seen.state == "completed" and seen.result is not None
    assert (seen.result["title"], seen.result["selected"], seen.result["status"]) == ("Shop", {"heading": "Shop"}, 200)
    assert [link["url"] for link in seen.result["links"]] == [f"{site.url}/a"]
    assert seen.result["structured"]["opengraph"] and "Blue shoes" in seen.result["text"]


def test_an_unchanged_page_is_not_sent_again_and_is_read_from_what_is_kept(site: Site, work_off: Work) -> None:
    def fresh(headers: Mapping[str, str]) -> Answer:
        if headers.get("If-None-Match") == '"v1"':
            return Answer(status=304, headers={"ETag": '"v1"', "Content-Length": "0"})
        return Answer(page("Kept", text="Words that stay."), headers={"ETag": '"v1"'})

    site.pages["/"] = fresh
    first = stored.result(scraped(site, "/", work_off))
    again = stored.result(scraped(site, "/", work_off, custom_selectors={"heading": "h1"}))
    assert first and again and (first["unchanged"], again["unchanged"]) == (False, True)
    assert (again["text"], again["object"], again["sha256"]) == (first["text"], first["object"], first["sha256"])
    assert again["selected"] == {"heading": "Kept"}
    assert stored.result(scraped(site, "/", work_off, reuse=False))["unchanged"] is False  # type: ignore[index]


def test_an_unchanged_file_is_read_from_what_is_kept(site: Site, work_off: Work) -> None:
    def feed(headers: Mapping[str, str]) -> Answer:
        if headers.get("If-None-Match") == '"1"':
            return Answer(status=304, kind="application/json")
        return Answer('{"a": 1}', kind="application/json", headers={"ETag": '"1"'})

    site.pages["/feed"] = feed
    for is_unchanged in (False, True, True):
        made = single.submit(scrape.scrape_url, f"{site.url}/feed", QUICK)
        work_off()
        record = stored.result(made.job_id)
        assert record is not None and (record["unchanged"], record["text"], record["bytes"]) == (is_unchanged, '{"a": 1}', 8)


def test_a_kept_page_is_read_again_for_nothing(site: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/"] = page("Shop", text="Blue shoes.")
    job = scraped(site, "/", work_off)
    [same] = reparse.pages(job)
    assert not same.changed and site.times("/") == 1
    monkeypatch.setattr(reading, "VERSION", "next")
    [other] = reparse.pages(job, {"custom_selectors": {"heading": "h1"}})
    assert other.changed == ["selected"] and other.record["parser"] == "next" and site.times("/") == 1


def test_a_large_result_is_an_object_and_reads_the_same(site: Site, work_off: Work) -> None:
    import random

    dice = random.Random(5)
    words = " ".join(str(dice.random()) for _ in range(20_000))
    site.pages["/"] = page("Large", text=words)
    result = stored.result(scraped(site, "/", work_off))
    assert result and result["title"] == "Large"
    assert list(stored.store().keys("results/"))


def test_a_wall_fails_with_its_class_and_is_tried_again_only_where_that_helps(site: Site, work_off: Work) -> None:
    site.pages["/"] = Answer("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", 403)
    with pytest.raises(errors.BlockedError) as caught:
        scraped(site, "/", work_off)
    assert caught.value.page_class == "challenge" and caught.value.retryable
    with pytest.raises(errors.BlockedError) as last:
        scraped(site, "/", work_off, max_retries=0)
    assert not last.value.retryable


def test_what_is_no_page_has_its_text_or_is_kept(site: Site, work_off: Work) -> None:
    site.pages |= {"/a.json": Answer('{"a": 1}', kind="application/json"), "/b.pdf": Answer(b"%PDF-1.4", kind="application/pdf")}
    assert stored.result(scraped(site, "/a.json", work_off))["text"] == '{"a": 1}'  # type: ignore[index]
    kept = stored.result(scraped(site, "/b.pdf", work_off))
    assert kept and "text" not in kept and stored.page(kept["object"], kept["sha256"]) == b"%PDF-1.4"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"wait": 5}, "'wait' is no option"),
        ({"timeout": -1}, "timeout"),
        ({"max_retries": "many"}, "max_retries"),
        ({"include": ["blog"]}, "must begin with /"),
        ({"headers": {"Host": "x"}}, "Host"),
        ({"custom_selectors": {"a": "h1["}}, "h1"),
        ({"custom_selectors": {"a": "x" * 40_000}}, "at most 32,768"),
        ({"render": True, "use_stealth": True}, "exclude each other"),
        ([1], "must be an object"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_remedy(given: Any, says: str) -> None:
    with pytest.raises(errors.ArgumentError, match="(?s)" + says.replace("[", r"\[")):
        configs.of(given)
    with pytest.raises(errors.ArgumentError):
        single.submit(scrape.scrape_url, "https://example.com/", given)


@pytest.mark.parametrize(
    ("priority", "queue"), [("high", "high"), ("normal", "default"), (1, "high"), ("5", "default"), (9, "low"), (None, "default")]
)
def test_a_priority_names_a_queue(priority: Any, queue: str) -> None:
    assert configs.queue_of(priority) == queue


@pytest.mark.parametrize("priority", ["urgent", 0, 10, "77"])
def test_another_priority_is_refused(priority: Any) -> None:
    with pytest.raises(errors.ArgumentError):
        configs.queue_of(priority)


def test_a_map_has_addresses_only(site: Site, work_off: Work) -> None:
    xml = "".join(f"<url><loc>{site.url}/s/{number}</loc></url>" for number in range(5))
    site.pages |= {"/": page("Home", "/a", "/b#x"), "/sitemap.xml": Answer(f"<urlset>{xml}</urlset>", kind="text/xml")}
    made = queues.submit(scrape.map_site, f"{site.url}/", QUICK)
    [result] = work_off()
    assert result["count"] == 8
    found = [record["url"].removeprefix(site.url) for record in views.records(made.job_id)]
    assert found[0] == "/" and set(found) == {"/", "/a", "/b", *(f"/s/{number}" for number in range(5))}
    assert site_map.addresses(f"{site.url}/", configs.of(QUICK | {"expected_pages": 3}), "direct-x")[1] == {
        "sitemaps": 2,
        "links": 1,
    }


def test_a_redirect_waits_for_the_delay_of_its_host_and_that_time_is_not_the_pages(site: Site, work_off: Work) -> None:
    sent: list[tuple[str, float]] = []
    site.before = lambda path: sent.append((path, clock.monotonic()))
    site.pages |= {"/": sends_to("/there"), "/there": page("There")}
    [delay_s, late_s] = [0.6, 0.5]
    made = single.submit(scrape.scrape_url, f"{site.url}/", QUICK | {"delay_between_requests": delay_s, "timeout": late_s})
    work_off()
    assert views.look(made.job_id).state == "completed"
    times = dict(sent)
    assert times["/there"] - times["/"] >= delay_s * 0.95


@pytest.mark.parametrize(
    "sends",
    [
        Answer('<meta http-equiv="refresh" content="0; url=/b">', headers={"Set-Cookie": "seen=1; Path=/"}),
        Answer("<script>window.location.replace('/b')</script>", headers={"Set-Cookie": "seen=1; Path=/"}),
        Answer("", headers={"Refresh": "0; url=/b", "Set-Cookie": "seen=1; Path=/"}),
    ],
)
def test_a_page_that_only_sends_its_reader_on_is_the_page_it_leads_to(site: Site, work_off: Work, sends: Answer) -> None:
    def greets(headers: Mapping[str, str]) -> Answer:
        return Answer(page("Here", text="Words of it.")) if "seen=1" in headers.get("Cookie", "") else Answer(status=403)

    site.pages |= {"/": sends, "/b": greets}
    found = stored.result(scraped(site, "/", work_off))
    assert found and (found["title"], found["final_url"]) == ("Here", f"{site.url}/b")


def test_what_a_page_sends_on_to_is_read_though_it_cannot_send_on_itself(site: Site, work_off: Work) -> None:
    site.pages |= {"/": '<meta http-equiv="REFRESH" content="0; url=/b">', "/b": page("Long", text="Words of it. " * 4_000)}
    found = stored.result(scraped(site, "/", work_off))
    assert found and (found["title"], found["final_url"]) == ("Long", f"{site.url}/b")


def test_pages_that_send_on_for_ever_end_at_the_most_redirects(site: Site, work_off: Work) -> None:
    for number in range(12):
        site.pages[f"/{number}"] = f'<meta http-equiv="refresh" content="0; url=/{number + 1}">'
    found = stored.result(scraped(site, "/0", work_off))
    assert found and found["final_url"] == f"{site.url}/5" and site.requests == 6


def test_pages_that_send_to_each_other_end_and_a_private_address_is_not_asked(site: Site, work_off: Work) -> None:
    to = '<meta http-equiv="refresh" content="0; url={}">'
    site.pages |= {"/": to.format("/b"), "/b": to.format("/"), "/c": to.format("http://10.0.0.1/")}
    for path in ("/", "/c"):
        found = stored.result(scraped(site, path, work_off))
        assert found and found["words"] == 0
    assert site.requests == 3


@pytest.mark.parametrize("status", [300, 302])
def test_a_redirect_without_a_place_to_go_to_is_the_page_that_it_brings(site: Site, work_off: Work, status: int) -> None:
    site.pages["/"] = Answer(page("Here", text="Words of it."), status=status)
    found = stored.result(scraped(site, "/", work_off))
    assert found and (found["title"], found["status"]) == ("Here", status)


@pytest.mark.parametrize(("status", "says"), [(304, "nobody asked"), (302, "no place to go to")])
def test_an_answer_without_a_page_says_what_it_lacks(site: Site, work_off: Work, status: int, says: str) -> None:
    site.pages["/"] = Answer(status=status)
    with pytest.raises(errors.DataError, match=says):
        scraped(site, "/", work_off)
