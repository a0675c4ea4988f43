"""A page on which Google answers itself and shows no organic result: a calculator, the time, a translation, a map of places.

A wrong "no organic result" would be a drop that never was, so everything must agree: the page is whole, something answers, and
nothing in the column can be a result, marked or not. Ads alone prove nothing: since 2026 Google sends pages of ads without the
results to clients it doubts (reported in March 2026).
"""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import serp_features, serp_tokens, urls

# Direct answers, 2016-2026: calculator, weather, currency, translation, dictionary, time, knowledge in the column of results.
ANSWERS = serp_tokens.cues(
    "#cwos, #wob_wc, #knowledge-currency__updatable-data-column, #tw-container, #tw-main, .lr_container, .vk_bk, .vk_c, .dDoNo, "
    "#search [data-attrid], #rso [data-attrid], #taw [data-attrid], #center_col [data-attrid], #search block-component"
)
MAPS = serp_features.CUES["maps"]
ALL_RESULTS = "a[href*='aomd=1']"  # "Show all results" below a lone answer (2018-2026)
COLUMN_IDS = ("center_col", "search", "rso")  # the widest first
NEXT_PAGE = "#pnnext, a[href*='/search?'][href*='start=']"
GREEN_LINES = "cite, .UPmit, .qzEoUe, .dXDvrc, .ob9lvb"
MAX_LINKS = 60
MAX_LABEL_CHARS = 25  # "Website", "Directions" and their translations; titles are longer, but for a few
MAX_LABELLED_LINKS = 6


def stands_alone(tree: LexborHTMLParser, tokens: serp_tokens.Tokens) -> bool:
    """Whether an answer or a map stands on a whole result page and certainly no organic result. Ask only where none was found."""
    if not tokens.ids & set(COLUMN_IDS) or not _answers(tree, tokens):
        return False
    if tree.css_first(NEXT_PAGE) is not None or any(serp_features.numbers(tokens)):
        return False  # a claim of results, or of further pages of them
    column = next(tokens.elements[name] for name in COLUMN_IDS if name in tokens.ids)
    return not _may_hold_results(column)


def _answers(tree: LexborHTMLParser, tokens: serp_tokens.Tokens) -> bool:
    return ANSWERS.match(tokens) or MAPS.match(tokens) or tree.css_first(ALL_RESULTS) is not None


def _may_hold_results(column: LexborNode) -> bool:
    """Whether anything leads out of Google that could be a title: under a heading, beside a green line, or with a long text."""
    if column.css_first(GREEN_LINES) is not None:
        return True
    labelled = 0
    for link in column.css("a[href]"):
        if urls.result_of(link.attributes.get("href")) is None or _is_ad(link):
            continue
        if link.css_first("h3, [role=heading]") is not None or len(link.text().strip()) > MAX_LABEL_CHARS or _in_heading(link):
            return True
        labelled += 1
    return labelled > MAX_LABELLED_LINKS


def _in_heading(link: LexborNode) -> bool:
    parent = link.parent
    return parent is not None and (parent.tag in ("h2", "h3") or parent.attributes.get("role") == "heading")


def _is_ad(link: LexborNode) -> bool:
    block: LexborNode | None = link
    while block is not None:
        if block.id in ("tads", "tadsb", "bottomads", "tvcap") or "data-text-ad" in block.attributes:
            return True
        block = block.parent
    return False
