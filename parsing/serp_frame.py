"""Whether a page is a result page of Google at all: its frame, and what tells it from a page of another site or engine.

Other engines and shops have results, titles and a search box too, and some of Google's ids. A page with few of these ids is
Google's only if it does not name another site as its own.
"""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import serp_query, serp_tokens, urls

# The frame of a result page, desktop and mobile 2010-2026. Any site may have one of these ids; only Google has two.
FRAME_IDS = frozenset({
    "rso", "search", "rcnt", "center_col", "topstuff", "botstuff", "hdtb", "appbar", "result-stats", "resultStats", "tsf",
    "searchform", "ires", "bres", "taw", "gsr",
})  # fmt: skip
COMMON_IDS = frozenset({"search", "searchform"})  # many sites have both, so together they count as one
FRAME_TYPE = "SearchResultsPage"  # in the `itemtype` of `<html>`
FRAME_PARTS = 2
SURE_PARTS = 5  # of 98 recorded pages none has 1 to 8; of 1,500 pages of other sites none has more than 2 (2026-11)

# The frame of a page without JavaScript (2018-2026) or for a text browser (2022-2025).
NOJS_IDS, NOJS_CLASSES = frozenset({"main"}), frozenset({"ZINbbc", "Gx5Zad", "ezO2md"})
NOJS_FORM = "form#sf, form[action='/search'], form[action$='.google.com/search']"
# Links that only Google makes, in the frame without marks of its own.
GOOGLE_LINKS = "a[href^='/url?'], a[href^='/goto?'], a[href^='/imgres?'], a[href*='.google.com/']"

OWN_ADDRESS = "link[rel=canonical][href], meta[property='og:url'][content]"
FORM = "form[action*='//']"
SEARCH_BOX = "input[type=search], input[name=q], input[name=p]"
SEARCH_PATHS = frozenset({"", "/", "/search", "/webhp", "/ncr"})
MAX_FORMS = 20


def is_result_page(tree: LexborHTMLParser, tokens: serp_tokens.Tokens) -> bool:
    """Whether the frame of a Google result page is there, with results or without."""
    ids = FRAME_IDS & tokens.ids
    if len(ids) >= SURE_PARTS:
        return True
    parts = len(ids) - (ids >= COMMON_IDS)
    if parts < FRAME_PARTS and tree.root is not None and FRAME_TYPE in (tree.root.attributes.get("itemtype") or ""):
        parts += 1
    return (parts >= FRAME_PARTS or _is_nojs(tree, tokens)) and not _is_of_another_site(tree)


def _is_nojs(tree: LexborHTMLParser, tokens: serp_tokens.Tokens) -> bool:
    if tree.css_first(NOJS_FORM) is None:
        return False
    if not NOJS_CLASSES.isdisjoint(tokens.classes):
        return True
    return not NOJS_IDS.isdisjoint(tokens.ids) and _speaks_of_google(tree)


def _speaks_of_google(tree: LexborHTMLParser) -> bool:
    title = tree.css_first("title")
    return (title is not None and serp_query.is_titled(title.text())) or tree.css_first(GOOGLE_LINKS) is not None


def _is_of_another_site(tree: LexborHTMLParser) -> bool:
    """Whether a page calls another address than Google's search its own, or searches elsewhere."""
    named = (node.attributes.get("href") or node.attributes.get("content") for node in tree.css(OWN_ADDRESS))
    if any(_is_elsewhere(address) for address in named):
        return True
    forms = tree.css(FORM)[:MAX_FORMS]
    return any(_is_search(form) and _is_elsewhere(form.attributes.get("action")) for form in forms)


def _is_search(form: LexborNode) -> bool:
    return form.attributes.get("role") == "search" or form.css_first(SEARCH_BOX) is not None


def _is_elsewhere(address: str | None) -> bool:
    """Whether an absolute address is none of Google's search."""
    host = urls.host_of(address) if address and "//" in address[:8] else None
    if host is None or address is None:
        return False
    path = address.partition("//")[2].partition("/")[2].partition("?")[0].partition("#")[0]
    return not urls.is_google(host) or f"/{path}".rstrip("/") not in SEARCH_PATHS
