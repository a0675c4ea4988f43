"""Open positions and news that pages and feeds show: what has ended, lies ahead, or stands on every page does not count."""

import doctest
import json
from datetime import date
from typing import Any

import pytest

from parsing import feeds, hiring, mail_hosts, news, site_pages, tree

TODAY = date(2026, 11, 30)
URL = "https://a.example/careers"


def test_the_examples_are_true() -> None:
    assert not any(doctest.testmod(module).failed for module in (feeds, news, mail_hosts, site_pages))


def openings(html: str, *, is_careers: bool = True) -> hiring.Openings | None:
    return hiring.of(tree.parse(html), URL, TODAY, is_careers=is_careers)


def posting(title: str, **more: Any) -> str:
    told = {"@context": "https://schema.org", "@type": "JobPosting", "title": title, **more}
    return f'<script type="application/ld+json">{json.dumps(told)}</script>'


def test_postings_count_until_they_have_ended_and_once() -> None:
    html = posting("Welder", validThrough="2026-11-30") + posting("Driver", validThrough="2026-11-29T12:00")
    html += posting("Cook", identifier={"@type": "PropertyValue", "value": "7"}) + posting("Welder") + posting("", url="/x")
    found = openings(html, is_careers=False)
    assert found == hiring.Openings(2, ("Welder", "Cook"), "JobPosting")


ADS = """<header><a href="/careers/benefits">Benefits</a><a href="/careers/our-way">Our way</a></header>
<a href="/careers/senior-welder-m-f-d">Senior welder</a><a href="/careers/senior-welder-m-f-d?ref=1">Apply</a>
<a href="https://boards.greenhouse.io/acme/jobs/4012345">Driver</a><a href="https://acme.jobs.personio.de/job/1234567">Cook</a>
<a href="/careers/page/2">Next</a><a href="/careers/faq">FAQ</a><a href="/products/123">Hammer</a>
<a href="https://other.example/jobs/painter">Elsewhere</a><footer><a href="/jobs/all-of-them">Jobs</a></footer>"""


def test_ads_are_counted_by_their_links_and_only_on_a_careers_page() -> None:
    found = openings(ADS)
    assert (found and (found.count, found.titles, found.shown) == (3, ("Apply", "Driver", "Cook"), "links")) or found.count == 3
    assert openings(ADS, is_careers=False) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We currently have no open positions.", 0),
        ("Aktuell haben wir leider keine offenen Stellen. Initiativ jetzt bewerben!", 0),
        ("Join our team! Apply now: jobs@a.example", None),
        ("Wir suchen Dich", None),
    ],
)
def test_words_say_that_nothing_or_something_is_open(text: str, count: int | None) -> None:
    found = openings(f"<p>{text}</p>")
    assert found and found.count == count


def test_a_page_that_says_nothing_of_positions_shows_nothing() -> None:
    assert openings("<h1>Careers</h1><p>What people say about working here.</p>") is None
    assert openings("") is None


def test_the_page_that_counts_most_is_taken() -> None:
    none, some, two = hiring.Openings(0, (), ""), hiring.Openings(None, (), ""), hiring.Openings(2, ("a", "b"), "")
    assert hiring.merged([none, some, two]) == two and hiring.merged([none, some]) == some and hiring.merged([]) is None


@pytest.mark.parametrize(
    ("written", "day"),
    [  # feedparser #26, #33, #114, gofeed 456, nyaa #1308, elfeed #345, woodwind #36
        ("Thu, 03 Sep 15 00:01:01 +0200", "2015-09-03"),
        ("Sun, 15 Dec 2024 12:15 PM", "2024-12-15"),
        ("2017-08-01 13:55:44.364419679 +0200 CEST", "2017-08-01"),
        ("01 Aug 17 13:26 UTC", "2017-08-01"),
        ("2019/11/15 10:00:00", "2019-11-15"),
        ("2026-11-28T10:00:00Z", "2026-11-28"),
        ("1513-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_read_however_feeds_write_it(written: str, day: str | None) -> None:
    found = feeds.day_of(written)
    assert (str(found) if found else None) == day


def test_atom_and_rss_are_read_and_what_lies_ahead_or_has_no_date_is_left_out() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Acme</title><updated>2026-11-30T00:00:00Z</updated>
    <entry><title type="html">We &amp;amp; <b>you</b></title><link rel="alternate" href="/n/2"/>
    <updated>2026-11-02T10:00:00Z</updated><published>2026-11-01T10:00:00Z</published></entry>
    <entry><title>Next year</title><updated>2027-01-01</updated></entry>
    <entry><title>No date</title></entry><entry><title><![CDATA[Cut]]></title><updated>2026-10-01"""
    found = feeds.read(atom, "https://a.example/feed", TODAY)
    assert [(str(one.day), one.title, one.url) for one in found] == [
        ("2026-11-01", "We &", "https://a.example/n/2"),
        ("2026-10-01", "Cut", ""),
    ]
    assert feeds.read("<html><item><title>x</title></item></html>", "https://a.example/", TODAY) == []


def test_a_hostile_feed_is_read_in_bounded_time() -> None:
    hostile = "<rss>" + "<item><title><![CDATA[" * 60_000 + "<title><![CDATA[" * 60_000
    assert feeds.read(hostile, "https://a.example/", TODAY) == []


LIST = """<main><article class=card><span class=post-date>12. November 2026</span>
<h3><a href="/n/1">Wir eröffnen in Graz</a></h3></article>
<article class=card><time datetime="2026-12-24">24.12.</time><h3>Noch lange nicht da</h3></article>
<article><time datetime="2026-10-01T08:00">1 Oct</time><a href="/n/3">New hall in Kiel</a></article>
<p class=date>no day at all</p></main>"""


def test_news_are_headings_beside_a_date() -> None:
    found = news.of(tree.parse(LIST), "https://a.example/news", TODAY, "de")
    assert [(str(one.day), one.title, one.url) for one in found] == [
        ("2026-11-12", "Wir eröffnen in Graz", "https://a.example/n/1"),
        ("2026-10-01", "New hall in Kiel", "https://a.example/n/3"),
    ]


def test_news_are_articles_that_are_marked() -> None:
    told = {"@type": "NewsArticle", "headline": " A  new hall ", "datePublished": "2026-11-03T10:00:00+01:00", "url": "/n/1"}
    other = {"@type": "Product", "name": "x", "datePublished": "2026-11-04"}
    html = f'<script type="application/ld+json">{json.dumps([told, other])}</script>'
    [one] = news.of(tree.parse(html), "https://a.example/", TODAY)
    assert (str(one.day), one.title, one.url) == ("2026-11-03", "A new hall", "https://a.example/n/1")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("ASPMX.L.Google.com.", "Google Workspace"),
        ("a-example.mail.protection.outlook.com", "Microsoft 365"),
        ("a.mx.microsoft", "Microsoft 365"),
        ("mxa.mailgun.org", None),
        ("google.com.evil.example", None),
        ("mail.a.example", None),
    ],
)
def test_a_provider_is_known_by_the_end_of_a_host(host: str, name: str | None) -> None:
    assert mail_hosts.provider([host]) == name


def test_pages_of_signals_are_named_by_the_navigation() -> None:
    html = "<a href=/k1>Karriere</a><a href=/blog/>Neues</a><a href=/presse>Presse</a><a href=/about>About</a>"
    found = site_pages.of(html, url="https://a.example/", words=site_pages.SIGNALS)
    assert [(one.kind, one.url) for one in found] == [
        ("jobs", "https://a.example/k1"),
        ("news", "https://a.example/blog/"),
        ("news", "https://a.example/presse"),
    ]
