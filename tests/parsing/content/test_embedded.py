"""Pages that only scripts draw are read from the data they bring along; others are not touched by it."""

import doctest
import html
import json
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from parsing import content
from parsing.content import embedded
from tests import growth

POSTS = [
    "<p>The oak chair of my grandmother creaks in winter. Who knows how to glue the joints again without taking it apart?</p>",
    "<p>Warm the joint and press thin hide glue into it with a syringe. Clamp it for a day, then wipe off what came out.</p>",
    "<p>I did it with my own chair last year, and it holds. The <b>warm</b> wood takes the glue well, the cold one does not.</p>",
    "<ul><li>Hide glue, not white glue, as it can be undone</li><li>A clamp on each side, with cork below it</li></ul>",
]
NOISE = [
    {"description": f"<p>Part {number} of our forum, with its rules and its people and much more.</p>"} for number in range(4)
]


def frame(data: Any, *, shown: str = "", as_script: bool = False) -> str:
    text = json.dumps(data)
    part = (
        f"<script type='application/json' id=d>{text}</script>"
        if as_script
        else f'<div data-preloaded="{html.escape(text)}"></div>'
    )
    return f"<html><head><title>Creaking chair</title></head><body>{shown}{part}<div id=app></div></body></html>"


def forum(*, nested: bool) -> dict[str, Any]:
    topic = {"post_stream": {"posts": [{"id": number, "cooked": post} for number, post in enumerate(POSTS)]}}
    site = {"categories": NOISE}
    return {"topic_12": json.dumps(topic), "site": json.dumps(site)} if nested else {"topic_12": topic, "site": site}


def test_the_examples_are_true() -> None:
    assert doctest.testmod(embedded).failed == 0


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("as_script", [True, False])
def test_the_posts_of_a_frame_are_its_content(nested: bool, as_script: bool) -> None:
    found = content.extract(frame(forum(nested=nested), as_script=as_script), "https://e.test/t/12", extra=False)
    assert found.by == "data"
    for word in ("grandmother", "syringe", "warm", "cork"):
        assert word in found.text
    assert "Part 1 of our forum" not in found.text
    assert "- Hide glue" in found.markdown or "* Hide glue" in found.markdown


def test_a_page_that_shows_its_text_is_read_from_that() -> None:
    shown = (
        "<main><h1>Chairs</h1>"
        + "<p>We mend chairs of oak and ash in Kent, and bring them back within a week.</p>" * 8
        + "</main>"
    )
    found = content.extract(frame(forum(nested=True), shown=shown), "https://e.test/", extra=False)
    assert found.by != "data"
    assert "syringe" not in found.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        {"a": "<p>short</p>"},
        {"config": {"css": "x" * 5000}},
        {"strings": ["a plain text " * 20] * 5},
        [[[[[]]]]],
        None,
        5,
    ],
)
def test_data_without_texts_changes_nothing(data: Any) -> None:
    assert embedded.html(LexborHTMLParser(frame(data))) is None


@pytest.mark.parametrize("data", ["{", '{"a": "<p>', "[" * 100_000, '{"a":' * 5000, "x", ""])
def test_broken_data_raises_nothing(data: str) -> None:
    assert embedded.html(LexborHTMLParser(f'<div data-preloaded="{html.escape(data)}"></div>')) is None


def test_much_data_costs_no_more_than_its_size() -> None:
    def work(rows: int) -> None:
        embedded.html(LexborHTMLParser(frame([{"a": [{"b": "<p>" + "oak " * 30 + f"{number}</p>"}]} for number in range(rows)])))

    growth.assert_linear(work, 16_000)


@pytest.mark.parametrize("wrap", ["{}", "[{}]", '{{"@graph": [{}]}}'])
def test_an_article_that_only_search_engines_are_told_is_read(wrap: str) -> None:
    lines = "\n\n".join(
        f"Paragraph {number} of the article, with <b> some words in it. " * 3 for number in ("one", "two", "three")
    )
    data = wrap.format(json.dumps({"@type": "NewsArticle", "headline": "H", "articleBody": lines}))
    html = f'<script type="application/ld+json">{data.replace("</", "<")}</script><div id="app"></div>'
    found = content.extract(html, "https://example.com/n/1", extra=False)
    assert found.by == "data" and found.markdown.startswith("Paragraph one") and len(found.text.splitlines()) == 3
