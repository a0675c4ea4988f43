"""What a page declares and repeats tells its kind."""

import pytest

from parsing import tree
from parsing.content import kinds, lines, names

URL = "https://example.com/a"
OTHER = "<p>Hello</p><meta name=generator content=article><meta property=og:type content=phpbb>"


def signals(html: str, url: str = URL) -> set[str]:
    parsed = tree.parse(html)
    return set(kinds.signals(parsed.css(kinds.DECLARATIONS), lines.of(parsed), url))


@pytest.mark.parametrize(
    ("html", "signal"),
    [
        ('<script type="application/ld+json">{"@type": "Product"}</script>', "declares product"),
        ('<p>a</p><script type="application/ld+json">{"@type": ["https://schema.org/QAPage"]}</script>', "declares forum"),
        ('<script type="application/ld+json">' + '{"@type": "Product"}' * 5 + "</script>", "declares products"),
        ('<meta property="og:type" content="article">', "og article"),
        ('<meta name="generator" content="phpBB 3.3">', "made for forum"),
        ('<p><a href="/x">one two three</a></p>', "many links"),
        ("<p>only 12 words</p>", "few links"),
        ("<p>was $ 12</p>", "some prices"),
        ("<p>Add to cart</p>", "can be bought"),
        ("<h1>a</h1>", "one title"),
        ("<div class=post>a</div>" * 5, "many post boxes"),
        ("<article>a</article>" * 5, "articles"),
    ],
)
def test_a_signal_is_seen(html: str, signal: str) -> None:
    assert signal in signals(html)
    assert signal == "few links" or signal not in signals(OTHER)


@pytest.mark.parametrize(
    ("address", "signal"), [("/forum/thread-1", "address forum"), ("/docs/x", "address documentation"), ("/", "address root")]
)
def test_an_address_speaks(address: str, signal: str) -> None:
    assert signal in signals("<p>a</p>", "https://example.com" + address)


@pytest.mark.parametrize(
    ("attributes", "groups"),
    [
        ({"class": "post", "id": "main-nav", "itemprop": "author"}, {"post", "content", "nav", "meta"}),
        ({"id": "relatedPosts12"}, {"related", "post"}),
        ({"class": "unheard of", "id": None}, set()),
        ({"class": None, "role": "main"}, {"role=main"}),
        ({"role": "button"}, set()),
        ({"class": "POSTS  Nav-Bar\n"}, {"post", "nav"}),
    ],
)
def test_names_of_an_element_are_those_of_all_its_attributes(attributes: dict[str, str | None], groups: set[str]) -> None:
    assert names.of(attributes) == groups


@pytest.mark.parametrize("price", ["$12", "€ 12", "£12", "¥12", "₹ 12", "12 €", "12 zł", "12 kr", "12 USD", "12eur", "12 gbp"])
def test_a_price_is_seen_in_every_currency(price: str) -> None:
    assert "some prices" in signals(f"<p>Now {price} only</p>")
