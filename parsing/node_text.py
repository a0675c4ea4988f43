"""The text of one element as a reader sees it: single blanks, a gap between blocks, no scripts."""

import re

from selectolax.lexbor import LexborNode

from parsing import raised

HIDDEN = frozenset({"script", "style", "noscript", "template"})
INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark",
    "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "ruby", "rb",
})  # fmt: skip
BLANKS = re.compile(r"[^\S\n]+")
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
BREAKS = re.compile(r" ?\n[ \n]*")


def of(node: LexborNode, most_chars: int = 20_000) -> str:
    """The text below an element in one line, at most `most_chars` characters.

    >>> from selectolax.lexbor import LexborHTMLParser
    >>> of(LexborHTMLParser("<p>w<b>or</b>d<br>one<script>x</script></p>").css_first("p"))
    'word one'
    """
    return " ".join(_text(node, most_chars).split())[:most_chars].rstrip()


def lines(node: LexborNode, most_chars: int = 200_000) -> str:
    """The same with a line for each block: what stands in two table cells is not one number.

    >>> from selectolax.lexbor import LexborHTMLParser
    >>> lines(LexborHTMLParser("<p>one\\n two<br>three</p>four").body)
    'one two\\nthree\\nfour'
    """
    return BREAKS.sub("\n", BLANKS.sub(" ", _text(node, most_chars))).strip()[:most_chars].rstrip()


def _text(node: LexborNode, most_chars: int) -> str:
    """The text with line feeds between blocks, and other blanks as they are."""
    parts: list[str] = []
    room = 2 * most_chars
    for child in node.traverse(include_text=True):
        before = child.prev
        if before is not None and before.is_element_node and before.tag not in INLINE:
            parts.append("\n")
        if child.is_text_node:
            parent = child.parent
            if parent is None or parent.tag not in HIDDEN or parent.mem_id == node.mem_id:
                text = (child.text_content or "")[:room]
                text = " ".join(text.split("\n")) if "\n" in text else text
                parts.append(_written(text, parent.tag if parent is not None else "", parts))
                room -= len(text)
        elif child.tag not in INLINE:
            parts.append("\n")
        if room <= 0:
            break
    return "".join(parts)


def _written(text: str, tag: str | None, parts: list[str]) -> str:
    """A text as it is seen behind others: what is raised or lowered stays apart from them."""
    text = text if text.isascii() else UNSEEN.sub("", text)
    return raised.marked(text, tag, next((part for part in reversed(parts) if part), "")) if tag in ("sup", "sub") else text
