"""Reads the JSON of Scrape.do's Google Search plugin (2026-11), or of another service of that form, into the same page as HTML.

The service's own fields decide about "nothing found" (`serp_json_none`). The user's words never do.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import models
from parsing import serp_cited, serp_features, serp_json_none, serp_organic, serp_query, urls

FEATURE_KEYS = {
    "top_ads": "ad",
    "bottom_ads": "ad",
    "ads": "ad",
    "ai_overview": "ai_overview",
    "answer_box": "featured_snippet",
    "discussions_and_forums": "discussions_and_forums",
    "images": "images",
    "inline_images": "images",
    "inline_videos": "videos",
    "knowledge_graph": "knowledge",
    "local_results": "maps",
    "perspectives": "perspectives",
    "recipes_results": "recipes",
    "related_questions": "people_also_ask",
    "related_searches": "searches_related",
    "shopping_results": "shopping_ads",
    "top_stories": "top_stories",
    "videos": "videos",
}
# Names of other services of this form (Serper, HasData, Bright Data; 2026-11), and those that are read here.
OTHER_NAMES = {
    "organic": "organic_results",
    "organicResults": "organic_results",
    "searchInformation": "search_information",
    "searchParameters": "search_parameters",
    "relatedSearches": "related_searches",
    "peopleAlsoAsk": "related_questions",
    "relatedQuestions": "related_questions",
    "people_also_ask": "related_questions",
    "knowledgeGraph": "knowledge_graph",
    "knowledge": "knowledge_graph",
    "answerBox": "answer_box",
    "topStories": "top_stories",
    "localResults": "local_results",
    "aiOverview": "ai_overview",
}
LINK_KEYS = ("link", "url")  # the official sample reads `link`, other clients `url`
DISPLAYED_KEYS = ("displayed_link", "displayed_url", "displayedLink", "displayedUrl", "display_link", "cite")
AD_TYPES = frozenset({"ad", "ads", "paid", "sponsored"})
# Types of blocks that services list among the results, in page order (2024-2026). A `video` on its own is a result.
BLOCK_TYPES = frozenset({
    "ai_overview", "answer_box", "carousel", "discussions_and_forums", "events", "find_results_on", "flights", "google_flights",
    "hotels", "hotels_pack", "image", "images", "jobs", "knowledge_graph", "knowledge_panel", "local", "local_pack",
    "local_results", "map", "maps", "multi_carousel", "news", "people_also_ask", "people_also_search", "perspectives",
    "popular_products", "questions_and_answers", "related_questions", "related_searches", "refine_products", "shopping",
    "short_videos", "things_to_know", "top_sights", "top_stories", "twitter", "video_carousel", "videos",
})  # fmt: skip
YES = (True, 1, "1", "true", "True", "yes")
NO_SCHEME = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#:]|$)")  # `example.com/page`
AD_KEYS = ("is_ad", "ad", "isAd", "sponsored", "is_sponsored", "isSponsored")
# Of an `ai_overview`; each is a list of rows with a link (2024-2026).
SOURCE_KEYS = ("references", "sources", "citations", "reference_links")
ASKED_KEYS = (("search_parameters", "q"), ("general", "query"), ("query", "q"), ("searchQuery", "term"))
CORRECTION_KEYS = ("showing_results_for", "spelling_fix", "including_results_for")  # the query whose results are shown
FAILURE = models.SerpPage(models.PageClass.PARSE_FAILURE)


def parse_plugin(body: bytes | str) -> models.SerpPage:
    """Read one answer of the plugin; never raises.

    Results keep their order and are numbered from 1: the plugin's own `position` may restart or skip. Rows that lead nowhere, to
    an ad or back to Google are left out. A result repeated in a row counts once, as in HTML. An empty list is NO_RESULTS only
    where the answer says so and nothing contradicts. Anything broken or missing is PARSE_FAILURE.

    >>> page = parse_plugin('{"organic_results": [{"title": "A", "link": "https://example.com/"}]}')
    >>> page.page_class.value, page.organic[0].url
    ('results', 'https://example.com/')
    """
    data = _load(body)
    if not isinstance(data, dict):
        return FAILURE
    data = {name: data[other] for other, name in OTHER_NAMES.items() if other in data} | data
    rows = data.get("organic_results")
    organic = _organic(rows) if isinstance(rows, list) else ()
    about = data["search_information"] if isinstance(data.get("search_information"), dict) else {}
    total = _total(about.get("total_results"))
    query = _query(data, about)
    if serp_json_none.is_failure(data):
        return FAILURE
    page_class = models.PageClass.RESULTS if organic else serp_json_none.class_of(data, about, total, query)
    if organic and serp_json_none.says_none_for(about, query):  # those shown are of another query, as on such a page in HTML
        organic, page_class = (), models.PageClass.NO_RESULTS
    if page_class is models.PageClass.PARSE_FAILURE:
        return FAILURE
    return models.SerpPage(
        page_class,
        organic,
        _features(data) | ({"general"} if organic else set()),
        total,
        models.Confidence.STRICT if organic else models.Confidence.NONE,
        query=query,
        is_corrected=_is_corrected(about, query, _asked(data)),
        cited=_cited(data.get("ai_overview")),
    )


def _load(body: bytes | str) -> Any:
    try:
        return json.loads(body.removeprefix("\ufeff") if isinstance(body, str) else body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None


def _organic(rows: list[Any]) -> tuple[models.Organic, ...]:
    found: list[models.Organic] = []
    for target, title, shown in filter(None, (_row(row) for row in rows if isinstance(row, dict))):
        last = found[-1] if found else None
        if last is None or title != last.title or not serp_organic.is_repeat(target, urls.Link(last.url, last.goto_url)):
            found.append(models.Organic(len(found) + 1, target.url, target.goto_url, title, shown))
    return tuple(found)


def _row(row: dict[str, Any]) -> tuple[urls.Link, str, str | None] | None:
    """(target, title, displayed host). An ad, another block, a row without a link and a link back to Google give None."""
    kind = "_".join(str(row.get("type")).casefold().split())
    if kind in AD_TYPES or kind in BLOCK_TYPES or any(row.get(key) in YES for key in AD_KEYS) or _is_beside(row):
        return None
    href = next(_texts(row, LINK_KEYS), None)
    target = urls.result_of(f"https://{href}" if href and NO_SCHEME.match(href) else href)
    if target is None:
        return None
    title = next(_texts(row, ("title",)), "").strip()
    shown = next(filter(None, map(urls.displayed_host, _texts(row, DISPLAYED_KEYS))), None)
    return target, title, shown


def _is_beside(row: dict[str, Any]) -> bool:
    """Whether a service numbers a row as none of the results: an answer has a place below 0 there."""
    return any(isinstance(row.get(key), int) and row[key] < 0 for key in ("rank", "position"))


def _texts(row: dict[str, Any], keys: Iterable[str]) -> Iterator[str]:
    return (value for value in map(row.get, keys) if isinstance(value, str) and value.strip())


def _features(data: dict[str, Any]) -> frozenset[str]:
    return frozenset(name for key, name in FEATURE_KEYS.items() if data.get(key))


def _total(value: Any) -> int | None:
    if isinstance(value, str):
        return serp_features.number_in(value)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**15 else None


def _query(data: dict[str, Any], about: dict[str, Any]) -> str | None:
    """The query that Google showed, else the one that the service says it asked."""
    shown = next(_texts(about, ("query_displayed",)), None) or _asked(data)
    return " ".join(shown.split()) if shown else None


def _asked(data: dict[str, Any]) -> str | None:
    """The query that the service says it asked. Each service has its own place for it."""
    places = ((data[name], key) for name, key in ASKED_KEYS if isinstance(data.get(name), dict))
    return next((text for place, key in places for text in _texts(place, (key,))), None)


def _is_corrected(about: dict[str, Any], query: str | None, asked: str | None) -> bool:
    """Whether the results are those of another spelling. A mere "did you mean" changes nothing.

    Some services show the spelling as it was typed beside the corrected one, others the corrected one in both places.
    """
    if str(about.get("organic_results_state")).casefold().strip() in serp_json_none.EXACT_STATES:
        return False
    typed = {serp_query.folded(text or "") for text in (query, asked or query)}
    return any({serp_query.folded(text)} != typed for text in _texts(about, CORRECTION_KEYS))


def _cited(overview: Any) -> tuple[str, ...]:
    """What the AI overview names as its sources, in order, each once."""
    if not isinstance(overview, dict):
        return ()
    rows = (row for key in SOURCE_KEYS if isinstance(overview.get(key), list) for row in overview[key])
    return serp_cited.distinct(map(_source, rows), urls.GOOGLE)


def _source(row: Any) -> str | None:
    if isinstance(row, dict):
        return next(_texts(row, LINK_KEYS), None)
    return row if isinstance(row, str) else None
