"""Links of hand-written pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from parsing import hrefs, links

HERE = "https://example.com/a/b.html?c#d"


def tree(html: str) -> LexborHTMLParser:
    return LexborHTMLParser(html)


def found(html: str, base: str = HERE) -> list[str]:
    page = tree(html)
    as_links = [hrefs.without_fragment(link.url) for link in links.of(page, base)]
    assert list(dict.fromkeys(as_links)) == links.urls(page, base)
    return links.urls(page, base)


def test_links_are_absolute_and_each_address_stands_once() -> None:
    html = "<a href='x'>1</a><a href='./x'>2</a><a href='../y#z'>3</a><area href=//example.org><a href='?q=1'>4</a>"
    assert found(html) == [
        "https://example.com/a/x",
        "https://example.com/y",
        "https://example.org/",
        "https://example.com/a/b.html?q=1",
    ]


@pytest.mark.parametrize(
    "href",
    ["", "#top", "javascript:void(0)", " JavaScript:alert(1)", "mailto:a@example.com", "tel:+1", "data:text/html,x", "http://",
     "http://[::1", "https://exa mple.com/", "blob:https://example.com/1", "file:///etc/passwd", "http://a:99999/"],
)  # fmt: skip
def test_what_leads_to_no_web_page_is_left_out(href: str) -> None:
    assert found(f'<a href="{href}">x</a>') == []


@pytest.mark.parametrize(
    "href",
    ["{{item.url}}", "/p/${id}", "<%= url %>", "{% url 'home' %}", "/t/{{ slug }}/", "/t/%7B%7Bslug%7D%7D", "/p?id=$%7Bid%7D",
     "https://example.org/{{a}}?b={{c}}", "%3C%25=u%25%3E"],
)  # fmt: skip
def test_a_template_that_was_not_filled_in_is_no_link(href: str) -> None:
    assert found(f'<a href="{href}">x</a>') == []


@pytest.mark.parametrize(
    "href",
    ["/a%7Bb%7D", "/{id}", "/price$5", "/100%", "/a%3Cb", "/x?f={%22a%22:{%22b%22:1}}", "/x?f=%7B%22a%22:%7B%22b%22:1%7D%7D"],
)
def test_braces_and_signs_of_an_address_are_no_template(href: str) -> None:
    assert len(found(f'<a href="{href}">x</a>')) == 1


def test_blanks_and_line_breaks_in_an_address_are_dropped_as_browsers_do() -> None:
    assert found("<a href=' /one\n/two '>x</a>") == ["https://example.com/one/two"]


def test_the_first_base_counts_and_is_itself_relative_to_the_page() -> None:
    html = "<head><base target=_top><base href='/docs/'><base href='https://example.org/'></head><a href=x>x</a>"
    assert found(html) == ["https://example.com/docs/x"]


@pytest.mark.parametrize("base", ["javascript:1", "data:,x", "mailto:a@b.c", "http://[", ""])
def test_a_base_that_is_no_web_address_is_ignored(base: str) -> None:
    assert found(f"<head><base href='{base}'></head><a href=x>x</a>") == ["https://example.com/a/x"]


@pytest.mark.parametrize("rel", ["nofollow", "NoFollow noopener", "ugc", "external sponsored"])
def test_links_the_page_does_not_vouch_for_are_marked(rel: str) -> None:
    page = tree(f"<a rel='{rel}' href=/x>x</a><a rel=noopener href=/y>y</a>")
    assert [link.nofollow for link in links.of(page, HERE)] == [True, False]
    assert links.urls(page, HERE, follow=True) == ["https://example.com/y"]


def test_a_link_without_words_takes_those_of_its_image_or_its_label() -> None:
    html = "<a href=/1><img alt='A  tree'></a><a href=/2 aria-label=Menu><svg></svg></a><a href=/3><b>One</b> two</a>"
    assert [link.text for link in links.of(tree(html), HERE)] == ["A tree", "Menu", "One two"]


def test_of_two_links_to_one_address_the_one_with_words_is_kept() -> None:
    page = tree("<a href=/x><img></a><a href=/x>Words</a><a href=/x>More</a>")
    assert [link.text for link in links.of(page, HERE)] == ["Words"]


def test_a_page_of_a_million_links_is_cut() -> None:
    page = tree("".join(f"<a href=/{number}>" + "</a>" for number in range(links.MAX_LINKS + 5)))
    assert len(links.urls(page, HERE)) == len(links.of(page, HERE)) == links.MAX_LINKS


@given(st.from_regex(hrefs.PLAIN, fullmatch=True))
def test_the_quick_way_changes_no_absolute_address(url: str) -> None:
    assert hrefs.absolute(url, HERE) in (url, None)


@given(st.from_regex(hrefs.PLAIN_PATH, fullmatch=True))
def test_the_quick_way_joins_as_the_standard_does(path: str) -> None:
    assert hrefs.resolver(HERE)(path) == hrefs.absolute(path, HERE)
