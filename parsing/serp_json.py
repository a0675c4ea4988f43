"""Reads the JSON of Scrape.do's Google Search plugin (2026-11) into the same page as an HTML answer."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import models
from parsing import serp_phrases, urls

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
LINK_KEYS = ("link", "url")  # the official sample reads `link`, other clients `url`
DISPLAYED_KEYS = ("displayed_link", "displayed_url", "cite")
EMPTY_STATES = ("fully empty", "no results", "empty")
FAILURE = models.SerpPage(models.PageClass.PARSE_FAILURE)


def parse_plugin(body: bytes | str) -> models.SerpPage:
    """Read one answer of the plugin; never raises.

    Results keep their order and are numbered from 1: the plugin's own `position` may restart or skip. An empty list is NO_RESULTS
    only where `search_information` says so; anything broken or missing is PARSE_FAILURE.

    >>> page = parse_plugin('{"organic_results": [{"title": "A", "link": "https://example.com/"}]}')
    >>> page.page_class.value, page.organic[0].url
    ('results', 'https://example.com/')
    """
    data = _load(body)
    if not isinstance(data, dict) or not isinstance(data.get("organic_results"), list):
        return FAILURE
    organic = _organic(data["organic_results"])
    information = data.get("search_information")
    total = _total(information)
    if organic:
        features = _features(data) | {"general"}
        return models.SerpPage(models.PageClass.RESULTS, organic, features, total, models.Confidence.STRICT)
    if data["organic_results"] or not _says_none(information, total):
        return FAILURE
    return models.SerpPage(models.PageClass.NO_RESULTS, (), _features(data), total)


def _load(body: bytes | str) -> Any:
    try:
        return json.loads(body if isinstance(body, str) else body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None


def _organic(rows: list[Any]) -> tuple[models.Organic, ...]:
    found = (_row(row) for row in rows if isinstance(row, dict))
    return tuple(models.Organic(position, *fields) for position, fields in enumerate(filter(None, found), 1))


def _row(row: dict[str, Any]) -> tuple[str | None, str | None, str, str | None] | None:
    """(url, goto_url, title, displayed host); None for an empty row. A title alone keeps its place."""
    target = next((link for link in (urls.unwrap(text) for text in _texts(row, LINK_KEYS)) if any(link)), None)
    title = next(_texts(row, ("title",)), "").strip()
    if target is None and not title:
        return None
    target = target or urls.Link(None, None)
    shown = next(filter(None, map(urls.displayed_host, _texts(row, DISPLAYED_KEYS))), None)
    return target.url, target.goto_url, title, shown


def _texts(row: dict[str, Any], keys: Iterable[str]) -> Iterator[str]:
    return (value for value in map(row.get, keys) if isinstance(value, str) and value.strip())


def _features(data: dict[str, Any]) -> frozenset[str]:
    return frozenset(name for key, name in FEATURE_KEYS.items() if data.get(key))


def _total(information: Any) -> int | None:
    value = information.get("total_results") if isinstance(information, dict) else None
    if isinstance(value, str):
        digits = "".join(filter(str.isdecimal, value))[:15]
        return int(digits) if digits else None
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**15 else None


def _says_none(information: Any, total: int | None) -> bool:
    """A claimed total of 0, a state word, or Google's own sentence."""
    if not isinstance(information, dict):
        return False
    words = " ".join(value for value in information.values() if isinstance(value, str)).casefold()
    phrases = (phrase for phrases in serp_phrases.NOTHING_FOUND.values() for phrase in phrases)
    return total == 0 or any(phrase in words for phrase in (*EMPTY_STATES, *phrases))
