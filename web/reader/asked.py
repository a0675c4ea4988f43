"""What the headers of a request ask the reader for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Headers

import errors as trawl
from topics.scraping import config as configs
from topics.scraping.config import ScrapingConfig
from web.errors import Field, Problem

FORMATS = ("markdown", "text", "html")

#: Seconds that a request waits at most where it does not say, and where it does.
TIMEOUT_S, MOST_TIMEOUT_S = 60.0, 180.0

#: Headers of Jina's reader that are not offered: what they ask for would be missing in silence.
REFUSED = {
    "X-Proxy": "pages are fetched from where this server stands",
    "X-Proxy-Url": "set FETCH_PROXY",
    "X-With-Generated-Alt": "this server has no language model",
    "X-With-Iframe": "name the address of the frame",
    "X-With-Shadow-Dom": "name the address of the page",
    "X-Token-Budget": "cut the text where you read it",
    "X-Instruction": "ask POST /v2/scrape for the format json",
    "X-Json-Schema": "ask POST /v2/scrape for the format json with this schema",
}


#: What of the links and pictures of a text is kept: the word of a link alone, the description of a picture alone, nothing of it.
KEEPS = {"X-Retain-Links": ("all", "text", "none"), "X-Retain-Images": ("all", "alt", "none")}

#: What fetches a page. The names of a browser need requirements-browser.txt.
ENGINES = ("auto", "direct", "curl", "browser", "cf-browser-rendering")
BROWSERS = ENGINES[3:]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: how its page is read and written."""

    format: str
    config: ScrapingConfig
    timeout_s: float
    links: bool
    images: bool
    keeps_links: str = "all"
    keeps_images: str = "all"


def of(given: Mapping[str, str], more: Mapping[str, Any] = {}) -> Asked:
    """What is asked for; names of headers in any case. Raises Problem 422 that names the header."""
    headers = Headers(list(given.items()))
    for name, remedy in REFUSED.items():
        if headers.get(name, "").strip().lower() not in ("", "false", "none", "0"):
            _refuse(name, f"is not offered: {remedy}")
    format_ = (headers.get("X-Return-Format") or headers.get("X-Respond-With") or "markdown").strip().lower()
    format_ = "markdown" if format_ in ("default", "content") else format_
    if format_ not in FORMATS:
        _refuse("X-Return-Format", f"is {format_!r:.40}; there are {', '.join(FORMATS)}")
    keeps_links, keeps_images = (_chosen(headers, name, KEEPS[name]) for name in KEEPS)
    links, images = _is_true(headers, "X-With-Links-Summary"), _is_true(headers, "X-With-Images-Summary")
    timeout_s = min(MOST_TIMEOUT_S, _seconds(headers, "X-Timeout") or TIMEOUT_S)
    fields = {"max_retries": 0, "timeout": timeout_s, "extract_metadata": True, **_fetched(headers), **more}
    fields |= {"extract_raw_html": format_ == "html", "extract_links": links, "extract_images": images}
    try:
        return Asked(format_, configs.of(fields), timeout_s, links, images, keeps_links, keeps_images)
    except trawl.DataError as exc:
        raise Problem(422, str(exc), code="invalid") from None
    except trawl.ConfigError as exc:
        raise Problem(
            422, f"X-Wait-For-Selector and X-Engine: browser need a browser (requirements-browser.txt): {exc}", code="invalid"
        ) from None


def _fetched(headers: Headers) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, own in (("X-Target-Selector", "content_within"), ("X-Remove-Selector", "content_without")):
        if headers.get(name):
            fields[own] = [headers[name]]
    if _chosen(headers, "X-Engine", ENGINES) in BROWSERS:
        fields |= {"render": True}
    if headers.get("X-Wait-For-Selector"):
        fields |= {"render": True, "actions": [{"type": "wait", "selector": headers["X-Wait-For-Selector"]}]}
    if not _is_true(headers, "X-No-Cache"):
        fields |= {"max_age": _seconds(headers, "X-Cache-Tolerance")}
    sent = {"Cookie": headers.get("X-Set-Cookie"), "Accept-Language": headers.get("X-Locale")}
    sent |= {"User-Agent": headers.get("X-User-Agent"), "Referer": headers.get("X-Referer")}
    sent_now = {name: text for name, text in sent.items() if text}
    return fields | ({"headers": sent_now} if sent_now else {})


def _chosen(headers: Headers, name: str, values: tuple[str, ...]) -> str:
    """The word of a header, the first of its values where it is left out."""
    word = (headers.get(name) or values[0]).strip().lower()
    if word not in values:
        _refuse(name, f"is {word!r:.40}; there are {', '.join(values)}")
    return word


def _seconds(headers: Headers, name: str) -> float:
    text = headers.get(name, "0").strip()
    if not text.isascii() or not text.replace(".", "", 1).isdigit() or len(text) > 12:
        _refuse(name, f"is {text!r:.40}; give seconds")
    return float(text)


def _is_true(headers: Headers, name: str) -> bool:
    return headers.get(name, "").strip().lower() in ("true", "1", "yes", "all")


def _refuse(name: str, message: str) -> None:
    raise Problem(422, f"The header {name} {message}.", fields=[Field(name, message)], code="invalid")
