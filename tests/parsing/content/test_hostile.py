"""A page made to do harm is read in bounded time, and never raises more than DataError."""

from collections.abc import Callable

import pytest

from parsing import content
from tests import growth
from tests.parsing.content import site

URL = "https://example.com/"
PAGES: dict[str, Callable[[int], str]] = {
    "one line": lambda n: "<p>" + "word " * n,
    "one word": lambda n: "<p>" + "w" * n,
    "nested blocks": lambda n: "<div>" * n + "words in it",
    "nested lists": lambda n: "<ul><li>a" * n,
    "nested quotes": lambda n: "<blockquote>a" * n,
    "nested tables": lambda n: "<table><tr><td>a" * n,
    "nested links": lambda n: "<p>a" + "<a href=x><b>" * n + "a",
    "formatting": lambda n: "".join(f"<p><b id={i}>x" for i in range(n)),
    "siblings": lambda n: "<p>a b c</p>" * n,
    "items that are alike": lambda n: "<ul>" + "<li><a href=/x>One and the same item of a list</a></li>" * n + "</ul>",
    "breaks": lambda n: "<p>a" + "<br>b" * n,
    "rows": lambda n: "<table>" + "<tr><td>a</td><td>b</td></tr>" * n + "</table>",
    "columns": lambda n: "<table>" + f"<tr>{'<td>a</td>' * n}</tr>" * 2 + "</table>",
    "null bytes": lambda n: "<p>a\0b " * n,
    "class names": lambda n: "".join(f'<p class="a{i} b{i}" id=c{i}>x</p>' for i in range(n)),
    "a long class": lambda n: f'<p class="{"post " * n}">words in it</p>',
    "numbers": lambda n: "<p>" + "1234 " * n,
    "letters and dots": lambda n: "<p>" + "a." * n + "@",
    "streets that never end": lambda n: "<p>1 " + "St. Main " * 10 + "</p>" + "<p>12 Old-Old-Old-Old-" + "x" * n,
    "days that never end": lambda n: "".join("<p>Monday to Friday from 8 or so until it is dark" for _ in range(n)),
    "addresses": lambda n: "".join(f"<p><a href='{'../' * 50}{i}?{'x' * 50}'>words in it</a>" for i in range(n)),
    "markdown": lambda n: "<p>" + "*_`[#|>" * n,
    "entities": lambda n: "<p>" + "&amp;&#x41;&nbsp;" * n,
    "types": lambda n: '<script type="application/ld+json">' + '"@type" : [' * n + "</script><p>words in it",
    "hidden styles": lambda n: f'<p style="{"display " * n}">words in it',
}


@pytest.mark.parametrize("name", PAGES)
def test_eight_times_the_page_takes_far_less_than_the_square_of_it(name: str) -> None:
    growth.assert_linear(lambda size: content.extract(PAGES[name](size), URL, extra=False), 12_000)


def test_a_megabyte_in_one_line_is_read() -> None:
    found = content.extract("<p>" + "word " * 200_000, URL)
    assert found.word_count in (0, 200_000)


def test_fifty_thousand_nested_blocks_are_read() -> None:
    page = "<div>" * 50_000 + "".join(f"<p>{text}</p>" for text in site.PARAGRAPHS) + "</div>" * 50_000
    assert site.PARAGRAPHS[0] in content.extract(page, URL).text


def test_two_hundred_thousand_siblings_are_read() -> None:
    assert content.extract("<p>a b c</p>" * 200_000, URL).kind


@pytest.mark.parametrize(
    "junk", ["\0", "\ud800", "\u202e", "\ufeff", "<![CDATA[x]]>", "<!-- x -->", "<?php x ?>", "&#0;", "&#xD800;"]
)
def test_junk_inside_of_an_article_leaves_its_text(junk: str) -> None:
    found = content.extract(site.article(junk), URL)
    assert all(text in found.text for text in site.PARAGRAPHS)
    found.markdown.encode("utf-8")
