"""Formulas of a page as TeX, which is how a line of text and markdown can show them.

What stands between OPEN and CLOSE in a line is TeX: `text_of` and `shown` put `$` there. No page may hold these characters:
Unicode calls them noncharacters.
"""

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from parsing.raised import marked

OPEN, CLOSE = "\ufdd0", "\ufdd1"
MARKED = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
#: What would be more than a formula in markdown.
UNSAFE = re.compile(r"<[A-Za-z/!?]|\]\(|`|\]\[|\n")
CODE = frozenset(("code", "kbd"))
MAX_CHARS, MAX_DEPTH = 4_000, 12

TEX_SCRIPT = "script[type^='math/tex']"
#: Classes of what a library has drawn from TeX or MathML that stands beside it.
DRAWN = re.compile(r"(?:^|\s)(?:katex-html|MathJax(?:_\w+)?|MathJax-SVG)(?=\s|$)")
IMAGE = re.compile(r"(?:^|\s)(?:mwe-math-fallback-image\S*|mwe-math-mathml-\S*|tex|latex|math|ql-img-\S+)(?=\s|$)")
STYLED = re.compile(r"\s*\{?\\(?:displaystyle|textstyle)\s*(.*?)\}?\s*", re.DOTALL)
#: TeX that a library draws in the browser: \(…\), \[…\], $$…$$
WRITTEN = re.compile(r"\\\((.{1,2000}?)\\\)|\\\[(.{1,4000}?)\\\]|\$\$(.{1,4000}?)\$\$", re.DOTALL)
#: What stands in words and is not seen: soft hyphens, places where a word may break, marks of byte order.
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
LIBRARY = re.compile(r"mathjax|katex", re.IGNORECASE)


class Reader:
    """The texts of one page, as its reader sees them."""

    def __init__(self, body: LexborNode) -> None:
        self._body = body
        self._draws: bool | None = None  # whether a script draws the TeX of its text; None = not looked for yet

    def seen(self, text: str, around: Sequence[tuple[str, object]]) -> str:
        """A text with its formulas between marks, where a script draws them and it is no code, and without unseen signs."""
        if ("\\" in text or "$$" in text) and not any(tag in CODE for tag, _ in around):
            if self._draws is None:
                self._draws = has_library(self._body)
            text = in_text(text) if self._draws else text
        return text if text.isascii() else UNSEEN.sub("", text)


def of_math(node: LexborNode) -> str:
    """A `<math>` as TeX between marks: as its author wrote it, where that is known; "" for an empty one."""
    note = node.css_first("annotation[encoding*='tex' i]")
    written = (note.text() if note is not None else "") or node.attributes.get("alttext") or _read(node, 0)
    return between(written, is_block=node.attributes.get("display") == "block")


def of_image(attributes: dict[str, str | None]) -> str:
    """The picture of a formula as TeX between marks; "" for another picture."""
    alt = attributes.get("alt") or ""
    return between(alt) if alt and IMAGE.search(attributes.get("class") or "") and re.search(r"[\\^_=]", alt) else ""


def of_script(node: LexborNode) -> str:
    """A `<script type="math/tex">` between marks; "" for another script."""
    kind = node.attributes.get("type") or ""
    return between(node.text(), is_block="display" in kind) if kind.startswith("math/tex") else ""


def is_drawn(node: LexborNode, class_: str) -> bool:
    """Whether an element is drawn from a formula that stands beside it, so that its text is that formula once more."""
    if ("katex-html" not in class_ and "MathJax" not in class_) or DRAWN.search(class_) is None:
        return False
    if "katex-html" in class_:
        return node.parent is not None and node.parent.css_first("annotation") is not None
    for beside in (node.next, node.next and node.next.next, node.next and node.next.next and node.next.next.next):
        if beside is not None and beside.tag == "script" and (beside.attributes.get("type") or "").startswith("math/tex"):
            return True
    return False


def has_library(root: LexborNode) -> bool:
    """Whether a script of the page draws TeX that stands in its text."""
    scripts = root.parser.css("script") if root.parser is not None else []
    return any(LIBRARY.search(f"{node.attributes.get('src') or ''} {node.text()[:2000]}") for node in scripts[:200])


def in_text(text: str) -> str:
    """A text whose TeX stands between marks."""
    return WRITTEN.sub(lambda found: between(found[1] or found[2] or found[3], is_block=found[1] is None), text)


def between(tex: str, *, is_block: bool = False) -> str:
    """TeX between marks, with `$` around it where it stands alone."""
    plain = " ".join(tex.replace(OPEN, "").replace(CLOSE, "").split())[:MAX_CHARS]
    if styled := STYLED.fullmatch(plain):
        plain = styled[1].strip()
    return "" if not plain else f"{OPEN}${plain}${CLOSE}" if is_block else f"{OPEN}{plain}{CLOSE}"


def shown(text: str) -> str:
    """A text with `$` where formulas begin and end."""
    return text.replace(OPEN, "$").replace(CLOSE, "$") if OPEN in text else text


def taken(html: str) -> tuple[str, list[str]]:
    """HTML with a number between marks for each formula that markdown may hold as it is; and these, entities and all."""
    found: list[str] = []

    def number(match: re.Match[str]) -> str:
        if UNSAFE.search(match[1].replace("&lt;", "<").replace("&gt;", ">")):
            return f"${match[1]}$"
        found.append(f"${match[1]}$")
        return f"{OPEN}{len(found) - 1}{CLOSE}"

    return MARKED.sub(number, html), found


def _read(node: LexborNode, depth: int) -> str:
    """MathML as TeX, as far as it is simple."""
    parts = [_read(child, depth + 1) for child in node.iter(include_text=False)] if depth < MAX_DEPTH else []
    if not parts:
        return " ".join((node.text() or "").split())
    tag = node.tag or ""
    if tag == "semantics":
        return parts[0]
    if tag in ("msup", "mover") and len(parts) == 2:
        return f"{parts[0]}^{_braced(parts[1])}"
    if tag in ("msub", "munder") and len(parts) == 2:
        return f"{parts[0]}_{_braced(parts[1])}"
    if tag in ("msubsup", "munderover") and len(parts) == 3:
        return f"{parts[0]}_{_braced(parts[1])}^{_braced(parts[2])}"
    if tag == "mfrac" and len(parts) == 2:
        return f"\\frac{{{parts[0]}}}{{{parts[1]}}}"
    if tag == "msqrt":
        return f"\\sqrt{{{' '.join(parts)}}}"
    return ("; " if tag == "mtable" else " ").join(part for part in parts if part)


def _braced(part: str) -> str:
    return part if len(part) == 1 else f"{{{part}}}"


def raised(parts: list[str], at: int, tag: str) -> None:
    """Write what stands in `parts` from `at` on, the text of a `sup` or `sub`, so that it stays apart from what is before."""
    inner = "".join(parts[at:])
    before = next((part for part in reversed(parts[:at]) if part), "")
    if (text := marked(inner, tag, before)) != inner:
        filled = next((number for number in range(at, len(parts)) if parts[number].strip()), at)
        parts[at:] = [text if number == filled else "" for number in range(at, len(parts))]
