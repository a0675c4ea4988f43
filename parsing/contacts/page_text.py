"""The text of a page in lines, and where its links and marked parts stand in it.

Cells of one row are parted by a tab, blocks by a line feed. Of a very long page the beginning and the end are read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import node_text

MAX_HEAD, MAX_TAIL = 150_000, 50_000  # characters: the footer names the company
MAX_MARKS = 20_000
MAX_SNIPPET = 200
LEFT_OUT = frozenset(("script", "style", "template", "select", "textarea", "svg", "math", "iframe", "object", "head", "canvas"))
CELLS = frozenset(("td", "th", "dd"))
MARKED = frozenset(("a", "address", "h1", "h2", "h3", "h4", "h5", "h6"))
BLANKS = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
CARDS = frozenset(("vcard", "h-card", "adr", "h-adr"))

#: Within a line: what nobody sees keeps programs from reading an address, and so does what stands there backwards.
SPANS = frozenset(("span", "b", "i", "em", "strong", "u", "small", "font", "bdo", "bdi"))
UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|(?<![\w-])(?:left|top|right)\s*:\s*-\d{4,}px",
    re.IGNORECASE,
)
BACKWARDS = re.compile(r"bidi-override.*direction\s*:\s*rtl|direction\s*:\s*rtl.*bidi-override", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True, frozen=True)
class Mark:
    """An element and the part of the text that stands in it."""

    node: LexborNode
    tag: str
    start: int
    end: int


@dataclass(slots=True)
class PageText:
    """The text, its links (`a`), and its other marked elements in the order they end."""

    text: str = ""
    links: list[Mark] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def line_at(self, position: int, end: int | None = None) -> str:
        """The line around a position, cut to a snippet."""
        begin = self.text.rfind("\n", 0, position) + 1
        stop = self.text.find("\n", max(end or 0, position))
        stop = len(self.text) if stop < 0 else stop
        if stop - begin > MAX_SNIPPET:
            begin = max(begin, position - MAX_SNIPPET // 2)
            stop = min(stop, begin + MAX_SNIPPET)
        return " ".join(self.text[begin:stop].split())[:MAX_SNIPPET]


def of(tree: LexborHTMLParser) -> PageText:
    """Read a page once, without recursion; the time grows with its size only.

    >>> of(LexborHTMLParser("<p>one\\n two<br>three</p><table><tr><td>a<td>b")).text
    'one two\\nthree\\na\\tb\\n'
    """
    body = tree.body
    return _cut(_Walk(body)) if body is not None else PageText()


def _cut(walk: "_Walk") -> PageText:
    text = "".join(walk.parts)
    gap = len(text) - MAX_HEAD - MAX_TAIL
    if gap <= 0:
        return PageText(text, walk.links, walk.marks)
    after = MAX_HEAD + gap
    links, marks = ([*_moved(some, after, gap - 1)] for some in (walk.links, walk.marks))
    return PageText(f"{text[:MAX_HEAD]}\n{text[after:]}", links, marks)


def _moved(marks: list[Mark], after: int, by: int) -> Iterator[Mark]:
    for mark in marks:
        if mark.end <= MAX_HEAD:
            yield mark
        elif mark.start >= after:
            yield Mark(mark.node, mark.tag, mark.start - by, mark.end - by)


class _Walk:
    def __init__(self, body: LexborNode) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.last = "\n"
        self.links: list[Mark] = []
        self.marks: list[Mark] = []
        self._run(body)

    def _run(self, body: LexborNode) -> None:
        stack: list[tuple[LexborNode, str, int, int]] = [(body, "body", 0, -1)]
        node = body.child
        while True:
            if node is None:
                node, tag, start, turned = stack.pop()
                if turned >= 0:
                    self.parts[turned:] = ["".join(self.parts[turned:])[::-1]]
                self._end(node, tag, start)
                if not stack:
                    return
            elif (tag := node.tag or "") == "-text":
                self._add(node.text_content or "")
            elif tag == "br":
                self._break("\n")
            elif tag[:1] != "-" and tag not in LEFT_OUT:
                if tag not in node_text.INLINE:
                    self._break("\t" if tag in CELLS and self.last != "\n" else "\n")
                looks = _looks(node, tag) if tag in SPANS else ""
                if looks != "unseen":
                    stack.append((node, tag, self.length, len(self.parts) if looks else -1))
                    node = node.child
                    continue
            node = node.next

    def _end(self, node: LexborNode, tag: str, start: int) -> None:
        if tag == "a":
            if len(self.links) < MAX_MARKS:
                self.links.append(Mark(node, tag, start, self.length))
        elif len(self.marks) < MAX_MARKS and (tag in MARKED or _is_card(node)):
            self.marks.append(Mark(node, tag, start, self.length))
        if tag not in node_text.INLINE and not (tag in CELLS or tag == "dt"):
            self._break("\n")

    def _add(self, text: str) -> None:
        text = BLANKS.sub(" ", text)
        if self.last in " \n\t":
            text = text.lstrip(" ")
        if text:
            self._put(text)

    def _break(self, sign: str) -> None:
        if self.last != "\n" and self.last != sign and self.length:
            self._put(sign)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)
        self.last = text[-1]


def _looks(node: LexborNode, tag: str) -> str:
    """`unseen`, `backwards`, or "" for what is shown as it stands."""
    attributes = node.attributes
    style = attributes.get("style") or ""
    if style and UNSEEN.search(style):
        return "unseen"
    is_turned = tag == "bdo" and (attributes.get("dir") or "").lower() == "rtl"
    return "backwards" if is_turned or (style and BACKWARDS.search(style)) else ""


def _is_card(node: LexborNode) -> bool:
    names = node.attributes.get("class")
    return names is not None and ("card" in names or "adr" in names) and not CARDS.isdisjoint(names.lower().split())
