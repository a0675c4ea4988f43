"""The ids and class names that a page uses: read once, so that a selector which cannot match is never tried."""

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAIN_ID = "rcnt"  # results, side column and what stands above them, 2012-2026; half of a desktop page's elements
PARTS = re.compile(r",\s*(?![^(]*\))")  # the commas between selectors, not those inside `:is(…)` or `:not(…)`
NEGATION = re.compile(r":(?:not|is)\([^)]*\)")
NEEDED = re.compile(r"([#.])([\w-]+)")
NAME = re.compile(r"[#.][\w-]+")
CUSTOM_TAG = re.compile(r"(?<![\w#.-])[a-z]+(?:-[a-z]+)+")
BELOW_ID = re.compile(r"#([\w-]+) ([^>].*)")


class Tokens(NamedTuple):
    """The ids of a page with their first elements, the class names of its main part, that part, and the whole tree."""

    elements: dict[str, LexborNode]
    ids: frozenset[str]
    classes: frozenset[str]
    main: LexborNode
    tree: LexborHTMLParser


class Cue(NamedTuple):
    """One selector with the id or class name without which it matches nothing. `enough`: they alone decide."""

    selector: str
    ids: frozenset[str]
    classes: frozenset[str]
    enough: bool
    root: str | None  # where a selector begins with an id, that id; `inner` is the rest
    inner: str
    tags: tuple[str, ...]  # the tags of Google's own that it needs

    def matches(self, tokens: Tokens) -> bool:
        """Whether the page has such an element."""
        if not (self.classes <= tokens.classes and self.ids <= tokens.ids):
            return False
        if self.enough:
            return True
        if not all(map(tokens.tree.tags, self.tags)):  # a tag that a page never names costs no walk
            return False
        root = tokens.elements[self.root] if self.root else tokens.main
        return root.css_first(self.inner) is not None


class Cues(NamedTuple):
    """The selectors of one list, the cheapest first. `unnamed`: those that need no id and no class name."""

    every: tuple[Cue, ...]
    unnamed: tuple[Cue, ...]
    ids: frozenset[str]
    classes: frozenset[str]

    def match(self, tokens: Tokens) -> bool:
        """Whether the page has an element that any selector describes."""
        is_named = not (self.classes.isdisjoint(tokens.classes) and self.ids.isdisjoint(tokens.ids))
        return any(cue.matches(tokens) for cue in (self.every if is_named else self.unnamed))


def of_page(tree: LexborHTMLParser) -> Tokens:
    """The page's ids and class names. `tree` must have a body.

    >>> of_page(LexborHTMLParser('<p id=a class="b c"><p class="c">')).classes == {"b", "c"}
    True
    """
    elements = {node.id or "": node for node in reversed(tree.css("[id]"))}  # of two elements the first one stays
    main = elements.get(MAIN_ID) or tree.root
    assert main is not None
    return Tokens(elements, frozenset(elements), _classes(main), main, tree)


def _classes(main: LexborNode) -> frozenset[str]:
    """All class names of a part of the page. A page has a thousand elements with some two hundred values."""
    values = {node.attrs["class"] for node in main.css("[class]")}
    return frozenset(" ".join(filter(None, values)).split())


def cues(selectors: str) -> Cues:
    """The parts of a selector list.

    >>> [cue.enough for cue in cues("#rso .a, .b, [data-x]").every]
    [True, False, False]
    """
    every = tuple(sorted(map(_cue, PARTS.split(selectors)), key=lambda cue: (not cue.enough, not (cue.ids or cue.classes))))
    unnamed = tuple(cue for cue in every if not (cue.ids or cue.classes))
    ids = frozenset(name for cue in every for name in cue.ids)
    return Cues(every, unnamed, ids, frozenset(name for cue in every for name in cue.classes))


def _cue(selector: str) -> Cue:
    bare = NEGATION.sub("", selector.partition("[")[0] + "".join(re.findall(r"\]([^\[]*)", selector)))
    needed = NEEDED.findall(bare)
    ids = frozenset(name for kind, name in needed if kind == "#")
    classes = frozenset(name for kind, name in needed if kind == ".")
    below = BELOW_ID.fullmatch(selector)
    root, inner = (below[1], below[2]) if below else (None, selector)
    return Cue(selector, ids, classes, NAME.fullmatch(selector) is not None, root, inner, tuple(CUSTOM_TAG.findall(bare)))
