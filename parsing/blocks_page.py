"""What a page shows and what it is made of, read without a tree: in bounded time, whatever the page is.

A wall is known by what it lacks (text, links) and what it has (a form, a script, a refresh), so these are counted here.
"""

import html
import re
from dataclasses import dataclass
from functools import cached_property

from parsing import regexes

MAX_HEAD_CHARS = 400_000  # a wall of 2015 had 447 kB of one embedded script; the signs stand in its head
MAX_TAIL_CHARS = 50_000
HEADS = (12_000, 48_000, 160_000)  # characters
MAX_TEXT_CHARS = 20_000
# Elements whose inside is no text of the page.
HIDDEN = regexes.late(r"<(script|style|template|svg|noscript|title|textarea|select|head)\b[^<>]*+>")  # of text in lower case
TAG = regexes.late(r"<[a-z/!?][^<>]*>", re.IGNORECASE)
WORD = regexes.late(r"[^\W_]+")
CJK = regexes.late(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
TITLE = regexes.late(r"<title\b[^<>]*>([^<]{0,500})", re.IGNORECASE)
HEADING = regexes.late(r"<h[1-3]\b[^<>]{0,500}>(.{0,500}?)</h[1-3]", re.IGNORECASE | re.DOTALL)
INPUT = regexes.late(r"<(input|textarea|select)\b([^<>]*)>", re.IGNORECASE)
TYPE = regexes.late(r"""\btype\s*=\s*["']?([a-z-]+)""", re.IGNORECASE)
MAX_NOSCRIPTS = 20
FRAME = regexes.late(
    r"""<meta\b[^<>]*(?:name|property)\s*=\s*["']?(?:description|og:|twitter:)|<link\b[^<>]*rel\s*=\s*["']?(?:canonical|manifest|alternate)"""
    r"""|<div\b[^<>]*id\s*=\s*["']?(?:root|app|__next|__nuxt|react-root|q-app|main-app)\b|<app-root"""
)
PARAGRAPH = regexes.late(r"<p\b[^<>]*>([^<]{1,2000})")
INLINE = regexes.late(r"</?(?:a|abbr|b|br|code|em|font|i|kbd|q|small|span|strong|u|wbr)\b[^<>]*>")
LINK = regexes.late(r"<a\b[^<>]*\bhref", re.IGNORECASE)
SEPARATOR = regexes.late(r"\s[|\u2013\u2014\u00b7\u2022:\u00bb\u00ab>-]+\s|\s*[|\u00b7\u2022\u00bb]\s*")
SILENT = frozenset(("hidden", "submit", "button", "image", "reset", "checkbox", "radio"))
# ASCII letters and digits as one letter, other bytes as blanks: the end of each word is then one pair of bytes.
LETTERS = bytes(ord("a") if chr(byte).isalnum() and byte < 128 else ord(" ") for byte in range(256))
BEYOND_ASCII = bytes(range(128, 256))


@dataclass(frozen=True, slots=True)
class Block:
    """What came instead of the page. `evidence` says why; `certainty` is high, medium or low."""

    page_class: str  # one of `blocks.CLASSES`
    vendor: str | None
    evidence: str
    certainty: str


class Page:
    """A page as the rules see it. All texts are in lower case."""

    def __init__(self, body: str) -> None:
        self.raw = body if len(body) <= MAX_HEAD_CHARS + MAX_TAIL_CHARS else body[:MAX_HEAD_CHARS] + body[-MAX_TAIL_CHARS:]

    @cached_property
    def low(self) -> str:
        return self.raw.lower()

    @cached_property
    def split(self) -> tuple[str, str]:
        """The markup outside of hidden elements, and what is hidden: scripts, styles, noscript."""
        shown, hidden, at = [], [], 0
        for match in HIDDEN.finditer(self.low):
            if match.start() < at:
                continue
            name = match[1]
            if name == "head":
                continue
            end = self.low.find(f"</{name}", match.end())
            shown.append(self.low[at : match.start()])
            hidden.append(self.low[match.start() : end if end >= 0 else len(self.low)])
            at = end if end >= 0 else len(self.low)
        shown.append(self.low[at:])
        return _without_comments(" ".join(shown)), " ".join(hidden)

    @cached_property
    def text(self) -> str:
        """The visible text."""
        return plain(TAG.sub(" ", self.split[0]))[:MAX_TEXT_CHARS]

    @cached_property
    def words(self) -> int:
        """How many words are visible; two signs of Chinese, Japanese, Korean or Thai count as one."""
        return count_words(self.text)

    @cached_property
    def hidden_words(self) -> int:
        """How many words stand in `noscript`: the page itself, where scripts draw it."""
        count, at = 0, self.low.find("<noscript")
        for _ in range(MAX_NOSCRIPTS):
            end = self.low.find("</noscript", at)
            if at < 0 or end < 0:
                break
            count += count_words(self.low[at:end])
            at = self.low.find("<noscript", end)
        return count

    @cached_property
    def paragraphs(self) -> int:
        """How many paragraphs have at least some twenty words."""
        return sum(len(text) > 120 for text in PARAGRAPH.findall(self.split[0]))

    @cached_property
    def code(self) -> str:
        """Scripts and tags: what is not text. A page that quotes a wall's code has it in its text."""
        return f"{self.split[1]} {tags(self)}"

    @cached_property
    def titles(self) -> list[str]:
        """The parts of the title: the page's own and the site's. The first is the whole title, where it has parts."""
        match = TITLE.search(self.low)
        title = plain(match[1]) if match else ""
        parts = [part.strip() for part in SEPARATOR.split(title) if part.strip()]
        return [title, *parts] if len(parts) > 1 else parts

    @property
    def title(self) -> str:
        return self.titles[0] if self.titles else ""

    @cached_property
    def headings(self) -> list[str]:
        found = (plain(TAG.sub(" ", text)) for text in HEADING.findall(self.split[0][:200_000]))
        return [text for text in found if text][:8]

    @cached_property
    def inputs(self) -> list[tuple[str, str]]:
        """Type and attributes of each visible field."""
        fields = ((name, attributes, TYPE.search(attributes)) for name, attributes in INPUT.findall(self.split[0]))
        kinds = ((kind[1] if kind else "text" if name == "input" else name, attributes) for name, attributes, kind in fields)
        return [(kind, attributes) for kind, attributes in kinds if kind not in SILENT]

    @cached_property
    def links(self) -> int:
        return len(LINK.findall(self.split[0]))


def plain(text: str) -> str:
    """A text with single blanks and plain apostrophes."""
    return " ".join(html.unescape(text).split()).replace("\u2019", "'")


def tags(page: Page) -> str:
    """The tags of what is shown."""
    return " ".join(TAG.findall(page.split[0]))


def has_more_words(page: Page, most: int) -> bool:
    """Whether more words are visible. Looks at the head first: most pages are told from a wall by that alone."""
    heads = (size for size in HEADS if size < len(page.raw))
    return any(_has_more(page.raw[:size].lower(), most) for size in heads) or _has_more(page.low, most)


def _has_more(text: str, most: int) -> bool:
    text, count, at = _without_comments(text), 0, 0
    for match in HIDDEN.finditer(text):
        if match.start() < at or match[1] == "head":
            continue
        count += count_words(text[at : match.start()], most - count)
        if count > most:
            return True
        end = text.find(f"</{match[1]}", match.end())
        at = end if end >= 0 else len(text)
    return count + count_words(text[at:], most - count) > most


def is_frame(page: Page) -> bool:
    """Whether a page presents itself to search engines, or has the empty root of an application. Walls do neither."""
    return FRAME.search(page.low[:100_000]) is not None


def count_words(text: str, enough: int = 0) -> int:
    """How many words a text has; two signs of Chinese, Japanese, Korean or Thai count as one.

    With `enough`, it may stop counting where there are more.
    """
    text = TAG.sub(" ", text)
    is_ascii = text.isascii()
    if is_ascii or enough:
        # Without its other letters a text has no more words than with them.
        plain = text.encode("utf-8", "surrogatepass").translate(LETTERS, b"" if is_ascii else BEYOND_ASCII) + b" "
        count = plain.count(b"a ")
        if is_ascii or count > enough:
            return count
    return len(WORD.findall(CJK.sub(" ", text))) + len(CJK.findall(text)) // 2


def _without_comments(text: str) -> str:
    if "<!--" not in text:
        return text
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join((*kept, text[at:]))
