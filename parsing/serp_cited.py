"""Which pages the AI overview names as its sources."""

from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from parsing import urls

OVERVIEW = "[data-mcpr]"  # around the answer and its sources, 2024-2026; a second such block lies inside the first
LINKS = "a[href]"
MAX_SOURCES = 200
# Google's help, terms and account pages stand below every answer; its publications (blog, culture, books) can be sources.
OWN_HOSTS = frozenset({
    "support.google.com", "policies.google.com", "accounts.google.com", "myaccount.google.com", "www.google.com",
})  # fmt: skip


def find(main: LexborNode, base: str) -> tuple[str, ...]:
    """Addresses of the overview's sources in page order, each once. A page without a loaded overview has none."""
    overview = main.css_first(OVERVIEW)
    if overview is None:
        return ()
    return distinct((link.attributes.get("href") for link in overview.css(LINKS)), base)


def distinct(hrefs: Iterable[str | None], base: str) -> tuple[str, ...]:
    """Where links lead, without the mark of the quoted words (`#:~:text=`), each address once.

    >>> distinct(["/url?q=https://a.example/%23:~:text%3Dx", "https://a.example/", "/search?q=oak", None], urls.GOOGLE)
    ('https://a.example/',)
    """
    found: dict[str, None] = {}
    for href in hrefs:
        target = urls.result_of(href, base)
        if target is None or target.url is None or urls.host_of(target.url) in OWN_HOSTS:
            continue
        found.setdefault(target.url.partition("#:~:")[0])
        if len(found) >= MAX_SOURCES:
            break
    return tuple(found)
