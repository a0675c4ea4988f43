"""Any page gives a tree in bounded time, and its text stays."""

import time
from collections.abc import Callable

import pytest

import errors
from parsing import tree

#: Patterns whose bare parsing takes time that grows with the square of their length.
HOSTILE: dict[str, Callable[[int], str]] = {
    "nested blocks": lambda n: "<div>" * n,
    "nested lists": lambda n: "<ul><li>" * n,
    "nested tables": lambda n: "<table><tr><td>" * n,
    "open formatting": lambda n: "".join(f"<b id={i}>" for i in range(n)),
    "open formatting in paragraphs": lambda n: "".join(f"<p><b id={i}>x" for i in range(n)),
    "formatting of many kinds": lambda n: "<b><i><a>" * n,
    "links in drawings": lambda n: "<svg>" + "<a><td>" * n,
    "wrong end tags": lambda n: "<div></x>" * n,
    "ends in attributes": lambda n: '<div a="</div>">' * n,
    "attributes": lambda n: "<div " + " ".join(f"a{i}" for i in range(n)) + ">",
    "attributes with tags in them": lambda n: "<div " + " ".join(f'a{i}="<b></b>"' for i in range(n)) + ">",
    "attributes of the root": lambda n: "".join(f"<html a{i}>" for i in range(n)),
    "comments that never end": lambda n: "<!-- <div>" * n,
    "scripts that never end": lambda n: "<script>" * n,
    "tags that never end": lambda n: "<div <div " * n,
    "quotes that never end": lambda n: "<div a=\"' " * n,
}


def seconds(html: str) -> float:
    begin = time.process_time()
    tree.parse(html)
    return time.process_time() - begin


@pytest.mark.parametrize("name", HOSTILE)
def test_four_times_the_page_takes_no_more_than_twelve_times_as_long(name: str) -> None:
    small, large = (min(seconds(HOSTILE[name](size)) for _ in range(3)) for size in (10_000, 40_000))
    assert large < max(12 * small, 0.02 * 12)


@pytest.mark.parametrize("name", HOSTILE)
def test_words_after_a_hostile_beginning_are_kept(name: str) -> None:
    if "never end" in name:
        pytest.skip("the words stand inside the tag")
    page = HOSTILE[name](20_000)
    closed = "</svg></table>" if "table" in name or "drawings" in name else ""
    body = tree.parse(page + closed + "<p>last words</p>").body
    assert body is not None and "last words" in body.text()


def test_an_ordinary_page_is_not_touched() -> None:
    page = b"<html><body><article><h1>A</h1><p>b <b>c</b></article></body></html>" + b"<p><i>d</i></p>" * 500
    assert tree.bounded(page) is page


def test_a_long_ordinary_page_keeps_all_its_tags() -> None:
    item = '<li class=x><a href="/a?b=1&c">one <b>two</b></a><p>three <img src=a.png><br>'
    page = ("<svg><path d=M0/></svg><ul>" + item * 3_000 + "</ul>" + '<table><tr><td>a<td data-x="a>b">c</table>' * 300).encode()
    assert tree.bounded(page) == page


def test_a_long_attribute_is_kept() -> None:
    page = f'<div data-page="{"a b=c " * 10_000}">x</div>'
    assert tree.bounded(page.encode()) == page.encode()


def test_nested_blocks_are_flattened_to_a_depth_that_walks_survive() -> None:
    deepest, node = 0, tree.parse("<div>" * 50_000 + "x").root
    while node is not None:
        deepest, node = deepest + 1, node.child
    assert deepest <= tree.MAX_DEPTH + 10


@pytest.mark.parametrize("page", ["", " ", "\0", "x", "\ud800<p>a\udfff", "<", "<!--", "</", "<a", "&#xD800;", "<script>"])
def test_junk_gives_a_tree(page: str) -> None:
    assert tree.parse(page).root is not None


def test_a_page_of_frames_gives_a_tree_without_body() -> None:
    assert tree.parse("<frameset><frame src=a></frameset>").body is None


@pytest.mark.parametrize("page", ["x" * (tree.MAX_CHARACTERS + 1), "<p>" * (tree.MAX_TAGS + 1)])
def test_a_page_beyond_the_bounds_is_refused_with_the_bound(page: str) -> None:
    with pytest.raises(errors.DataError, match="Pages of up to"):
        tree.parse(page)


def test_siblings_are_no_nesting() -> None:
    found = tree.parse("<p>a" * 200_000).css("p")
    assert len(found) == 200_000
