"""The heading that names a page leads its markdown, wherever it stands before the text."""

import pytest

from parsing import content

TEXT = "<p>" + "Plain words make a paragraph that is long enough to count as text, with commas, and more. " * 3 + "</p>"
URL = "https://shop.example/"


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>The Title</h1>{TEXT}{TEXT}",
        f"<div><h1>The Title</h1></div><div>{TEXT}{TEXT}</div>",
        f"<div class=hero><h1>The <em>Title</em></h1><p>By Ada</p></div><main>{TEXT}<h2>Second</h2>{TEXT}</main>",
        f"<article><header><h1>The Title</h1></header>{TEXT}{TEXT}</article>",
    ],
)
def test_the_heading_of_a_page_leads_its_markdown(body: str) -> None:
    found = content.extract(f"<html><body><header><nav><a href=/>Home</a></nav></header>{body}</body></html>", URL, extra=False)

    assert found.markdown.startswith("# The ") and found.markdown.count("Title") == 1 and "<h1>" in found.html
    assert "Plain words" in found.text


@pytest.mark.parametrize(
    "before",
    [
        "<h1>One</h1><h1>Two</h1>",  # none names the page
        "<h1>" + "far too long for a title " * 10 + "</h1>",
        "<footer><h1>Ours</h1></footer>",
    ],
)
def test_what_names_no_page_is_not_put_before_it(before: str) -> None:
    page = f"<html><body><div>{before}</div><div>{TEXT}{TEXT}</div></body></html>"

    assert content.extract(page, URL, extra=False).markdown.startswith("Plain words")


def test_a_heading_behind_the_text_stays_there() -> None:
    page = f"<html><body><div>{TEXT}{TEXT}</div><div><h1>Comments</h1></div></body></html>"

    assert content.extract(page, URL, extra=False).markdown.startswith("Plain words")
