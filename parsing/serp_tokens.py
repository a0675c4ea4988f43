"""The ids and class names that a page uses: read once, so that a selector which cannot match is never tried."""

import re
from collections.abc import KeysView
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAIN_ID = "rcnt"  # results, side column and what stands above them, 2012-2026; half of a desktop page's elements
PARTS = re.compile(r",\s*(?![^(]*\))")  # the commas between selectors, not those inside `:is(…)` or `:not(…)`
NEGATION = re.compile(r":(?:not|is)\([^)]*\)")
NEEDED = re.compile(r"([#.])([\w-]+)")


class Tokens(NamedTuple):
    """The ids of a page with their first elements, the class names of its main part, and that part."""

    elements: dict[str, LexborNode]
    classes: frozenset[str]
    main: LexborNode

    @property
    def ids(self) -> KeysView[str]:
        """All ids of the page."""
        return self.elements.keys()


class Cue(NamedTuple):
    """One selector with the id or class name without which it matches nothing. `enough`: they alone decide."""

    selector: str
    ids: frozenset[str]
    classes: frozenset[str]
    enough: bool
    root: str | None  # where a selector begins with an id, that id; `inner` is the rest
    inner: str

    def matches(self, tokens: Tokens) -> bool:
        """Whether the page has such an element."""
        if not (self.ids <= tokens.ids and self.classes <= tokens.classes):
            return False
        root = tokens.elements[self.root] if self.root else tokens.main
        return self.enough or root.css_first(self.inner) is not None


def of_page(tree: LexborHTMLParser) -> Tokens:
    """The page's ids and class names. `tree` must have a body.

    >>> of_page(LexborHTMLParser('<p id=a class="b c"><p class="c">')).classes == {"b", "c"}
    True
    """
    elements: dict[str, LexborNode] = {}
    for node in tree.css("[id]"):
        elements.setdefault(node.id or "", node)
    main = elements.get(MAIN_ID) or tree.root
    assert main is not None
    values = {node.attrs["class"] for node in main.css("[class]")}
    return Tokens(elements, frozenset(name for value in values if value for name in value.split()), main)


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
    is_enough = re.fullmatch(r"[#.][\w-]+", selector) is not None
    below = re.fullmatch(r"#([\w-]+) ([^>].*)", selector)
    return Cue(selector, ids, classes, is_enough, below[1] if below else None, below[2] if below else selector)
