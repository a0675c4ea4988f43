"""From a tree to the lines of a page: each with its text, its links, and the boxes around it.

One walk reads everything that the rules of `scores.py` ask for. What no reader sees is left out: scripts, hidden parts, controls.
Navigation, footers and asides are put aside whole; `contacts.py` looks through them once more.
"""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing.content import folds, formulas, names

NO_TEXT = """
script style noscript template svg math mjx-math rp iframe object embed canvas audio video button select input textarea option
datalist link meta head map progress meter
"""
BLOCK = """
address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form
frameset header hgroup hr html legend li main menu nav ol p pre search section summary table tbody td tfoot th thead tr ul
"""
INVISIBLE = frozenset(NO_TEXT.split())
ASIDE = frozenset(("nav", "footer", "aside"))
ASIDE_ROLES = frozenset(("navigation", "contentinfo", "banner", "complementary", "dialog", "alertdialog", "search", "menu"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
FOLDED = HEADINGS | frozenset(("summary", "dt"))
PERMALINKS = frozenset("#¶§🔗")
BLOCKS = HEADINGS | frozenset(BLOCK.split())
# Inline tags that markdown shows.
MARKED = frozenset(("a", "b", "strong", "i", "em", "code", "img", "sub", "sup", "del", "s", "kbd", "q", "rt"))
SMALL = frozenset(("sub", "sup"))
HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![\w-])(?:left|top|right)\s*:\s*-\d{4,}(?:px|em|rem)", re.IGNORECASE
)
BOX = "box"  # in the stack of a walk: a block element, not an inline one
ENOUGH_LEFT = 0.15  # if less than this part of the words is left, nothing is put aside


@dataclass(slots=True, eq=False)
class Box:
    """A block element: what it is called, and what stands in it."""

    tag: str
    names: frozenset[str]
    parent: "Box | None"
    index: int
    key: tuple[str, str | None]
    node: LexborNode
    depth: int = 0
    words: int = 0
    link_words: int = 0
    good_words: int = 0  # in lines that read like prose
    lines: int = 0


@dataclass(slots=True, eq=False)
class Line:
    """Text without a break in it. `marks` are (index into `parts`, tag, node or None where the tag ends)."""

    text: str
    words: int
    link_words: int
    box: Box
    parts: list[str]
    marks: list[tuple[int, str, LexborNode | None]]


@dataclass(slots=True)
class Outline:
    """The lines and boxes of a page, and the parts that were put aside."""

    lines: list[Line] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    aside: list[LexborNode] = field(default_factory=list)


def of(tree: LexborHTMLParser) -> Outline:
    """The outline of a page. A page that is all navigation keeps it."""
    body = tree.body
    if body is None:
        return Outline()
    outline = _Walk(body, puts_aside=True).outline
    if outline.aside:
        left = sum([line.words for line in outline.lines])
        if left < ENOUGH_LEFT * (left + sum([len(node.text().split()) for node in outline.aside])):
            everything = _Walk(body, puts_aside=False).outline
            if len(everything.lines) > 2 * len(outline.lines):
                return everything
    return outline


def below(node: LexborNode) -> Outline:
    """The outline of one part of a page, with everything in it."""
    return _Walk(node, puts_aside=False).outline


def _shadow_of(template: LexborNode) -> LexborNode | None:
    """What a browser shows of a `<template>`: the content of one with `shadowrootmode`, and nothing of another."""
    if "shadowrootmode" not in template.attributes:
        return None
    return next(iter(template.template_fragments()), None)


