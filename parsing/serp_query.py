"""Which query a page answers, and how to keep the user's words apart from the machine's."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import serp_phrases, serp_tokens

BOX = "textarea[name=q], input[name=q]"  # until 2022 an input, since 2023 a textarea
MAX_QUERY_CHARS = 4_000
# "oak - Google Search", "oak - Recherche Google", "oak \u2013 Google \u691c\u7d22": the name is the last part in every language.
TITLE_DASH = re.compile(r"\s[-\u2013\u2014]\s")
MAX_NAME_CHARS = 40
CANONICAL = "link[rel=canonical]"
RESULTS = "rso"
RESULTS_QUERY = ("data-async-context", "query:")  # the query of the results, 2016-2026; after a correction not the typed one
# "Showing results for oak. Search instead for oka", 2012-2026. A mere "Did you mean" carries no `nfpr`.
CORRECTIONS = serp_tokens.cues("#fprs a[href], .sp_cnt a[href*='nfpr=1'], #taw a[href*='nfpr=1'], #topstuff a[href*='nfpr=1']")
QUOTES = frozenset({"em", "b", "i", "strong", "q", "span"})
SILENT = frozenset({"script", "style", "noscript", "template"})


def of_page(tree: LexborHTMLParser) -> str | None:
    """The query that the page answers, as its search box says, else its title, else its canonical address.

    >>> of_page(LexborHTMLParser("<title>oak - table - Recherche Google</title>"))
    'oak - table'
    """
    box = tree.css_first(BOX)
    if box is not None:
        typed = box.text() if box.tag == "textarea" else ""
        text = _text(typed.strip() or box.attributes.get("value"))
        if text:
            return text
    title = tree.css_first("title")
    titled = _before_the_name(title.text().strip()[:MAX_QUERY_CHARS]) if title is not None else None
    if titled is not None:
        return titled
    canonical = tree.css_first(CANONICAL)
    return _text(_asked(canonical.attributes.get("href"))) if canonical is not None else None


def is_corrected(tokens: serp_tokens.Tokens, query: str | None) -> bool:
    """Whether the page says that it shows the results of another spelling than the one in its search box."""
    if CORRECTIONS.match(tokens):
        return True
    results = tokens.elements.get(RESULTS)
    if results is None or query is None:
        return False
    name, prefix = RESULTS_QUERY
    context = results.attributes.get(name) or ""
    shown = unquote(context.removeprefix(prefix)) if context.startswith(prefix) else ""
    return shown.strip() != "" and folded(shown) != folded(query)


def folded(text: str) -> str:
    """White space and case folded.

    >>> folded("  Oak\\n TABLE ")
    'oak table'
    """
    return " ".join(text.split()).casefold()


def without(text: str, query: str | None) -> str:
    """A notice without the user's words, where these words could be taken for the machine's.

    >>> without("Showing results for no results found for oak", "No results found for oak").strip()
    'showing results for'
    >>> without("No results found for oak", "oak")
    'no results found for oak'
    """
    notice, words = folded(text), folded(query or "")
    return notice.replace(words, " ") if words and serp_phrases.says_nothing_found(words) else notice


def machine_words(block: LexborNode, query: str | None, limit: int) -> str:
    """The notice's own words: no scripts, no links to other searches, no quotes of the query."""
    asked = _letters(query or "")
    pieces: list[str] = []
    length = 0
    for node in block.traverse(include_text=True):
        if length > limit:
            break
        if node.tag != "-text":
            continue
        piece = node.text_content or ""
        if piece.strip() and not _is_quoted(node, block, piece, asked):
            pieces.append(piece)
            length += len(piece)
    return without(" ".join(pieces), query)[:limit]


def _is_quoted(node: LexborNode, block: LexborNode, piece: str, asked: str) -> bool:
    letters = _letters(piece)
    is_asked = letters != "" and letters in asked and serp_phrases.says_nothing_found(piece)
    around = node.parent
    while around is not None and around.mem_id != block.mem_id:
        tag = around.tag
        if tag in SILENT or (tag == "a" and "/search" in (around.attributes.get("href") or "")):
            return True
        if is_asked and tag in QUOTES:
            return True
        around = around.parent
    return False


def _before_the_name(title: str) -> str | None:
    """The title without its last part, where the last part is Google's name."""
    dashes = list(TITLE_DASH.finditer(title))
    name = title[dashes[-1].end() :] if dashes else ""
    return _text(title[: dashes[-1].start()]) if "Google" in name and len(name) <= MAX_NAME_CHARS else None


def is_titled(title: str) -> bool:
    """Whether a title ends with Google's name, in any language."""
    return _before_the_name(title.strip()[:MAX_QUERY_CHARS]) is not None


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _asked(href: str | None) -> str | None:
    try:
        return parse_qs(urlsplit(href or "").query, max_num_fields=200).get("q", [None])[0]
    except ValueError:
        return None


def _text(value: str | None) -> str | None:
    return " ".join((value or "").split())[:MAX_QUERY_CHARS] or None
