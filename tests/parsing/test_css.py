"""Selectors on hand-written and on hostile pages."""

import random

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

import errors
from parsing import css

PARTS = (
    "div", "b", "i", "span", ".x", ".y", "*", "b.x", ":not(.x)", ":first-child", ":nth-child(2n+1)", "div:has(> b)", "i:has(b)",
    ":is(b,i)", ":not(div b)", "div:has(+ i)",
)  # fmt: skip
JOINTS = (" ", " > ", " + ", "~", " ~ ", ">", "\n", ", ")


def matching(page: LexborHTMLParser, selector: str) -> list[int]:
    return [node.mem_id for node in css.select(page, selector)]


def naive(page: LexborHTMLParser, selector: str) -> list[int]:
    """What matches by the standard, tried in every way."""
    known = {step.compound: {one.mem_id for one in page.css(step.compound)} for path in css.parse(selector) for step in path}

    def candidates(node: LexborNode, combinator: str) -> list[LexborNode]:
        found, other = [], node.parent if combinator in " >" else node.prev
        while other is not None:
            found += [other] if other.is_element_node else []
            other = other.parent if combinator in " >" else other.prev
        return found[:1] if combinator in ">+" else found

    def fits(node: LexborNode, path: css.Path) -> bool:
        if node.mem_id not in known[path[-1].compound]:
            return False
        return len(path) == 1 or any(fits(other, path[:-1]) for other in candidates(node, path[-1].combinator))

    return [node.mem_id for node in page.css("*") if any(fits(node, path) for path in css.parse(selector))]


def some_page(lots: random.Random, depth: int = 0) -> str:
    if depth > 4:
        return "x"
    tags = [(lots.choice(("div", "b", "i", "span")), lots.choice("xy")) for _ in range(lots.randint(1, 4))]
    return "".join(
        "t" if lots.random() < 0.3 else f"<{tag} class={name}>{some_page(lots, depth + 1)}</{tag}>" for tag, name in tags
    )


@pytest.mark.parametrize("seed", range(5))
def test_any_selector_finds_what_the_standard_says(seed: int) -> None:
    lots = random.Random(seed)
    for _ in range(100):
        page = LexborHTMLParser(some_page(lots))
        selector = lots.choice(PARTS) + "".join(lots.choice(JOINTS) + lots.choice(PARTS) for _ in range(lots.randint(0, 3)))
        assert matching(page, selector) == naive(page, selector), selector


@pytest.mark.parametrize(
    ("selector", "fault"),
    [
        ("", "empty"), ("  ", "empty"), ("a[", "']' is missing"), ("a:not(b", "')' is missing"), ('a[href="x', "'\"' is missing"),
        ("a)", "closes nothing"), ("a,", "comma"), (",a", "comma"), ("a,,b", "comma"), ("> a", "left"), ("a > > b", "left"),
        ("a >", "right"), ("a\\", "backslash"), ("#1", "digit"), ("a/* x */", "comment"), ("//a", "no CSS"), ("a:foo", "no CSS"),
        ("a::before", "no CSS"), ("a{}", "no CSS"), ("\ud800", "no CSS"), ("a:hover", ":hover"), ("a || b", "no CSS"),
        ("div:has(div:has(a))", "only one :has"), (":nth-child(2 of p)", "`of`"), ("*:has(a b c)", "at most one"),
        (":not(a b c)", "at most one"), (":is(a :is(b c))", "at most one"),
        ("a" * 501, "501 characters"), (":not(" * 13 + "a" + ")" * 13, "few"),
    ],
)  # fmt: skip
def test_a_selector_that_cannot_be_read_is_refused_with_its_fault(selector: str, fault: str) -> None:
    with pytest.raises(errors.DataError, match=r"selector .*Give CSS") as caught:
        css.parse(selector)
    assert fault in str(caught.value)


DEEP = "<div>" * 2_000 + "x"
WIDE = "<p>x</p>" * 30_000
ARCHES = ("<div>" * 50 + "<p>a</p><p>b</p>" + "</div>" * 50) * 100


@pytest.mark.parametrize("page", [DEEP, WIDE, ARCHES], ids=["deep", "wide", "arches"])
@pytest.mark.parametrize(
    "selector",
    ["x div div div div div", "* * * * * * y", "x ~ p ~ p ~ p", "x :is(div,p) :is(div,p) ~ p", "div:has(div x)", "p:has(~ x)",
     "p:nth-child(odd)", "div:nth-last-of-type(2n):has(x)", "*:not(div x)", '*:contains("q")'],
)  # fmt: skip
def test_no_selector_takes_long_on_any_page(page: str, selector: str) -> None:
    """Lexbor alone needs hours for some of these. A refusal is fine, a long silence is not: the suite would hang."""
    try:
        css.select(LexborHTMLParser(page), selector)
    except errors.DataError as error:
        assert "too long" in str(error)


def test_a_node_that_matches_two_parts_of_a_list_is_found_once() -> None:
    page = LexborHTMLParser("<div><i>1</i></div><i>2</i>")
    assert [node.text() for node in css.select(page, "i, div > i, i")] == ["1", "2"]


def test_blanks_inside_quotes_are_part_of_the_value() -> None:
    page = LexborHTMLParser("<a title='x  > y, z'>1</a><a title='x > y, z'>2</a>")
    assert [node.text() for node in css.select(page, "body a[title='x  > y, z']")] == ["1"]
