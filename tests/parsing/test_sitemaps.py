"""Sitemaps of every kind are read, broken ones as far as they go, and hostile ones cost no more than their size."""

import base64
import doctest
import gzip
import time
import tracemalloc
import zlib
from datetime import UTC, datetime

import pytest

from parsing import robots, sitemaps, web_urls
from tests.parsing import vectors

URL = "https://e.test/sitemap.xml"
# Whole entries after which a file breaks are read; other readers drop the last one, or the whole file.
MORE_THAN_OTHERS = {"test_billion_laughs_attack", "test_sitemap_tree_for_homepage_prematurely_ending_xml"}


def locs(body: str | bytes, url: str = URL) -> list[str]:
    found = sitemaps.read(body.encode() if isinstance(body, str) else body, url)
    return [page.loc for page in (*found.pages, *found.sitemaps)]


def urlset(*entries: str) -> str:
    return "<urlset>" + "".join(f"<url>{entry}</url>" for entry in entries) + "</urlset>"


def test_the_examples_are_true() -> None:
    assert doctest.testmod(sitemaps).failed == 0


def test_files_of_every_kind_are_read_whole() -> None:
    for row in vectors.rows("sitemaps/files.jsonl"):
        found = sitemaps.read(vectors.need(row["file"]).read_bytes(), "http://www.example.com/s.xml")
        assert found.kind == row["kind"], row["file"]
        assert [page.loc for page in (*found.pages, *found.sitemaps)] == [web_urls.resolve(loc) for loc in row["locs"]], row[
            "file"
        ]


def test_whole_sites_give_the_pages_that_their_sitemaps_name() -> None:
    for row in vectors.rows("sitemaps/sites.jsonl"):
        site = {web_urls.resolve(url): answer for url, answer in row["site"].items()}
        pages, seen = walked(site)
        wanted = {web_urls.resolve(url) for url in row["pages"]}
        assert (pages >= wanted) if row["name"] in MORE_THAN_OTHERS else (pages == wanted), row["name"]
        assert len(seen) < 20


def walked(site: dict) -> tuple[set[str], set[str]]:
    bodies = {url: base64.b64decode(answer["body"]) for url, answer in site.items() if answer["status"] == 200}
    start = next(url for url in site if url.endswith("/robots.txt"))
    waiting = robots.rules(bodies.get(start, b""), "TrawlBot", start).sitemaps
    pages, seen = set(), set()
    while waiting:
        url = waiting.pop()
        if url not in seen and url in bodies:
            seen.add(url)
            found = sitemaps.read(bodies[url], url)
            pages |= {page.loc for page in found.pages}
            waiting += [page.loc for page in found.sitemaps]
    return pages, seen


@pytest.mark.parametrize(
    ("entry", "loc"),
    [
        ("<loc>https://e.test/?a=1&amp;b=2</loc>", "https://e.test/?a=1&b=2"),
        ("<loc>https://e.test/?a=1&b=2&copy=3</loc>", "https://e.test/?a=1&b=2&copy=3"),
        ("<loc><![CDATA[https://e.test/?a=1&b=2]]></loc>", "https://e.test/?a=1&b=2"),
        ("<loc>\n  https://e.test/a\n</loc>", "https://e.test/a"),
        ("<LOC>https://e.test/a</LOC>", "https://e.test/a"),
        ("<loc>/a</loc>", "https://e.test/a"),
        ("<loc>https://e.test/&#252;</loc>", "https://e.test/%C3%BC"),
        ("<loc>https://e.test/a</loc><!-- <loc>https://e.test/b</loc> -->", "https://e.test/a"),
    ],
)
def test_an_address_is_read_however_it_is_written(entry: str, loc: str) -> None:
    assert locs(urlset(entry)) == [loc]


@pytest.mark.parametrize(
    "entry",
    [
        "<image:image><image:loc>https://e.test/i.png</image:loc></image:image>",
        "<video:video><video:player_loc>https://e.test/v</video:player_loc><video:loc>https://e.test/v</video:loc></video:video>",
        '<xhtml:link rel="alternate" hreflang="de" href="https://e.test/de"/>',
        "<news:news><news:publication><news:name>N</news:name></news:publication></news:news>",
    ],
)
def test_what_belongs_to_a_page_is_no_page(entry: str) -> None:
    assert locs(urlset("<loc>https://e.test/a</loc>" + entry, entry + "<loc>https://e.test/b</loc>")) == [
        "https://e.test/a",
        "https://e.test/b",
    ]


