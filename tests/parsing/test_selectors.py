"""Fields picked by a user's selectors."""

from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

import errors
from parsing import selectors

PAGE = LexborHTMLParser(
    "<h1>Oak <b>tab</b>le</h1><div class=card><h2>One</h2><a href=/1>more</a></div><div class=card><h2>Two</h2></div>"
    "<img src=a.png alt=''><span itemprop=price content='12.50'>12,50 €</span><ul><li>x</li><li></li><li>y</li></ul>"
)
HERE = "https://example.com/p/"


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ("h1", "Oak table"),
        ("h1::text", "Oak table"),
        ("h1 ::text", "Oak table"),
        (".card a @href", "https://example.com/1"),
        (".card a::attr(href)", "https://example.com/1"),
        ("[itemprop=price]::attr(content)", "12.50"),
        ("a[href*='@x']", None),
        ({"css": "img", "attr": "src"}, "https://example.com/p/a.png"),
        ({"css": "img", "attr": "alt"}, ""),
        ({"css": "img", "attr": "title"}, None),
        ({"css": "li", "all": True}, ["x", "y"]),
        ({"css": "li.none", "all": True}, []),
        ({"css": "h2", "html": True}, "<h2>One</h2>"),
        ({"css": "h2", "all": True, "html": True}, ["<h2>One</h2>", "<h2>Two</h2>"]),
        (
            {"css": ".card", "all": True, "fields": {"name": "h2", "url": "a @href"}},
            [{"name": "One", "url": "https://example.com/1"}, {"name": "Two", "url": None}],
        ),
        ({"css": ".card", "fields": {"name": "h2"}}, {"name": "One"}),
    ],
)
def test_each_form_takes_what_it_says(spec: Any, value: Any) -> None:
    assert selectors.take(PAGE, {"field": spec}, HERE) == {"field": value}


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"price": "a["}, "field 'price': selector 'a['"),
        ({"price": "@href"}, "empty"),
        ({"price": 5}, "a text or an object, not int"),
        ({"price": None}, "not NoneType"),
        ({"price": {"css": "a", "xpath": "//a"}}, "'xpath' is no key"),
        ({"price": {"attr": "href"}}, "`css` is a text"),
        ({"price": {"css": "a", "all": "yes"}}, "true or false"),
        ({"price": {"css": "a", "attr": "x y"}}, "no name of an attribute"),
        ({"price": {"css": "a @href", "html": True}}, "only one of"),
        ({"price": {"css": "a", "fields": {"x": "b["}}}, "field 'price': field 'x'"),
        ({"a": {"css": "a", "fields": {"a": {"css": "a", "fields": {"a": {"css": "a", "fields": {"a": "b"}}}}}}}, "deep"),
        ({"": "h1"}, "name"),
        ({5: "h1"}, "name"),
        ({f"f{number}": "h1" for number in range(51)}, "51 selectors"),
        ([("title", "h1")], "mapping"),
        ("h1", "mapping"),
    ],
)
def test_a_bad_field_is_named_before_any_page_is_fetched(fields: Any, fault: str) -> None:
    with pytest.raises(errors.DataError) as caught:
        selectors.check(fields)
    assert fault in str(caught.value)


def test_the_values_of_a_page_are_bounded_together() -> None:
    page = LexborHTMLParser("<p>" + "word " * 200_000)
    fields = {f"f{number}": {"css": "p, body", "all": True, "html": True} for number in range(50)}
    taken = selectors.take(page, fields)
    assert sum(len(text) for texts in taken.values() if isinstance(texts, list) for text in texts) <= selectors.MAX_CHARS
