"""Each feature is found by each of its selectors, and shortcuts find no more and no less than the selectors do."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from parsing import serp, serp_features, serp_tokens
from tests.parsing import samples
from tests.parsing.pages import page, result

COMPOUND = re.compile(r"[^\s>]+(?:\[[^\]]*\])*")
PARTS = re.compile(r"([#.])([\w-]+)|\[([\w-]+)(?:(\*?=)'?([^\]']*)'?)?\]")
ALTERNATIVES = [(name, cue.selector) for name, cues in serp_features.CUES.items() for cue in cues.every]


def markup(selector: str) -> str:
    """The smallest page part that a selector describes."""
    opening = []
    for compound in COMPOUND.findall(serp_tokens.NEGATION.sub("", selector)):
        tag = re.match(r"[a-z][a-z-]*", compound)
        found = PARTS.findall(compound)
        names = [f'id="{name}"' for kind, name, *_ in found if kind == "#"]
        names += [f'class="{" ".join(name for kind, name, *_ in found if kind == ".")}"']
        names += [f'{attribute}="{value}"' for *_, attribute, _, value in found if attribute]
        opening.append(f"<{tag[0] if tag else 'div'} {' '.join(names)}>")
    return "".join(opening) + "oak" + "".join(f"</{each[1:].split()[0]}>" for each in reversed(opening))


def by_selectors(html: str) -> set[str]:
    """What the selectors find one by one: ids anywhere on the page, all else in its main part."""
    tree = LexborHTMLParser(html)
    main = tree.css_first("#rcnt") or tree.root
    assert main is not None
    return {name for name, selector in ALTERNATIVES if (tree if selector[0] == "#" else main).css_first(selector) is not None}


def found(html: str) -> frozenset[str]:
    return serp_features.find(serp_tokens.of_page(LexborHTMLParser(html)))


@pytest.mark.parametrize(("name", "selector"), ALTERNATIVES)
def test_each_selector_shows_its_feature(name: str, selector: str) -> None:
    html = f'<div id="rcnt">{markup(selector)}</div>'

    assert name in by_selectors(html) and found(html) == by_selectors(html)


@pytest.mark.parametrize(("name", "selector"), ALTERNATIVES)
def test_a_name_without_its_place_shows_nothing(name: str, selector: str) -> None:
    last = serp_tokens.NEGATION.sub("", selector).split(" ")[-1]
    html = f'<div id="rcnt">{markup(last)}</div>'

    assert found(html) == by_selectors(html)


def test_an_attribute_counts_by_its_value() -> None:
    other = page(result("https://a.test/"), '<p jsname="yEVEwc"><b data-q="oak"></b></p><p jscontroller="eLjrW"></p>')

    assert found(other) & {"people_also_ask", "recipes"} == set()
    assert "people_also_ask" in found(other.replace("yEVEwc", "yEVEwb"))


def test_recorded_pages_show_what_their_selectors_find() -> None:
    samples.need_corpus()
    for row in samples.rows("truth.jsonl"):
        text = serp.decode(samples.page(row["file"]))
        assert found(text) == by_selectors(text), row["file"]
