"""The ids and class names that a page uses: read once, so that a selector which cannot match is never tried."""

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

PARTS = re.compile(r",\s*(?![^(]*\))")  # the commas between selectors, not those inside `:is(…)` or `:not(…)`
NEGATION = re.compile(r":(?:not|is)\([^)]*\)")
NEEDED = re.compile(r"([#.])([\w-]+)")


class Tokens(NamedTuple):
    """All ids and all class names of one page."""

    ids: frozenset[str]
    classes: frozenset[str]


class Cue(NamedTuple):
    """One selector with the id or class name without which it matches nothing. `enough`: they alone decide."""

    selector: str
    ids: frozenset[str]
    classes: frozenset[str]
    enough: bool

    def matches(self, tree: LexborHTMLParser | LexborNode, tokens: Tokens) -> bool:
        """Whether the page has such an element."""
        if not (self.ids <= tokens.ids and self.classes <= tokens.classes):
            return False
        return self.enough or tree.css_first(self.selector) is not None


def of_page(tree: LexborHTMLParser) -> Tokens:
    """The page's ids and class names.

    >>> of_page(LexborHTMLParser('<p id=a class="b c"><p class="c">')).classes == {"b", "c"}
    True
    """
    values = {node.attrs["class"] for node in tree.css("[class]")}
    classes = frozenset(name for value in values if value for name in value.split())
    return Tokens(frozenset(node.id for node in tree.css("[id]") if node.id), classes)


def cues(selectors: str) -> tuple[Cue, ...]:
    """The parts of a selector list, the cheapest first.

    >>> [cue.enough for cue in cues("#rso .a, .b, [data-x]")]
    [True, False, False]
    """
    return tuple(sorted(map(_cue, PARTS.split(selectors)), key=lambda cue: (not cue.enough, not (cue.ids or cue.classes))))


def _cue(selector: str) -> Cue:
    needed = NEEDED.findall(NEGATION.sub("", selector.partition("[")[0] + "".join(re.findall(r"\]([^\[]*)", selector))))
    ids = frozenset(name for kind, name in needed if kind == "#")
    classes = frozenset(name for kind, name in needed if kind == ".")
    return Cue(selector, ids, classes, re.fullmatch(r"[#.][\w-]+", selector) is not None)