def test_addresses_in_other_languages_stand_apart() -> None:
    link = '<xhtml:link rel="alternate" hreflang="{0}" href="https://e.test/{0}/a?b&amp;c"/>'
    entry = f"<url><loc>https://e.test/en/a?b&amp;c</loc>{link.format('en')}{link.format('de')}</url>"
    found = sitemaps.read(f"<urlset>{entry}</urlset>".encode(), "https://e.test/s.xml")
    assert [page.loc for page in found.pages] == ["https://e.test/en/a?b&c"]
    assert [page.loc for page in found.alternates] == ["https://e.test/de/a?b&c"]


def test_a_prefix_of_the_protocols_own_names_hides_nothing() -> None:
    assert locs("<s:urlset><s:url><s:loc>https://e.test/a</s:loc></s:url></s:urlset>") == ["https://e.test/a"]


@pytest.mark.parametrize("loc", ["javascript:alert(1)", "mailto:a@e.test", "", "http://", "&lol9;", "ftp://e.test/a"])
def test_what_is_no_address_does_not_count(loc: str) -> None:
    assert locs(urlset(f"<loc>{loc}</loc>", "<loc>https://e.test/a</loc>")) == ["https://e.test/a"]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("<urlset><url><loc>https://e.test/a</loc><url><loc>https://e.test/b</loc></urlset>", ["/a", "/b"]),
        (
            "<urlset><urlset><url><loc>https://e.test/a</loc><lastmod>2024-05-08 08:53:11 AM</lastmod></url></urlset></urlset>",
            ["/a"],
        ),
        ("<urlset><loc>https://e.test/a</loc><loc>https://e.test/b</loc>", ["/a", "/b"]),
        ("<url><loc>https://e.test/a</loc></url>", ["/a"]),
        ("junk before <?xml version='1.0'?>" + urlset("<loc>https://e.test/a</loc>"), ["/a"]),
        ("<urlset><url><loc>https://e.test/a</loc></url><url><loc>https://e.test/half", ["/a"]),
        ("<urlset><url><loc>https://e.test/a</loc></url><!-- never closed", ["/a"]),
    ],
)
def test_a_broken_file_is_read_as_far_as_it_goes(body: str, wanted: list[str]) -> None:
    assert locs(body) == ["https://e.test" + path for path in wanted]


def test_an_index_names_sitemaps_and_never_itself() -> None:
    body = "<sitemapindex>" + "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in ("/a.xml", URL)) + "</sitemapindex>"
    found = sitemaps.read(body.encode(), URL)
    assert (found.kind, [page.loc for page in found.sitemaps], found.pages) == ("index", ["https://e.test/a.xml"], [])


def test_feeds_give_their_entries_and_not_themselves() -> None:
    rss = (
        "<rss><channel><link>https://e.test/</link><image><url>https://e.test/i.png</url></image><item><link>https://e.test/a</link>"
        "<comments>https://e.test/c</comments><pubDate>Sun, 06 Sep 2009 16:20:00 +0200</pubDate></item>"
        "<item><guid>https://e.test/b</guid></item><item><guid isPermaLink='false'>https://e.test/c</guid></item></channel></rss>"
    )
    assert locs(rss) == ["https://e.test/a", "https://e.test/b"]
    assert sitemaps.read(rss.encode(), URL).pages[0].lastmod == datetime(2009, 9, 6, 14, 20, tzinfo=UTC)
    atom = (
        "<feed><link href='/'/><entry><link rel='edit' href='/e'/><link href='/a'/><updated>2026-11-28</updated></entry></feed>"
    )
    assert locs(atom) == ["https://e.test/a"]


def test_text_gives_its_lines() -> None:
    assert locs("\ufeffhttps://e.test/a\r\n\r\nnot one\nhttps://e.test/b") == ["https://e.test/a", "https://e.test/b"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body><url><loc>https://e.test/a</loc></url>",
        b"Not found",
        b"{}",
        b"\0" * 100,
        b"\x1f\x8b junk",
        b"<urlset/>",
    ],
)
def test_what_is_no_sitemap_gives_nothing(body: bytes) -> None:
    assert locs(body) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le", "latin-1"])
