"""The main content of any page: its text, its markdown, what kind of page it is, and how to reach the company."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import hrefs
from parsing import tree as trees
from parsing.content import contacts, embedded, features, formulas, kinds, lines, markdown, render, scores, title_line
from parsing.content import extra as second_opinion

COMPANY_KINDS = frozenset(("service", "product"))
FRAME_WORDS = 60  # a frame has a menu and a notice to turn scripts on
AGREE = 0.7  # from here on trafilatura is heard


@dataclass(frozen=True, slots=True)
class Content:
    """`by` is "rules", "trafilatura" (the rules, and it was heard), "data" (what scripts would draw) or "all". `contacts` are the
    lines with addresses, telephone numbers and opening hours.

    `html` has nothing but the structure that markdown can show; its addresses are absolute. Both begin with the heading that
    names the page, also where it stands apart from the text; `text` has it only where it stands in it.
    """

    kind: str
    text: str
    markdown: str
    contacts: list[str] = field(default_factory=list)
    word_count: int = 0
    by: str = "rules"
    html: str = ""


def extract(page: LexborHTMLParser | str, url: str, *, extra: bool = True) -> Content:
    """The main content of a page at `url`. Never fails on junk; a page without words gives an empty text.

    `extra` asks trafilatura too, where it is installed. Where it agrees with our rules by and large, its choice counts for each
    line beside what they think of it.
    Raises DataError for a page beyond the bounds of `parsing.tree`.
    """
    parsed = trees.parse(page) if isinstance(page, str) else page
    outline = lines.of(parsed)
    declared = parsed.css(kinds.DECLARATIONS)
    if (drawn := _drawn(parsed, outline)) is not None:
        return _content(kinds.of(declared, drawn, url), drawn.lines, drawn, base_of(declared, url), "data")
    kind, likely = kinds.of(declared, outline, url), scores.of(outline)
    keep, by = scores.likely_best(outline, likely), "rules"
    if extra and (other := second_opinion.ask(page if isinstance(page, str) else parsed.html or "", outline)) is not None:
        agreement = second_opinion.agreement(outline, keep, other)
        if agreement >= AGREE:
            pulled = second_opinion.pulled(likely, other, agreement, is_article=kind == "article")
            keep, by = scores.likely_best(outline, pulled), "trafilatura"
    keep = _with_pictures(outline.lines, scores.with_their_like(outline, keep))
    chosen = [line for line, is_kept in zip(outline.lines, keep, strict=True) if is_kept]
    return _content(kind, chosen, outline, base_of(declared, url), by, title_line.before(outline, keep))


def everything(page: LexborHTMLParser, url: str) -> Content:
    """All of a page that a reader sees, with what surrounds the main content."""
    seen = lines.Outline() if page.body is None else lines.below(page.body)
    return _content(
        kinds.of(page.css(kinds.DECLARATIONS), seen, url), seen.lines, seen, base_of(page.css("base[href]"), url), "all"
    )


def whole(page: LexborHTMLParser | str, url: str) -> str:
    """The markdown of everything on a page that a reader sees."""
    return everything(trees.parse(page) if isinstance(page, str) else page, url).markdown


def base_of(declared: Iterable[LexborNode], url: str) -> str:
    """What the links of a page are relative to: the first `<base>` among some elements, or the page itself."""
    address = next((node.attributes.get("href") for node in declared if node.tag == "base"), None)
    return hrefs.absolute(address, url) or url


def _drawn(page: LexborHTMLParser, outline: lines.Outline) -> lines.Outline | None:
    """What scripts would draw into a page that shows hardly a word, where its data has it."""
    if sum(line.words for line in outline.lines) > FRAME_WORDS or (html := embedded.html(page)) is None:
        return None
    body = trees.parse(html).body
    return None if body is None else lines.below(body)


def _with_pictures(found: Sequence[lines.Line], keep: Sequence[bool]) -> list[bool]:
    """A line that is nothing but pictures is kept with the text around it, or with the text of its figure."""
    worded = [number for number, line in enumerate(found) if line.words]
    figures = {line.box.parent for line, is_kept in zip(found, keep, strict=True) if is_kept and line.box.tag == "figcaption"}
    chosen, at = list(keep), 0
    for number, line in enumerate(found):
        if line.words:
            at += 1
        elif not keep[number]:
            is_between = 0 < at < len(worded) and keep[worded[at - 1]] and keep[worded[at]]
            chosen[number] = is_between or any(box in figures for box in features.chain_of(line.box))
    return chosen


def _content(
    kind: str, chosen: list[lines.Line], outline: lines.Outline, base: str, by: str, title: Sequence[lines.Line] = ()
) -> Content:
    found = contacts.of(outline) if kind in COMPANY_KINDS else []
    missing = contacts.missing(found, chosen) if kind == "service" else []
    kept = [*chosen, *missing]
    text, html = render.text_of(kept), render.html_of([*title, *kept], base)
    contact_lines = [formulas.shown(line.text) for line in found]
    return Content(kind, text, markdown.of(html), contact_lines, len(text.split()), by, formulas.shown(html))
