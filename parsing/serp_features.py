"""What else stands on a result page: ads, answers, carousels and the number of results Google claims."""

import re

from parsing import serp_tokens

# A selector without id and class is tried on every page and costs 1 % to 2 % of the reading. Use one only where no class tells.
# Each name has the selectors of what only that feature has. Names follow WebSearcher's component types.
# Years say when the class names and ids were seen.
FEATURES = {
    "ad": "#tads a[href], #tadsb a[href], #bottomads [data-text-ad], #taw [data-text-ad], .uEierd, li.ads-ad",  # 2017-2026
    "ai_overview": "[data-mcpr]",  # 2024-2026
    "discussions_and_forums": ".LJ7wUe, .iKLTkb",  # 2023-2025
    "featured_snippet": ".c2xzTb, block-component .g",  # 2020-2023, above the results
    "flights": ".gws-flights__form, #flt-gq-ro",  # 2018-2024
    "hotels": ".hotel-results, .BTPx6e",  # 2018-2024
    "images": "#iur, #imagebox_bigimages, #imagebox, [data-iu], .islrc",  # 2017-2026
    "jobs": "#jobs-result-card, .nJXhWc",  # 2018-2026
    "knowledge": "#rso .kp-wholepage, .knowledge-panel, .kp-header, .M8OgIe [data-attrid], .g.kno-result",  # panels, 2017-2026
    "maps": ".VkpGBb, .rllt__link, .rllt__details, #rso #lu_map, .lu_map_section",  # local pack, 2015-2026
    "notice": "#fprs, .sp_cnt, #oFNiHe .gL9Hy, #topstuff .card-section em",  # spelling, nothing found; 2012-2026
    "omitted_notice": "#ofr, .ClPXac",  # 2012-2026
    "people_also_ask": ".related-question-pair, [jsname=yEVEwb] [data-q]",  # 2015-2026
    "perspectives": "[data-init-vis][data-news-doc-id], .tPUpmf",  # 2023-2026
    "products": "product-viewer-group, .sh-sr__shop-result-group",  # 2023-2026
    "recipes": ".YwonT, [jscontroller=eLjrV], .v1uiFd",  # 2020-2026
    "searches_related": "#brs a, .b2Rnsc, .s75CSd"  # 2012-2026; links to further pages, in the same blocks, do not count
    ", #bres a[href*='/search?']:not([href*='start='], [id^='pn'])"
    ", #botstuff a[href*='/search?']:not([href*='start='], [id^='pn'])",
    "shopping_ads": "#atvcap [data-pla-slot], [data-pla-slot], "  # 2015-2026
    ".commercial-unit-desktop-top, .commercial-unit-desktop-rhs, .pla-unit",
    "side_bar": "#rhs [data-attrid], #rhs .kp-blk, #rhs .kno-kp, .TQc1id [data-attrid]",  # 2012-2026
    "top_image_carousel": "#appbar g-scrolling-carousel, #botabar .klitem, #kx",  # 2017-2024
    "top_stories": "g-section-with-header .WlydOe:not(.jyAf5b), g-scrolling-carousel .So9e7d, .JFSfwc",  # 2018-2026
    "twitter_cards": ".eejeod, g-section-with-header .tw-res, [data-show-author]",  # 2017-2024
    "videos": "[jsname=wRSfy] [jsname=TFTr6], g-scrolling-carousel .y8AWGd, .VibNM, .RzdJxc",  # 2017-2026
}  # fmt: skip

RESULT_STATS = ("result-stats", "resultStats")  # since 2020; until 2019
MAX_TOTAL_DIGITS = 15
NUMBER = re.compile("\\d[\\d.,'\u2019\u066c\u00a0\u202f ]*")


CUES = {name: serp_tokens.cues(selectors) for name, selectors in FEATURES.items()}
_EACH = tuple((name, cue) for name, cues in CUES.items() for cue in cues.every)
# What tells a feature alone: one id or class name. The others need a look at the tree; most of them are ruled out by a name.
OF_ID = {each: name for name, cue in _EACH if cue.enough for each in cue.ids}
OF_CLASS = {each: name for name, cue in _EACH if cue.enough for each in cue.classes}
IDS, CLASSES = frozenset(OF_ID), frozenset(OF_CLASS)
KEYED = tuple((name, cue) for name, cue in _EACH if cue.key)
OTHERS = tuple((name, cue) for name, cue in _EACH if not (cue.enough or cue.key))


def find(tokens: serp_tokens.Tokens) -> frozenset[str]:
    """Names of `FEATURES` that the page shows."""
    found = {OF_CLASS[each] for each in CLASSES & tokens.classes} | {OF_ID[each] for each in IDS & tokens.ids}
    for name, cue in OTHERS:
        if name not in found and cue.matches(tokens):
            found.add(name)
    unknown = [(name, cue) for name, cue in KEYED if name not in found]
    keys = serp_tokens.keys_of(tokens.main, [cue.key for _, cue in unknown if cue.key])
    return frozenset(found.union([name for name, cue in unknown if cue.key in keys and cue.matches(tokens)]))


def total_results(tokens: serp_tokens.Tokens) -> int | None:
    """The number of results Google claims ("About 1,230 results"), None where the page does not say.

    >>> total_results(serp_tokens.of_page(LexborHTMLParser("<p id=result-stats>Page 2 of about 1,23,000 results (0.31 s)</p>")))
    123000
    """
    return max(numbers(tokens), default=None)


def numbers(tokens: serp_tokens.Tokens) -> list[int]:
    """Every number in the line about the number of results: the page's number after page 1, and the claimed total."""
    node = next((tokens.elements[name] for name in RESULT_STATS if name in tokens.ids), None)
    return _numbers(node.text()) if node is not None else []


def number_in(text: str) -> int | None:
    """The number of results in such a line.

    >>> number_in("About 1,230 results (0.41 seconds)"), number_in("none")
    (1230, None)
    """
    return max(_numbers(text), default=None)


def _numbers(text: str) -> list[int]:
    claim = re.split(r"[(\uff08]", text, maxsplit=1)[0]
    digits = (re.sub(r"\D", "", number)[:MAX_TOTAL_DIGITS] for number in NUMBER.findall(claim))
    return [int(number) for number in digits if number]