def test_every_charset_is_read(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>' + urlset("<loc>https://e.test/\u00fc</loc>")
    assert locs(body.encode(encoding)) == ["https://e.test/%C3%BC"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-28", datetime(2026, 11, 28, tzinfo=UTC)),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-28T10:00:00+02:00", datetime(2026, 11, 28, 8, tzinfo=UTC)),
        ("2026-11-28T10:00:00.5Z", datetime(2026, 11, 28, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2026-11-28 08:53:11 AM", datetime(2026, 11, 28, 8, 53, 11, tzinfo=UTC)),
        ("2026-11-28 12:53:11 am", datetime(2026, 11, 28, 0, 53, 11, tzinfo=UTC)),
        ("2026-11-28 08:53:11 PM", datetime(2026, 11, 28, 20, 53, 11, tzinfo=UTC)),
        ("2026/11/28", datetime(2026, 11, 28, tzinfo=UTC)),
        ("2026-9-8", datetime(2026, 9, 8, tzinfo=UTC)),
        ("2026-11-28T24:00:00Z", datetime(2026, 11, 29, tzinfo=UTC)),
        ("2026-11-28 10:00:00 UTC", datetime(2026, 11, 28, 10, tzinfo=UTC)),
        ("2026-11-28T10:00:00 02:00", datetime(2026, 11, 28, 8, tzinfo=UTC)),
        ("2026-11-28T9:00:00-0130", datetime(2026, 11, 28, 10, 30, tzinfo=UTC)),
        ("1795860000", datetime(2026, 11, 28, 10, tzinfo=UTC)),
        ("1795860000123", datetime(2026, 11, 28, 10, tzinfo=UTC)),
        ("2026-13-28 10:00", None),
        ("2026-11-28 31:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_a_date_is_read_or_left_out(text: str, moment: datetime | None) -> None:
    body = urlset(f"<loc>https://e.test/a</loc><lastmod>{text}</lastmod>")
    assert sitemaps.read(body.encode(), URL).pages[0].lastmod == moment


def test_an_address_on_another_site_is_flagged() -> None:
    pages = sitemaps.read(urlset(*(f"<loc>https://{host}/</loc>" for host in ("www.e.test", "other.test"))).encode(), URL).pages
    assert [page.foreign for page in pages] == [False, True]


def test_a_limit_says_that_more_was_there() -> None:
    body = urlset(*(f"<loc>https://e.test/{n}</loc>" for n in range(10))).encode()
    assert (len(sitemaps.read(body, URL, 9).pages), sitemaps.read(body, URL, 9).truncated) == (9, True)
    assert (len(sitemaps.read(body, URL, 10).pages), sitemaps.read(body, URL, 10).truncated) == (10, False)


def test_gzip_is_unpacked_once_and_twice_and_as_far_as_it_goes() -> None:
    whole = urlset(*(f"<loc>https://e.test/{zlib.crc32(str(n).encode())}</loc>" for n in range(20_000))).encode()
    packed = gzip.compress(whole)
    assert len(locs(packed)) == len(locs(gzip.compress(packed))) == len(locs(whole))
    assert 5000 < len(locs(packed[: len(packed) // 2])) < 15_000
    damaged = packed[: len(packed) // 2] + b"\xff" * 1000 + packed[len(packed) // 2 :]
    assert 5000 < len(locs(damaged)) < 15_000
    assert locs(gzip.compress(b"<urlset>") + gzip.compress(b"<url><loc>/a</loc></url></urlset>")) == ["https://e.test/a"]


def test_a_bomb_is_unpacked_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(gzip.compress(b"<urlset>" + bytes(64_000_000)))
    monkeypatch.setattr(sitemaps, "MAX_BYTES", 1_000_000)
    tracemalloc.start()
    found = sitemaps.read(bomb, URL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.truncated
    assert found.pages == []
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "part",
    [
        "<!--",
        "<url ",
        "<loc>",
        "<url>",
        "<![CDATA[",
        "<loc><![CDATA[",
        "&lol;",
        "<loc",
        " ",
        "<",
        "<a:",
        "\n",
        "]]>",
        "http://a\n",
    ],
)
def test_a_hostile_file_costs_no_more_than_its_size(part: str) -> None:
    def cost_s(size: int) -> float:
        started = time.process_time()
        sitemaps.read(b"<urlset><loc>" + part.encode() * (size // len(part)), URL)
        return time.process_time() - started

    assert cost_s(1_600_000) < 16 * max(cost_s(200_000), 0.005)
