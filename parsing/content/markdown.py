"""Markdown of the plain HTML that `render.py` writes: by turbohtml, or by our own rules where it has no wheel."""

import functools
import html as entities
import importlib.util
import re

from parsing.content import formulas

MARK = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")
ATTRIBUTE = re.compile(r'(src|alt|href|start|value|class)="([^"]*)"')
SPECIAL = re.compile(r"([\\`*_\[\]<~|])")
LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+=>]|\d{1,9}[.)](?=\s|$))", re.MULTILINE)
BLANK_LINES = re.compile(r"\n{3,}")
INDENT = " " * 4  # of a list in a list
PLAIN = {"strong": "**", "em": "*", "del": "~~"}


def of(html: str) -> str:
    """Markdown (GitHub's flavour) of well-formed HTML without scripts. Text of the page is escaped: it stays text.

    Formulas between marks stand between `$`, as TeX.
    """
    html, found = formulas.taken(html) if formulas.OPEN in html else (html, [])
    text = _by_turbohtml(html) if has_turbohtml() else plain(html)
    return formulas.MARKED.sub(lambda match: entities.unescape(found[int(match[1])]), text) if found else text


@functools.cache
def has_turbohtml() -> bool:
    """Whether turbohtml can be imported. It has no wheel for Macs with Intel processors."""
    return importlib.util.find_spec("turbohtml") is not None


def _by_turbohtml(html: str) -> str:
    import turbohtml

    return turbohtml.parse(html, positions=False).to_markdown().strip()


def plain(html: str) -> str:
    """The same without a library: no nested lists beyond indentation, no alignment."""
    writer = _Writer()
    at = 0
    for match in MARK.finditer(html):
        writer.text(entities.unescape(html[at : match.start()]))
        writer.tag(match[2], match[3], is_end=bool(match[1]))
        at = match.end()
    writer.text(entities.unescape(html[at:]))
    return BLANK_LINES.sub("\n\n", "".join(writer.out)).strip()


class _Writer:
    """Writes markdown tag by tag."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.lists: list[int | None] = []  # the number of the next item; None for bullets
        self.quotes = 0
        self.pre: list[str] | None = None
        self.language = ""
        self.row: list[str] | None = None
        self.rows = 0
        self.links: list[str] = []
        self.at_start = True

    def text(self, text: str) -> None:
        if self.pre is not None:
            self.pre.append(text)
        elif text and (text.strip() or not self.at_start):
            text = SPECIAL.sub(r"\\\1", text)
            if self.at_start:
                text = LINE_START.sub(r"\1\\\2", text.lstrip())
                text = re.sub(r"^\\(\d+)", r"\1\\", text)  # a backslash stands after the digits of a number
            self._add(text)

    def _add(self, text: str) -> None:
        if self.row is not None:
            self.row[-1] += text.replace("\n", " ")
        else:
            self.out.append(text)
        self.at_start = False

    def _new_block(self, gap: str = "\n\n") -> None:
        if self.row is not None:
            return
        self.out.append(gap + "> " * self.quotes + INDENT * max(0, len(self.lists) - 1))
        self.at_start = True

    def tag(self, name: str, attributes: str, *, is_end: bool) -> None:
        if name in PLAIN:
            self._add(PLAIN[name])
        elif name == "code":
            self._code_mark(attributes, is_end=is_end)
        elif name == "a":
            self._link(attributes, is_end=is_end)
        elif name == "img":
            found = dict(ATTRIBUTE.findall(attributes))
            alt = SPECIAL.sub(r"\\\1", entities.unescape(found.get("alt", "")))
            self._add(f"![{alt}](<{_address(found.get('src', ''))}>)")
        elif name == "br":
            self._add("<br>") if self.row is not None else self._new_block("  \n")
        else:
            self._block(name, attributes, is_end=is_end)

    def _code_mark(self, attributes: str, *, is_end: bool) -> None:
        if self.pre is None:
            self._add("`")
        elif not is_end:
            self.language = dict(ATTRIBUTE.findall(attributes)).get("class", "").removeprefix("language-")

    def _link(self, attributes: str, *, is_end: bool) -> None:
        if not is_end:
            self.links.append(_address(dict(ATTRIBUTE.findall(attributes)).get("href", "")))
            self._add("[")
        elif self.links:
            self._add(f"](<{self.links.pop()}>)")

    def _block(self, name: str, attributes: str, *, is_end: bool) -> None:
        if name in ("ul", "ol"):
            first = int(dict(ATTRIBUTE.findall(attributes)).get("start", 1))
            self._list(first if name == "ol" else None, is_end=is_end)
        elif name == "li":
            self._item(attributes, is_end=is_end)
        elif name == "blockquote":
            self.quotes += -1 if is_end else 1
        elif name == "pre":
            self._code(is_end=is_end)
        elif name in ("table", "tr", "td", "th"):
            self._table(name, is_end=is_end)
        elif not is_end:
            self._new_block()
            self.out.append("#" * int(name[1:]) + " " if name[0] == "h" and name[1:].isdigit() else "")

    def _list(self, first: int | None, *, is_end: bool) -> None:
        if not is_end:
            self.lists.append(first)
        elif self.lists:
            self.lists.pop()
        if not self.lists:
            self._new_block()

    def _item(self, attributes: str, *, is_end: bool) -> None:
        if is_end:
            return
        if self.lists and self.lists[-1] is not None and (own := dict(ATTRIBUTE.findall(attributes)).get("value")):
            self.lists[-1] = int(own)
        self._new_block("\n")
        number = self.lists[-1] if self.lists else None
        self.out.append("- " if number is None else f"{number}. ")
        if number is not None:
            self.lists[-1] = number + 1

    def _code(self, *, is_end: bool) -> None:
        if not is_end:
            self.pre, self.language = [], ""
        elif self.pre is not None:
            text = "".join(self.pre)
            longest = max(map(len, re.findall(r"`+", text)), default=0)
            fence = "`" * max(3, longest + 1)
            self.pre = None
            self.out.append(f"\n\n{fence}{self.language}\n{text}\n{fence}\n\n")

    def _table(self, name: str, *, is_end: bool) -> None:
        if name == "table":
            self.rows = 0
            self.out.append("\n\n")
        elif name == "tr" and not is_end:
            self.row = []
        elif name == "tr" and self.row is not None:
            cells = [cell.strip() for cell in self.row]
            self.row, self.rows = None, self.rows + 1
            self.out.append(f"| {' | '.join(cells)} |\n")
            if self.rows == 1:
                self.out.append("|" + " --- |" * len(cells) + "\n")
        elif not is_end and self.row is not None:
            self.row.append("")
            self.at_start = True


def _address(url: str) -> str:
    return entities.unescape(url).replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
