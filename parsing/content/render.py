"""From the lines that are kept to text, and to plain HTML that has nothing but the structure that markdown can show."""

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from parsing import hrefs, images
from parsing.content import features, formulas
from parsing.content.lines import HEADINGS, Box, Line
from parsing.content.table_cells import CELLS, Columns

LISTS = frozenset(("ul", "ol"))
STRUCTURE = HEADINGS | LISTS | CELLS | frozenset(("li", "table", "tr", "blockquote", "pre"))
INLINE = HEADINGS | CELLS | frozenset(("li", "pre"))  # their text needs no `<p>` around it
ONCE_DEEP = frozenset(("table", "pre", *HEADINGS))  # never inside of another one of them
MAX_STRUCTURE = 24  # lists in lists and quotes in quotes; deeper ones are flattened
MAX_CELL_WORDS, MAX_CELL_LINES = 40, 4  # a table with larger cells on average lays out the page
NO_PAGE = re.compile(r"(?:mailto|tel):", re.IGNORECASE)
MAX_URL = 2_000
MAX_CLASS = 300
LANGUAGE = re.compile(
    r"(?<![\w-])(?:language-|lang-|highlight-source-|brush: ?)([a-z][a-z0-9+#]{0,15})(?=[\s;]|$)", re.IGNORECASE
)
EMPTY_LINK = re.compile(r'<a href="[^"]*"></a>')
NUMBER = re.compile(r"[0-9]{1,6}")
EMPHASIS = {"b": "strong", "i": "em", "s": "del", "kbd": "code"}
Absolute = Callable[[str | None], str | None]


class Structure(NamedTuple):
    """The boxes around a line that markdown can show, the outermost first; their tags; whether the nearest table is one."""

    boxes: tuple[Box, ...] = ()
    tags: frozenset[str] = frozenset()
    is_table: bool | None = None


TOP = Structure()


def text_of(lines: Sequence[Line]) -> str:
    """One line of text for each line; the cells of a table's row stand in one line, with a tab between."""
    pieces: list[str] = []
    row: Box | None = None
    for line, own in zip(lines, _rows_of(lines), strict=True):
        if not line.text:
            continue
        pieces.append("\t" if own is not None and own is row else "\n")
        pieces.append(line.text)
        row = own
    return formulas.shown("".join(pieces[1:]))


def html_of(lines: Sequence[Line], base: str) -> str:
    """Well-formed HTML of headings, paragraphs, lists, tables, quotes, code, links and images. Addresses are absolute."""
    layout, read = _layout_tables(lines), resolver(base)
    known, columns = dict[Box, Structure](), Columns()
    out: list[str] = []
    open_boxes: tuple[Box, ...] = ()
    last: Line | None = None
    for line in lines:
        wanted = _structure(line.box, layout, known).boxes
        goes_on = last is not None
        if wanted is not open_boxes:
            common = _common(open_boxes, wanted)
            goes_on = goes_on and common == len(open_boxes) == len(wanted)
            out.extend(map(_end, reversed(open_boxes[common:])))
            out.extend(_begin(box, columns) for box in wanted[common:])
        out.append(_block(line, wanted[-1].tag if wanted else "", read, is_first=not goes_on))
        open_boxes, last = wanted, line
    out.extend(map(_end, reversed(open_boxes)))
    return "".join(out)


def _common(some: tuple[Box, ...], others: tuple[Box, ...]) -> int:
    """How many boxes two places share."""
    pairs = zip(some, others, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a is not b), min(len(some), len(others)))


def _begin(box: Box, columns: Columns) -> str:
    """The tag that opens a box. Empty cells before a cell are written too, so that it stays in its column."""
    if box.tag == "pre":
        language = _language(box)
        return f'<pre><code class="language-{language}">' if language else "<pre>"
    if box.tag == "li" and NUMBER.fullmatch(number := box.node.attributes.get("value") or ""):
        return f'<li value="{number}">'
    if box.tag == "ol" and NUMBER.fullmatch(start := box.node.attributes.get("start") or ""):
        return f'<ol start="{start}">'
    return "<td></td>" * columns.empty_before(box.node) + f"<{box.tag}>" if box.tag in CELLS else f"<{box.tag}>"


def _end(box: Box) -> str:
    return "</code></pre>" if box.tag == "pre" and _language(box) else f"</{box.tag}>"


def _language(pre: Box) -> str:
    """The language of a code block, as highlighters write it into class names; empty where none is named."""
    code = pre.node.css_first("code")
    outer = pre.parent.node if pre.parent is not None else None
    for node in (code, pre.node, outer):
        if node is not None and (match := LANGUAGE.search((node.attributes.get("class") or "")[:MAX_CLASS])):
            return match[1].lower()
    return ""


def _block(line: Line, innermost: str, read: Absolute, *, is_first: bool) -> str:
    if innermost == "pre":
        return ("" if is_first else "\n") + html.escape(line.text)
    inner = EMPTY_LINK.sub("", "".join(_inline(line, read))) if line.marks else html.escape(line.text)
    if innermost in INLINE:
        return inner if is_first else "<br>" + inner
    return f"<p>{inner}</p>"


