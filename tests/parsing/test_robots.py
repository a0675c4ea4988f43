"""robots.txt is read as RFC 9309 says, whatever stands in it."""

import doctest
import time

import pytest

from parsing import robots, web_urls
from tests.parsing import vectors

SITE = "https://e.test"
# Google's parser keeps an escape of a plain letter; RFC 9309, 2.2.2 says to decode it. An agent of ours has no blank in its name.
OTHER_CHOICES = {"8631cc26d070", "72fd37875c0b"}


def read(text: str, agent: str = "TrawlBot") -> robots.Rules:
    return robots.rules(text.encode(), agent, f"{SITE}/robots.txt")


def test_the_examples_are_true() -> None:
    assert doctest.testmod(robots).failed == 0


def test_the_cases_of_other_parsers_are_decided_as_they_say() -> None:
    wrong = []
    for row in vectors.rows("robots/allowed.jsonl"):
        site, asked = web_urls.resolve(row.get("robots_url") or ""), web_urls.resolve(row["url"])
        if row["id"] in OTHER_CHOICES or (site and asked and web_urls.parse(site).origin != web_urls.parse(asked).origin):
            continue
        body = row["robots"].encode("utf-8", "surrogatepass")
        if robots.rules(body, row["agent"]).allowed(row["url"]) != row["allowed"]:
            wrong.append((row["id"], row["test"]))

    assert wrong == []


def test_delays_are_read_as_other_parsers_read_them() -> None:
    for row in vectors.rows("robots/directives.jsonl"):
        if row["what"] == "crawl_delay" and len(row["agent"].split("/")[0].strip()) > 2:
            assert robots.rules(row["robots"].encode(), row["agent"]).delay_s == row["value"], row["test"]


@pytest.mark.parametrize(
    ("written", "delay_s"),
    [
        ("Crawl-delay: 2", 2.0),
        ("crawl-delay:0.5", 0.5),
        ("Crawl-delay: 1,5", 1.5),
        ("Crawl-delay: 10s", 10.0),
        ("Crawl-delay: 3 # seconds", 3.0),
        ("Crawl-delay: -1", None),
        ("Crawl-delay: nan", None),
        ("Crawl-delay: inf", None),
        ("Crawl-delay: 1e999", None),
        ("Crawl-delay: 1000000000", robots.MAX_DELAY_S),
        ("Crawl-delay: 1e9", robots.MAX_DELAY_S),
        ("Crawl-delay:", None),
        ("Crawl-delay: ten", None),
        ("Request-rate: 1/10s", 10.0),
        ("Request-rate: 1/0", None),
        ("Crawl-delay: 2\nRequest-rate: 1/10s", 2.0),
    ],
)
def test_a_delay_of_nonsense_does_not_count(written: str, delay_s: float | None) -> None:
    assert read(f"User-agent: *\n{written}\nDisallow: /x").delay_s == delay_s


@pytest.mark.parametrize("agent", ["TrawlBot", "trawlbot", "Mozilla/5.0 (compatible; TrawlBot/1.0; +https://e.test/bot)"])
def test_a_group_with_a_version_or_in_another_case_is_ours(agent: str) -> None:
    found = read("User-agent: *\nDisallow:\n\nUser-Agent: TRAWLBOT/2.1\nDisallow: /", agent)
    assert not found.allowed(f"{SITE}/a")


def test_another_agents_group_is_not_ours() -> None:
    found = read("User-agent: OtherBot\nDisallow: /\nUser-agent: *\nDisallow: /x")
    assert found.allowed(f"{SITE}/a")
    assert not found.allowed(f"{SITE}/x")
    assert read("User-agent: *\nDisallow: /x\nUser-agent: OtherBot\nDisallow: /").allowed(f"{SITE}/a")


def test_agents_that_share_a_group_share_its_rules() -> None:
    found = read("User-agent: OtherBot\nUser-agent: TrawlBot\n\nUser-agent: ThirdBot\nDisallow: /a\nAllow: /a/b")
    assert not found.allowed(f"{SITE}/a")
    assert found.allowed(f"{SITE}/a/b")


def test_an_unknown_line_ends_no_group() -> None:
    assert not read("User-agent: TrawlBot\nNoindex: /y\nUser-agent: OtherBot\nDisallow: /x").allowed(f"{SITE}/x")


def test_a_delay_ends_the_names_of_a_group() -> None:
    found = read("User-agent: *\nCrawl-delay: 10\n\nUser-agent: BadBot\nDisallow: /\n\nUser-agent: *\nDisallow:")
    assert found.allowed(f"{SITE}/a")
    assert found.delay_s == 10.0
    assert read("User-agent: *\nUser-agent: OtherBot\nDisallow: /x").allowed(f"{SITE}/x") is False


