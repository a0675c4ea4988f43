"""Whether a result is the page that is meant to rank, as people write that page: an address, one without scheme, or a path."""

import functools
from typing import NamedTuple
from urllib.parse import unquote, urlsplit


class _Page(NamedTuple):
    host: str  # lower case, without www.; "" = any
    path: str  # decoded, without the slash at its end
    query: str


def is_page(url: str, meant: str) -> bool:
    """Whether `url` is the page that `meant` names. Scheme, `www.`, a slash at the end and the fragment make no difference.

    Where `meant` has no query, any query fits: results carry marks of their own.

    >>> is_page("https://www.example.com/shoes/?srsltid=1", "/shoes"), is_page("https://example.com/shoes", "example.com/shoes/")
    (True, True)
    >>> is_page("https://example.com/blog/shoes", "https://example.com/shoes"), is_page("https://shop.example.com", "example.com")
    (False, False)
    """
    found, wanted = _page(url), _page(meant)
    if found is None or wanted is None:
        return False
    return (
        wanted.host in ("", found.host)
        and found.path == wanted.path
        and (not wanted.query or sorted(found.query.split("&")) == sorted(wanted.query.split("&")))
    )


@functools.lru_cache(100_000)
def identity(url: str) -> str:
    """What the addresses of one page share: scheme, `www.`, a slash at the end and the fragment make no other page.

    >>> identity("http://www.example.com/shoes/#top"), identity("https://example.com/shoes?size=4")
    ('example.com/shoes', 'example.com/shoes?size=4')
    """
    found = _page(url)
    return url if found is None or not found.host else found.host + found.path + (f"?{found.query}" if found.query else "")


def _page(text: str) -> _Page | None:
    text = text.strip()
    absolute = text if "://" in text or text.startswith("/") else f"//{text}"
    try:
        parts = urlsplit(absolute if not absolute.startswith("//") else f"https:{absolute}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    return _Page(host, unquote(parts.path).rstrip("/"), parts.query)
