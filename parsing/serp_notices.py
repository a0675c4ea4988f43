"""Where Google says that a search has no results, or no more of them, in any language.

Structure is asked first: a card that quotes the query in its heading and gives advice without links. Where a notice has another
form, its words are read, after the user's were taken out.
"""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import serp_features, serp_phrases, serp_query, serp_tokens, urls

# Where Google speaks of the search itself: above the results, instead of them (2012-2026), and in cards of no-JS pages (2018-).
ABOVE = serp_tokens.cues("#topstuff, #fprs, #taw .card-section")
INSTEAD = serp_tokens.cues("#botstuff [role=heading], #botstuff .card-section, #search .card-section")
NOJS_CARDS = serp_tokens.cues("#main .ZINbbc, #main .Gx5Zad, #main .card-section, .ezO2md")
ABOVE_IDS = frozenset({"topstuff", "fprs", "taw"})
RESULT_IDS = frozenset({"rso", "search"})
MAX_NOTICES = 40
MAX_NOTICE_CHARS = 4_000

# The card of "nothing found": `#topstuff .card-section` (2012-2023), `#botstuff .mnr-c` (2026); at the end of a scan the same.
NOTICE_PLACES = frozenset({"topstuff", "botstuff"})
CARD_PLACES = "#topstuff, #botstuff, #search, #rso, #res"
# One selector for all tags and blocks: among deeply nested tags a list of 24 takes 24 times as long.
HEADED = "[role=heading] :is(em, b, i, strong)"
# Among results only a heading may quote: answers in prose have emphasis and lists too.
QUOTED = ":is([role=heading], p, .med, h2, h3) :is(em, b, i, strong)"
MAX_QUOTES = 60
CARD_CLIMB = 5  # blocks between the quoted query and the card that also holds the advice
CARD_MARKS = frozenset({"card-section", "mnr-c"})
MIN_ADVICE_LINES = 3  # the no-JS page gives its advice as lines of one text (2023)


def says_nothing_found(tree: LexborHTMLParser, tokens: serp_tokens.Tokens, query: str | None, *, above: bool) -> bool:
    """Whether Google says that the query, as it was asked, has no results.

    `above`: there are results on the page. Then only what stands above them counts: it may say that they are another query's. A
    card below them says that there are no more.
    """
    if above and not tokens.ids & ABOVE_IDS and RESULT_IDS & tokens.ids:
        return False
    if _has_card(tree, tokens, query, above=above):
        return True
    is_claimed = not above and _claims_results(tokens)
    return any(
        _is_nojs_advice(block, query) or (not is_claimed and _has_words(block, query))
        for block in _notices(tree, tokens, above=above)
    )


def _claims_results(tokens: serp_tokens.Tokens) -> bool:
    """Whether the page claims a number of results. "Page 5 of about 34" is no claim for page 5."""
    numbers = serp_features.numbers(tokens)
    return len(numbers) == 1 and numbers[0] > 0


def _has_card(tree: LexborHTMLParser, tokens: serp_tokens.Tokens, query: str | None, *, above: bool) -> bool:
    places = ([tokens.elements["topstuff"]] if "topstuff" in tokens.ids else []) if above else tree.css(CARD_PLACES)
    asked = serp_query.folded(query or "")
    for place in places:
        if place.first_child is None:  # most pages have an empty `#topstuff`
            continue
        for quoted in place.css(QUOTED if place.id in NOTICE_PLACES else HEADED)[:MAX_QUOTES]:
            card = _card_around(quoted, place)
            if card is None:
                continue
            is_query = asked != "" and serp_query.folded(quoted.text()) == asked
            if is_query or (place.id == "topstuff" and _is_marked(card, place)) or (not asked and _is_marked(card, place)):
                return True
    return False


def _card_around(quoted: LexborNode, place: LexborNode) -> LexborNode | None:
    """The nearest block around a quoted query that gives advice and leads nowhere; None where there is none."""
    block, outside = quoted.parent, _address(place.parent)
    for _ in range(CARD_CLIMB):
        if block is None or block.mem_id == outside:
            return None
        if any(item.css_first("a") is None for item in block.css("ul > li")[:MAX_NOTICES]):
            return None if _leads_out(block) else block
        block = block.parent
    return None


def _is_marked(card: LexborNode, place: LexborNode) -> bool:
    block: LexborNode | None = card
    outside = _address(place.parent)
    while block is not None and block.mem_id != outside:
        if not CARD_MARKS.isdisjoint((block.attributes.get("class") or "").split()):
            return True
        block = block.parent
    return False


def _address(block: LexborNode | None) -> int | None:
    """Where a block lies in memory: `==` of two nodes writes both out as HTML (selectolax 1.0)."""
    return block.mem_id if block is not None else None


def _notices(tree: LexborHTMLParser, tokens: serp_tokens.Tokens, *, above: bool) -> Iterator[LexborNode]:
    is_nojs = not tokens.ids & RESULT_IDS
    cues = ABOVE.every + (() if above else INSTEAD.every) + (NOJS_CARDS.every if is_nojs or not above else ())
    for cue in cues:
        if cue.ids <= tokens.ids and cue.classes <= tokens.classes:
            blocks = [tokens.elements[name] for name in cue.ids] if cue.enough else tree.css(cue.selector)
            yield from (block for block in blocks[:MAX_NOTICES] if block.child is not None and not _leads_out(block))


def _leads_out(block: LexborNode) -> bool:
    """A card with a way out is a result, whatever its snippet says."""
    if block.css_first("a[href^='/url?'], a h3, h3 a") is not None:
        return True
    for link in block.css("a[href]")[:MAX_NOTICES]:
        target = urls.result_of(link.attributes.get("href"))
        if target is not None and not urls.is_google(urls.host_of(target.url)):
            return True
    return False


def _is_nojs_advice(block: LexborNode, query: str | None) -> bool:
    """The query and lines of advice (no-JS pages 2018-2026)."""
    asked = serp_query.folded(query or "")
    if not asked or block.css_first("a[href]") is not None or block.css_first("[role=heading], ul") is not None:
        return False
    quoted = any(serp_query.folded(node.text()) == asked for node in block.css("span, em, b, i")[:MAX_NOTICES])
    return quoted and block.text().strip().count("\n") >= MIN_ADVICE_LINES


def _has_words(block: LexborNode, query: str | None) -> bool:
    return serp_phrases.says_nothing_found(serp_query.machine_words(block, query, MAX_NOTICE_CHARS))
