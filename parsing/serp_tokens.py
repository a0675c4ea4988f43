"""The ids and class names that a page uses. They are read once, so that a selector that cannot match is never tried."""

import operator
import re
from collections.abc import Iterable
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

Key = tuple[str, str]  # an attribute with its value, or with "" for any value

MAIN_ID = "rcnt"  # results, side column and what stands above them, 2012-2026; half of a desktop page's elements
PARTS = re.compile(r",\s*(?![^(]*\))")  # the commas between selectors, not those inside `:is(…)` or `:not(…)`
NEGATION = re.compile(r":(?:not|is)\([^)]*\)")
NEEDED = re.compile(r"([#.])([\w-]+)")
NAME = re.compile(r"[#.][\w-]+")
CUSTOM_TAG = re.compile(r"(?<![\w#.-])[a-z]+(?:-[a-z]+)+")
ATTRIBUTE = re.compile(r"\[([\w-]+)(?:=(\w+))?\]")
BELOW_ID = re.compile(r"#([\w-]+) ([^>].*)")


ATTRIBUTES_OF, CLASS_OF = operator.attrgetter("attrs"), operator.itemgetter("class")


class Tokens(NamedTuple):
    """The ids of a page with their first elements, the class names of its main part, that part, and the whole tree."""

    elements: dict[str, LexborNode]
    ids: frozenset[str]
    classes: frozenset[str]
    main: LexborNode
    tree: LexborHTMLParser


class Cue(NamedTuple):
    """One selector with the ids and class names that it needs. `enough`: the page matches as soon as it has the names."""

    selector: str
    ids: frozenset[str]
    classes: frozenset[str]
    enough: bool
    root: str | None  # the id that the selector begins with; `inner` is the rest
    inner: str
    tags: tuple[str, ...]  # the tags of Google's own that it needs
    key: Key | None  # an attribute that it needs, where it needs no id and no class name

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
    """The selectors of one list, the cheapest first. `unnamed`: the selectors that need no id and no class name."""

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
    values = set(map(CLASS_OF, map(ATTRIBUTES_OF, main.css("[class]"))))
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


def keys_of(main: LexborNode, wanted: Iterable[Key]) -> frozenset[Key]:
    """Which of some attributes stand on a part of a page: one look at it instead of one for each.

    >>> page = LexborHTMLParser('<p data-a=1><p jsname=x>')
    >>> sorted(keys_of(page.body, [("data-a", ""), ("data-b", ""), ("jsname", "x"), ("jsname", "y")]))
    [('data-a', ''), ('jsname', 'x')]
    """
    found: set[Key] = set()
    for node in main.css(", ".join([f"[{name}={value}]" if value else f"[{name}]" for name, value in wanted])):
        attributes = node.attributes
        found.update([key for key in wanted if key[0] in attributes and key[1] in ("", attributes[key[0]])])
    return frozenset(found)


def _cue(selector: str) -> Cue:
    bare = NEGATION.sub("", selector.partition("[")[0] + "".join(re.findall(r"\]([^\[]*)", selector)))
    needed = NEEDED.findall(bare)
    ids = frozenset(name for kind, name in needed if kind == "#")
    classes = frozenset(name for kind, name in needed if kind == ".")
    below = BELOW_ID.fullmatch(selector)
    root, inner = (below[1], below[2]) if below else (None, selector)
    attribute = ATTRIBUTE.match(selector) if not needed else None
    key = (attribute[1], attribute[2] or "") if attribute else None
    return Cue(selector, ids, classes, NAME.fullmatch(selector) is not None, root, inner, tuple(CUSTOM_TAG.findall(bare)), key)
