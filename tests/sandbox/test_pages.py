"""The sandbox's pages read as they were meant, and say whose they are."""

from collections import Counter

import pytest

import models
from parsing import serp as parsing_serp
from parsing import serp_json
from sandbox import pages
from tests.sandbox.stage import asked, invented, plugin_body, running

KEYWORDS = [
    "best running shoes", "東京 タワー", "c++ & c#", '<b>bold</b> "quoted"', "a", "naïve café",
    "did not match any documents", "plumber near me {k}", "unusual traffic", "%41 100%", "x" * 300, "emoji 🙂 test",
    *(f"keyword {number} of many" for number in range(60)),
]  # fmt: skip


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("device", ["desktop", "mobile"])
def test_a_page_reads_as_exactly_the_results_that_were_meant(opaque: bool, device: str) -> None:
    world = invented()
    for text in KEYWORDS:
        for start in (0, 20):
            question = asked(text, start, device=device)
            html = world.page(question, opaque=opaque)
            assert html is not None
            page = parsing_serp.parse(html)
            read = [(row.position, row.url or world.location(str(row.goto_url)[22:]), row.title) for row in page.organic]
            assert read == [(row["position"], row["link"], row["title"]) for row in world.rows(question)], (text, start)
            assert page.page_class is models.PageClass.RESULTS
            assert page.confidence is models.Confidence.STRICT
            assert all((row.goto_url is not None) == opaque for row in page.organic)


def test_a_company_is_recognised_by_its_green_line_and_a_big_site_is_not() -> None:
    world = invented()
    shown = Counter()  # type: ignore[var-annotated]
    for text in KEYWORDS:
        for row in parsing_serp.parse(world.page(asked(text), opaque=False) or "").organic:
            host = str(row.url).split("/")[2]
            shown["reddit" if "reddit" in host else "other", row.displayed_host == host] += 1
    assert shown["other", True] > 300
    assert shown["reddit", True] == 0 < shown["reddit", False]


def test_every_block_around_the_results_is_recognised() -> None:
    world = invented()
    seen = set()
    for text in KEYWORDS:
        meant = pages.features_of(text, 0, 0)
        page = parsing_serp.parse(world.page(asked(text), opaque=False) or "")
        assert page.features & set(pages.FEATURES) == meant, text
        assert page.total_results and page.total_results >= 1000
        seen |= meant
    assert seen == set(pages.FEATURES)


@pytest.mark.parametrize(
    ("html", "page_class"),
    [
        (pages.captcha("https://www.google.com/search?q=x"), models.PageClass.CAPTCHA),
        (pages.js_required("x"), models.PageClass.JS_REQUIRED),
        (pages.consent("https://www.google.com/search?q=x"), models.PageClass.CONSENT),
        (pages.no_results("x <y>"), models.PageClass.NO_RESULTS),
    ],
)
def test_every_other_page_is_recognised_for_what_it_is(html: str, page_class: models.PageClass) -> None:
    assert parsing_serp.parse(html).page_class is page_class


def test_every_page_says_that_it_is_the_sandboxs() -> None:
    html_of_results = invented().page(asked("x"), opaque=False)
    for html in (html_of_results, pages.captcha("u"), pages.js_required("x"), pages.consent("u"), pages.no_results("x")):
        assert html and '<meta name="generator" content="Trawl sandbox">' in html.split("</head>")[0]
        assert "this page is invented" in html.split("<body")[1]


def test_the_plugin_gives_the_same_results_as_the_page() -> None:
    with running(opaque=0) as (sandbox, provider):
        as_json = serp_json.parse_plugin(plugin_body(sandbox, "best running shoes", start=10))
        as_html = parsing_serp.parse(provider.page(models.SerpQuery("best running shoes"), start=10).body)
    assert [(row.position, row.url) for row in as_json.organic] == [(row.position, row.url) for row in as_html.organic]
    assert len(as_json.organic) == 10
