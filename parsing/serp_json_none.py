"""When a JSON answer without results means "nothing found", and when the service only failed to read the page.

Services answer with an empty list where their own reading failed (SerpApi reports of 2023 to 2026: "Fully empty" though the page
had results). So only the service's own fields count, read exactly. A contradiction makes the answer unknown.
"""

import re
from typing import Any

import models
from parsing import serp_phrases, serp_query

EMPTY_STATE = "fully empty"
OTHER_QUERY_STATE = "empty showing fixed spelling results"  # results of another spelling, because the query has none
# Results of the query as it was typed (states of SerpApi, 2026-11), whatever other spelling is offered.
EXACT_STATES = frozenset({"results for exact spelling", "showing results for exact spelling despite spelling suggestion"})
NONE_SENTENCE = re.compile(r"google has(?:n'?t| not) returned any results for this query\.?")
FAILED_STATUSES = frozenset({"error", "failed", "processing", "queued"})
ABOUT_REQUEST = ("search_metadata", "request_info", "requestMetadata", "request_metadata", "meta")
ERROR_KEYS = ("error", "errors", "error_message", "errorMessage", "Error")
SUCCESS_KEYS = ("success", "ok")
CODE_KEYS = ("StatusCode", "statusCode", "status_code", "status", "error_code", "errorCode", "code")
WORDS = ("message", "Message", "msg", "detail")  # of the service itself, at the top of its answer
MESSAGE_KEYS = ("message", "notice", "info")  # sentences of the page; all other texts may repeat the user's words

# What only pages with results have. Ads stand on empty pages too, so no ad is a sign.
RESULT_SIGNS = (
    "related_questions", "top_stories", "inline_videos", "inline_images", "inline_images_results", "videos", "images",
    "menu_items", "perspectives", "discussions_and_forums", "recipes_results", "news_results", "twitter_results",
)  # fmt: skip
ANSWERS = ("answer_box", "local_results", "local_map", "knowledge_graph")
PAGERS = ("pagination", "serpapi_pagination")


def is_failure(data: dict[str, Any]) -> bool:
    """Whether the service says that it failed. Results beside an error are half a page at best."""
    parts = (data, *(data[name] for name in ABOUT_REQUEST if isinstance(data.get(name), dict)))
    return any(map(_has_error, parts)) or any(map(_has_failed, parts))


def _has_error(part: dict[str, Any]) -> bool:
    told = [part[name] for name in ERROR_KEYS if part.get(name)]
    return any(not _is_none_sentence(error) for error in told)


def _has_failed(part: dict[str, Any]) -> bool:
    """A state or the status of an error; `true`, a text and 20000 (DataForSEO's "Ok.") are none."""
    if any(part.get(name) is False for name in SUCCESS_KEYS) or str(part.get("status")).casefold() in FAILED_STATUSES:
        return True
    codes = (part.get(name) for name in CODE_KEYS)
    return any(isinstance(code, int) and (400 <= code < 600 or 40_000 <= code < 60_000) for code in codes)


def class_of(data: dict[str, Any], about: dict[str, Any], total: int | None, query: str | None) -> models.PageClass:
    """The class of an answer in which no result was found; `about` is its `search_information`, `total` the claimed number."""
    rows = data.get("organic_results")
    if rows not in (None, []) or total or _has_results(data) or _speaks(data) or not _says_none(data, about, total, query):
        return models.PageClass.PARSE_FAILURE
    if data.get("related_searches") and total != 0:
        return models.PageClass.PARSE_FAILURE  # answers with unread results looked like this (reported in July 2022)
    if not any(data.get(key) for key in ANSWERS):
        return models.PageClass.NO_RESULTS
    alone = not data.get("related_searches") and not any(data.get(key) for key in PAGERS)
    return models.PageClass.ANSWER_ONLY if alone else models.PageClass.PARSE_FAILURE


def _speaks(data: dict[str, Any]) -> bool:
    """Whether the service says something itself: a captcha, a limit. Google's words stand in `search_information`."""
    return any(isinstance(data.get(name), str) and not _is_none_sentence(data[name]) for name in WORDS)


def says_none_for(about: dict[str, Any], query: str | None) -> bool:
    """Whether a notice says that the query has no results. Those shown are then of another one, e.g. without its quotes."""
    if about.get("original_query_yields_zero_results") is True:  # Traject's services: those shown are of another query
        return True
    if " ".join(str(about.get("organic_results_state")).split()).casefold() == OTHER_QUERY_STATE:
        return True
    return any(_is_none_message(about[key], query) for key in MESSAGE_KEYS if isinstance(about.get(key), str))


def _has_results(data: dict[str, Any]) -> bool:
    pagers = (data[key] for key in PAGERS if isinstance(data.get(key), dict))
    return any(data.get(key) for key in RESULT_SIGNS) or any(pager.get("next") or pager.get("next_link") for pager in pagers)


def _says_none(data: dict[str, Any], about: dict[str, Any], total: int | None, query: str | None) -> bool:
    """A state decides. Without a state, Google's sentence decides, or an empty list with a claimed total of 0."""
    state = about.get("organic_results_state")
    if isinstance(state, str) and state.strip():
        return " ".join(state.split()).casefold() == EMPTY_STATE
    if _is_none_sentence(data.get("error")):
        return True
    if data.get("organic_results") != []:
        return False
    messages = (about.get(key) for key in MESSAGE_KEYS)
    return total == 0 or any(_is_none_message(text, query) for text in messages if isinstance(text, str))


def _is_none_sentence(error: Any) -> bool:
    return isinstance(error, str) and NONE_SENTENCE.fullmatch(serp_query.folded(error.replace("\u2019", "'"))) is not None


def _is_none_message(text: str, query: str | None) -> bool:
    """Google's sentence for "nothing found", with the user's words taken out of it."""
    return serp_phrases.says_nothing_found(serp_query.without(text, query))
