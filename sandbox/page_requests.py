"""A page that somebody asks the sandbox for, read from a Google address or the plugin's parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import errors
import models

PAGE_SIZE = 10


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page that somebody asks for; `url` is the Google address it stands at."""

    query: models.SerpQuery
    start: int
    url: str


def read_url(url: str, device: str) -> PageRequest:
    """The question in a Google address. Raises DataError for what is no result page of Google's."""
    parts = urlsplit(url)
    values = {name: value[-1] for name, value in parse_qs(parts.query).items()}
    if not (parts.hostname or "").startswith("www.google.") or parts.path != "/search":
        raise errors.DataError(f"url={url[:100]!r}: the sandbox only knows https://www.google.com/search?q=…")
    return _request_of(values, device, url)


def read_plugin(params: Mapping[str, str]) -> PageRequest:
    """The question in the plugin's parameters. Raises DataError where `q` or `start` is wrong."""
    return _request_of(params, params.get("device", "desktop"), "https://www.google.com/search")


def _request_of(values: Mapping[str, str], device: str, url: str) -> PageRequest:
    text, start = values.get("q", "").strip(), values.get("start", "0") or "0"
    if not text:
        raise errors.DataError("q is missing")
    if not (start.isascii() and start.isdigit()):
        raise errors.DataError(f"start={start!r}: use 0, 10, 20 …")
    if device not in ("desktop", "mobile", "tablet"):
        raise errors.DataError(f"device={device!r}: use desktop, mobile or tablet")
    query = models.SerpQuery(text, country=values.get("gl", "us"), language=values.get("hl", "en"), device=device)
    return PageRequest(query, int(start) // PAGE_SIZE * PAGE_SIZE, url)