def test_an_empty_group_of_ours_frees_us_from_the_others_rules() -> None:
    assert read("User-agent: *\nDisallow: /\n\nUser-agent: TrawlBot\nDisallow:").allowed(f"{SITE}/")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_hides_nothing(encoding: str) -> None:
    assert not robots.rules("User-agent: *\nDisallow: /".encode(encoding), "TrawlBot").allowed(f"{SITE}/")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_line(end: str) -> None:
    found = read(end.join(("User-agent: *", "Disallow: /x", "Disallow: /y\u2028z", "")))
    assert [found.allowed(SITE + path) for path in ("/x", "/w")] == [False, True]


def test_a_path_in_another_charset_is_matched_by_its_bytes() -> None:
    found = robots.rules("User-agent: *\nDisallow: /\u00fcber".encode("latin-1"), "TrawlBot")
    assert [found.allowed(SITE + path) for path in ("/%FCber", "/%C3%BCber")] == [False, True]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><title>Not found</title><p>Disallow: /\nUser-agent * Disallow: /",
        b"\xef\xbb\xbf \n<html><body>Allow us to\ndisallow /\n",
        b'{"error": "not found"}',
        b"\0" * 1000,
        b"\x1f\x8b\x08\x00" + bytes(range(256)) * 4,
        b"Not found",
        b"Disallow: /",
    ],
)
def test_what_is_no_robots_txt_forbids_nothing(body: bytes) -> None:
    found = robots.rules(body, "TrawlBot")
    assert found.allowed(f"{SITE}/a")
    assert found.delay_s is None
    assert found.sitemaps == []


def test_real_rules_within_a_page_count() -> None:
    body = b"<html><pre>\nUser-agent: *\nDisallow: /x\n</pre></html>"
    assert not robots.rules(body, "TrawlBot").allowed(f"{SITE}/x")


def test_no_more_than_the_limit_is_read_and_a_cut_rule_does_not_count() -> None:
    head = b"User-agent: *\nDisallow: /x\n"
    filler = b"#" + b"a" * (robots.MAX_BYTES - len(head) - len("#\nDisallow: /")) + b"\n"
    found = robots.rules(head + filler + b"Disallow: /private\n" + b"Disallow: /y\n" * 100, "TrawlBot")
    assert [found.allowed(SITE + path) for path in ("/x", "/", "/y", "/private")] == [False, True, True, True]


def test_sitemaps_are_absolute_and_named_once() -> None:
    text = "Sitemap: https://e.test/a.xml\nsitemap: /b.xml\nSitemap: https://e.test/a.xml\nSitemap:\nSitemap: ftp://e.test/c.xml"
    assert read(text).sitemaps == ["https://e.test/a.xml", "https://e.test/b.xml"]
    assert robots.rules(text.encode(), "TrawlBot").sitemaps == ["https://e.test/a.xml"]


def test_rules_are_made_again_from_their_text() -> None:
    found = read("User-agent: *\nDisallow: /x\nCrawl-delay: 3\nSitemap: /s.xml")
    again = robots.Rules(found.text, found.agent, found.url)
    assert (again.delay_s, again.sitemaps, again.allowed(f"{SITE}/x")) == (3.0, ["https://e.test/s.xml"], False)


def test_rules_of_others_are_not_kept() -> None:
    others = "".join(f"User-agent: a{n}\nDisallow: /{n}\n" for n in range(5000))
    assert len(read(others + "User-agent: *\nDisallow: /x\n").text) < 200


def test_many_agents_with_many_rules_cost_no_more_than_their_size() -> None:
    agents = "".join(f"User-agent: a{n}\n" for n in range(14_000))
    started = time.process_time()
    read(agents + "".join(f"Disallow: /p{n}\n" for n in range(14_000))).allowed(f"{SITE}/a")
    plain = "User-agent: *\n" + "".join(f"Disallow: /p{n}\n" for n in range(28_000))
    between = time.process_time()
    read(plain).allowed(f"{SITE}/a")
    assert between - started < 10 * (time.process_time() - between)


@pytest.mark.parametrize("url", ["", "https://[", "https://e.test/\ud800", "//", "https://e.test/%", "a" * 100_000])
def test_an_odd_address_raises_nothing(url: str) -> None:
    assert read("User-agent: *\nDisallow: /x*y$").allowed(url) in (True, False)
