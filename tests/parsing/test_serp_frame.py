"""A page of another site or engine is no result page, however much it looks like one."""

import pytest

import models
from parsing import serp
from tests.parsing import pages

YAHOO = (
    '<title>oak - Yahoo Search Results</title><form id="sf" action="https://search.yahoo.com/search"><input name="p"></form>'
    '<div id="main"><ol>{rows}</ol></div>'
)
ECOSIA = '<title>oak - Ecosia</title><form action="/search"><input name="q" value="oak"></form><main id="main">{rows}</main>'
SHOP = (
    '<title>Oak</title><link rel="canonical" href="https://shop.example/oak"><form action="/search"><input name="q"></form>'
    '<div id="main"><div class="Gx5Zad">{rows}</div></div>'
)
STORE = (
    '<title>Oak - Google Store</title><meta property="og:url" content="https://store.google.com/oak">'
    '<div id="search"></div><div id="rso">{rows}</div>'
)
BLOG = '<title>Oak</title><ul><li id="search"><form id="searchform" action="/"></form></li></ul><div id="main">{rows}</div>'
ENGINE = (
    '<title>oak</title><form role="search" action="https://engine.example/find"><input name="q"></form>'
    '<div id="taw"></div><div id="search">{rows}</div>'
)
ROWS = "".join(f'<h3><a href="https://site{number}.example/">Oak {number}</a></h3>' for number in range(4))


@pytest.mark.parametrize("page", [YAHOO, ECOSIA, SHOP, STORE, BLOG, ENGINE])
def test_a_page_of_another_site_is_no_result_page(page: str) -> None:
    assert serp.parse(page.format(rows=ROWS)).page_class is models.PageClass.PARSE_FAILURE


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<link rel="canonical" href="https://www.google.com/search?q=oak">',
        '<meta property="og:url" content="https://www.google.co.jp/">',
        '<form role="search" action="https://www.google.de/search"><input name="q" value="oak"></form>',
        '<form action="https://mail.example/subscribe"><input name="email"></form>',
    ],
)
def test_a_page_of_google_with_few_marks_is_one(head: str) -> None:
    page = serp.parse(f'<title>oak - Google Search</title>{head}<div id="search"><div id="rso">{ROWS}</div></div>')

    assert page.page_class is models.PageClass.RESULTS
    assert [one.url for one in page.organic] == [f"https://site{number}.example/" for number in range(4)]


@pytest.mark.parametrize(
    ("title", "row"),
    [
        ("oak - Google 検索", '<h3><a href="https://a.example/">A</a></h3>'),
        ("oak", '<a href="/url?q=https://a.example/&amp;sa=U"><h3>A</h3></a>'),
    ],
)
def test_a_page_without_scripts_that_lost_its_marks_is_known_by_google_alone(title: str, row: str) -> None:
    form = '<form action="/search"><input name="q" value="oak"></form>'
    page = serp.parse(f'<title>{title}</title>{form}<div id="main">{row}</div>')

    assert [one.url for one in page.organic] == ["https://a.example/"]


def test_a_whole_frame_is_googles_whatever_its_results_name() -> None:
    page = pages.page(pages.result("https://a.example/"), top='<link rel="canonical" href="https://a.example/">')

    assert serp.parse(page).page_class is models.PageClass.RESULTS