class _Walk:
    """One walk through a tree, without recursion."""

    def __init__(self, body: LexborNode, *, puts_aside: bool) -> None:
        self.outline = Outline()
        self.puts_aside = puts_aside
        self.parts: list[str] = []
        self.marks: list[tuple[int, str, LexborNode | None]] = []
        self.open: list[tuple[str, LexborNode]] = []  # inline tags that go on in the next line
        self.stack: list[tuple[LexborNode, Box, str]] = []  # what to go back to: an element, the box outside of it, its mark
        self.link_words = self.links = self.pre = self.empty_rows = 0
        self.folds = folds.Folds(body)
        self.tex = formulas.Reader(body)
        self._run(body)

    def _run(self, body: LexborNode) -> None:
        box = self._box(body, "body", body.attributes, None)
        node, stack, blocks = body.child, self.stack, BLOCKS
        stack.append((body, box, BOX))
        while True:
            if node is None:
                node, outer, mark = stack.pop()
                if mark is BOX:
                    if self.parts or self.marks or self.pre:
                        self._flush(box)
                    self.pre -= box.tag == "pre"
                    if not stack:
                        return
                    box = outer
                elif mark:
                    self._end(mark)
            elif (tag := node.tag or "") == "-text":
                text = node.text_content
                if text and (self.parts or self.pre or not text.isspace()):
                    self.parts.append(text if self.pre else self.tex.seen(text, self.open))
                    if self.links:
                        self.link_words += len(text.split())
            elif tag == "br":
                self._break(box)
            elif tag == "template" and (shadow := _shadow_of(node)) is not None:
                stack.append((node, box, ""))
                node = shadow.child
                continue
            elif not self._is_left_out(node, tag, attributes := node.attributes, box):
                if tag in blocks or (tag == "button" and box.tag not in FOLDED):
                    stack.append((node, box, BOX))
                    if self.parts or self.marks:
                        self._flush(box)
                    box = self._box(node, "summary" if tag == "button" else tag, attributes, box)
                    self.pre += tag == "pre"
                else:
                    stack.append((node, box, self._begin(node, tag) if tag in MARKED else ""))
                node = node.child
                continue
            node = node.next

    def _begin(self, node: LexborNode, tag: str) -> str:
        """Begin an inline element that markdown shows; returns its mark."""
        if tag == "img" and (tex := formulas.of_image(node.attributes)):
            self.parts.append(tex)
            return ""
        if tag == "rt":  # how a word is read
            self.parts.append("(")
            return tag
        self.marks.append((len(self.parts), tag, node))
        self.open.append((tag, node))
        self.links += tag == "a"
        return tag

    def _end(self, mark: str) -> None:
        if mark == "rt":
            self.parts.append(")")
            return
        self.links -= mark == "a"
        _, node = self.open.pop()
        if mark in SMALL:
            formulas.raised(self.parts, next((at for at, _, own in reversed(self.marks) if own is node), 0), mark)
        is_sign = mark == "a" and self.parts and self.parts[-1] in PERMALINKS and self.marks[-1][2] is node
        if is_sign and (node.attributes.get("href") or "").startswith("#"):
            self.parts[-1] = ""  # the link of a heading to itself
            self.link_words -= 1
            self.marks.pop()
        else:
            self.marks.append((len(self.parts), mark, None))

    def _is_left_out(self, node: LexborNode, tag: str, attributes: dict[str, str | None], box: Box) -> bool:
        """Whether an element is no text, hidden, or put aside. A button in a heading is the heading of what it folds out."""
        if tag in INVISIBLE or tag[:1] == "-":
            if tag == "button" and (box.tag in FOLDED or self.folds.is_label(node, attributes)):
                return False
            if tex := formulas.of_math(node) if tag == "math" else formulas.of_script(node) if tag == "script" else "":
                self.parts.append(tex)
            elif self.parts and tag != "rp":
                self.parts.append(" ")
            return True
        if not attributes:
            is_source = tag == "footer" and box.tag == "blockquote"  # who said it
            return self.puts_aside and tag in ASIDE and not is_source and self._put_aside(node)
        if "hidden" in attributes or ("style" in attributes and HIDDEN_STYLE.search(attributes["style"] or "")):
            return not self.folds.is_panel(node, attributes)
        if (class_ := attributes.get("class")) and ("MathJax" in class_ or "katex" in class_) and formulas.is_drawn(node, class_):
            return True
        return (
            self.puts_aside
            and (tag in ASIDE or ("role" in attributes and attributes["role"] in ASIDE_ROLES))
            and self._put_aside(node)
        )

    def _put_aside(self, node: LexborNode) -> bool:
        self.outline.aside.append(node)
        return True

    def _box(self, node: LexborNode, tag: str, attributes: dict[str, str | None], parent: Box | None) -> Box:
        boxes = self.outline.boxes
        groups, name = (names.of(attributes), attributes.get("class")) if attributes else (names.NONE, None)
        box = Box(tag, groups, parent, len(boxes), (tag, name), node, parent.depth + 1 if parent is not None else 0)
        boxes.append(box)
        return box

    def _break(self, box: Box) -> None:
        if self.pre:
            self.parts.append("\n")
        elif self.parts or self.marks:
            self._flush(box)

    def _flush(self, box: Box) -> None:
        """End the line."""
        parts, marks = self.parts, self.marks
        raw = parts[0] if len(parts) == 1 else "".join(parts)
        words = raw.split()
        if words or any(tag == "img" for _, tag, _ in marks):
            text = "\n" * self.empty_rows + raw.strip("\r\n") if self.pre else " ".join(words)
            self.empty_rows = 0
            count, links = len(words), self.link_words
            self.outline.lines.append(Line(text, count, links if links < count else count, box, parts, marks))
        elif self.pre:
            self.empty_rows += box.tag != "pre" and box.node.child is None  # an empty row of code is shown, too
        self.parts, self.link_words = [], 0
        self.marks = [(0, tag, node) for tag, node in self.open] if self.open else []