def _structure(box: Box | None, layout: set[int], known: dict[Box, Structure]) -> Structure:
    """What markdown can show of the boxes around a line. `known` keeps it for the boxes that others share."""
    missing: list[Box] = []
    while box is not None and box not in known:
        missing.append(box)
        box = box.parent
    found = TOP if box is None else known[box]
    for inner in reversed(missing):
        if inner.tag in STRUCTURE:
            found = _inside(found, inner, layout)
        known[inner] = found
    return found


def _inside(outer: Structure, box: Box, layout: set[int]) -> Structure:
    boxes, tags, is_table = outer
    tag = box.tag
    if tag == "table":
        is_wanted = is_table = box.index not in layout and not tags & ONCE_DEEP
    elif tag == "tr" or tag in CELLS:
        is_wanted = bool(is_table)
    else:
        is_wanted = not tags & ONCE_DEEP
    is_lost = tag == "li" and not (boxes and boxes[-1].tag in LISTS)
    if is_lost or (tags & CELLS and tag not in CELLS):  # a table cell of markdown has one line
        is_wanted = False
    if is_wanted and len(boxes) < MAX_STRUCTURE:
        return Structure((*boxes, box), tags | {tag}, is_table)
    return Structure(boxes, tags, is_table)


def _layout_tables(lines: Sequence[Line]) -> set[int]:
    """The tables that only lay out the page: large cells, one row, or one column."""
    if not any(row is not None for row in _rows_of(lines)):
        return set()
    words: dict[int, int] = defaultdict(int)
    count: dict[int, int] = defaultdict(int)
    cells: dict[int, set[int]] = defaultdict(set)
    rows: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        cell = row = None
        for box in features.chain_of(line.box):
            if box.tag in CELLS:
                cell = box.index
            elif box.tag == "tr":
                row = box.index
            elif box.tag == "table" and cell is not None and row is not None:
                words[box.index] += line.words
                count[box.index] += 1
                cells[box.index].add(cell)
                rows[box.index].add(row)
    return {
        index
        for index, total in words.items()
        if total > MAX_CELL_WORDS * len(cells[index])
        or count[index] > MAX_CELL_LINES * len(cells[index])
        or len(rows[index]) < 2
        or len(cells[index]) <= len(rows[index])
    }


def _inline(line: Line, read: Absolute) -> Iterator[str]:
    """The text of a line with its links, images and emphasis."""
    parts, at = line.parts, 0
    open_tags: list[str] = []
    for index, tag, node in line.marks:
        if index > at:
            yield html.escape(_spaced(parts[at:index]))
            at = index
        if node is None:
            if open_tags:
                yield open_tags.pop()
            continue
        begin, end = _tag(tag, node, read, open_tags)
        yield begin
        if tag != "img":
            open_tags.append(end)
    yield html.escape(_spaced(parts[at:]))
    yield from reversed(open_tags)


def _spaced(parts: Sequence[str]) -> str:
    """A text with one blank wherever it has white space."""
    text = "".join(parts)
    words = " ".join(text.split())
    if not words:
        return text and " "
    return " " * text[0].isspace() + words + " " * text[-1].isspace()


def _tag(tag: str, node: LexborNode, read: Absolute, open_tags: list[str]) -> tuple[str, str]:
    if tag == "img":
        attributes = node.attributes
        source = attributes.get("src") or "data:"
        is_late = source.startswith("data:") or any(name.startswith("data-") for name in attributes)
        url = images.address(node, read) if is_late else read(source)
        alt = " ".join((attributes.get("alt") or "").split())
        return (f'<img src="{html.escape(url)}" alt="{html.escape(alt)}">' if url and alt else ""), ""
    if tag == "a":
        url = None if "</a>" in open_tags else read(node.attributes.get("href"))
        return (f'<a href="{html.escape(url)}">', "</a>") if url else ("", "")
    name = EMPHASIS.get(tag, tag)
    return ("", "") if name in ("sub", "sup", "q") or f"</{name}>" in open_tags else (f"<{name}>", f"</{name}>")


def resolver(base: str) -> Absolute:
    """A function that gives a link's address with its host. None for `javascript:`, `data:` and what is no address.

    >>> read = resolver("https://example.com/d/e")
    >>> read("../a?b#c"), read("mailto: a@example.com"), read("javascript:x()")
    ('https://example.com/a?b#c', 'mailto:a@example.com', None)
    """
    of_page = hrefs.resolver(base)

    def read(address: str | None) -> str | None:
        if not address or len(address) > MAX_URL:
            return None
        found = of_page(address)
        if found is None and NO_PAGE.match(written := "".join(address.split())):
            return written
        return found

    return read


def _rows_of(lines: Iterable[Line]) -> Iterator[Box | None]:
    """The row of a table that each line stands in."""
    known: dict[Box, Box | None] = {}
    for line in lines:
        missing: list[Box] = []
        box: Box | None = line.box
        while box is not None and box not in known and box.tag != "tr":
            missing.append(box)
            box = box.parent
        row = known.get(box, box) if box is not None else None
        known.update(dict.fromkeys(missing, row))
        yield row
