"""Canonical, hreflang, refresh and robots of hand-written heads."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from parsing import links

HERE = "https://example.com/a/b"


def tree(head: str) -> LexborHTMLParser:
    return LexborHTMLParser(f"<!doctype html><html><head>{head}</head><body><p>x</body></html>")


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("<link rel=canonical href=/c>", "https://example.com/c"),
        ("<link rel='shortlink CANONICAL' href=' /c#d '>", "https://example.com/c"),
        ("<link rel=canonical href=https://example.org/c>", "https://example.org/c"),
        ("<link rel=canonical href=/c><link rel=canonical href=https://example.com/c>", "https://example.com/c"),
        ("<link rel=canonical href=/c><link rel=canonical href=/d>", None),
        ("<base href=/x/><link rel=canonical href=c>", "https://example.com/x/c"),
        ("<link rel=canonical href=''>", None),
        ("<link rel=canonical href=javascript:1>", None),
    ],
)
def test_the_page_names_its_own_address(head: str, url: str | None) -> None:
    assert links.canonical(tree(head), HERE) == url


def test_a_canonical_link_in_the_body_may_be_a_readers_and_does_not_count() -> None:
    page = LexborHTMLParser("<head></head><body><p>x<link rel=canonical href=/evil></body>")
    assert links.canonical(page, HERE) is None


def test_the_header_names_it_too_and_the_tag_wins() -> None:
    headers = {"link": '</style.css>; rel=preload; as="style", <https://example.com/pdf>; rel="canonical"'}
    assert links.canonical(tree(""), HERE, headers) == "https://example.com/pdf"
    assert links.canonical(tree("<link rel=canonical href=/c>"), HERE, headers) == "https://example.com/c"


def test_alternates_come_from_tags_and_header() -> None:
    head = "<link rel=alternate hreflang=de-AT href=/de><link rel=alternate type=application/rss+xml href=/feed>"
    headers = {"link": '</fr>; rel="alternate"; hreflang="fr"'}
    found = [(one.language, one.url) for one in links.alternates(tree(head), HERE, headers)]
    assert found == [("de-at", "https://example.com/de"), ("fr", "https://example.com/fr")]


@pytest.mark.parametrize(
    ("head", "header", "words"),
    [
        ("<meta name=robots content='noindex, NoFollow'>", "", {"noindex", "nofollow"}),
        ("<meta name=robots content=none><meta name=Robots content=noarchive>", "", {"noindex", "nofollow", "noarchive"}),
        ("<meta name=robots content=all>", "", set()),
        ("<meta name=googlebot content=noindex>", "", set()),
        ("<meta name=trawlbot content=noindex>", "", {"noindex"}),
        ("", "noindex", {"noindex"}),
        ("", "googlebot: noindex, nofollow, trawlbot: noarchive", {"noarchive"}),
        ("", "noarchive, otherbot: noindex", {"noarchive"}),
        ("", "max-snippet:50, unavailable_after: 25 Jun 2030 15:00", {"max-snippet:50", "unavailable_after:25 jun 2030 15:00"}),
    ],
)  # fmt: skip
def test_robots_are_asked_by_tags_and_header(head: str, header: str, words: set[str]) -> None:
    assert links.robots_meta(tree(head), {"x-robots-tag": header}, "TrawlBot") == words


@pytest.mark.parametrize(
    ("content", "refresh"),
    [
        ("0;url=/c", (0, "https://example.com/c")),
        ("5; URL='https://example.org/'", (5, "https://example.org/")),
        ('0; url="/c" and more', (0, "https://example.com/c")),
        ("3.5 , /c", (3, "https://example.com/c")),
        ("0;/c?url=x", (0, "https://example.com/c?url=x")),
        ("30", (30, None)),
        ("0;url=javascript:alert(1)", None),
        ("soon", None),
        ("", None),
        (" " * 9_000, None),
        ("1" * 9_000, (111_111_111, None)),
    ],
)
def test_a_refresh_is_read_as_browsers_read_it(content: str, refresh: tuple[int, str | None] | None) -> None:
    found = links.refresh(tree(_meta(content)), HERE)
    assert (None if found is None else (found.delay_s, found.url)) == refresh


def _meta(content: str) -> str:
    return '<meta http-equiv="Refresh" content="{}">'.format(content.replace('"', "&quot;"))


def test_a_refresh_for_readers_without_scripts_does_not_count() -> None:
    assert links.refresh(tree(f"<noscript>{_meta('0;url=/no-js')}</noscript>"), HERE) is None


def test_next_and_previous_of_a_series() -> None:
    page = tree("<link rel=next href='?page=3'><link rel=prev href='?page=1'>")
    assert links.next_page(page, HERE) == "https://example.com/a/b?page=3"
    assert links.previous_page(page, HERE) == "https://example.com/a/b?page=1"
