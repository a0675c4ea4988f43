"""Which pages belong to a crawl, and the identity of a page."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from errors import DataError
from parsing import linear_regex, url_traps, web_urls
from state.scraping.ledgers import Offer
from topics.scraping import patterns
from topics.scraping.config import ScrapingConfig

#: Endings of files that are no pages; they are not fetched.
FILES = re.compile(
    r"\.(?:7z|avi|avif|bin|bmp|bz2|css|csv|deb|dmg|docx?|eot|epub|exe|flv|gif|gz|ico|ics|iso|jar|jpe?g|js|json|m4[av]|mjs|mkv|mov|mp[34]"
    r"|mpe?g|msi|odt|ogg|otf|pdf|png|pptx?|ps|rar|rpm|rtf|svg|swf|tar|tgz|tiff?|ttf|txt|wav|webm|webp|wmv|woff2?|xlsx?|xml|zip)$",
    re.IGNORECASE,
)
OF_FILES = re.compile(r"(?:/|:)\w{2,20}:[^/]+$")  # a wiki's page about a file: /wiki/File:Cat.jpg
INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
DIGITS = re.compile(r"\d+")

#: An address of a batch is kept as it was written, so that whoever wrote it finds it again; unless it has blanks or a fragment.
AS_WRITTEN = re.compile(r"[!\"$-~]{1,2000}")

#: Addresses that this process has offered already: most links of a page are among them, and go nowhere.
MOST_KNOWN = 200_000

#: So many pages with other paths are believed when they name one page as their own address.
MOST_CLAIMS = 5


class Scope:
    """What belongs to one crawl. Safe for several threads: at worst an address is offered twice, which changes nothing."""

    def __init__(self, start: str, config: ScrapingConfig) -> None:
        url = web_urls.parse(start)
        self._host, self._folder = url.host, url.path
        self._config = config
        self._start = self._mark(web_urls.parse(web_urls.canonical(without_query(url.href) if config.ignore_query else url.href)))
        self._known: set[str] = set()
        self._claims: Counter[bytes] = Counter()

    def owns(self, host: str) -> bool:
        """Whether pages of this host belong to the site."""
        if host == self._host or self._config.other_sites:
            return True
        if self._config.subdomains:
            return web_urls.site_of(host) == web_urls.site_of(self._host)
        return host.removeprefix("www.") == self._host.removeprefix("www.")

    def offers(self, urls: Iterable[str], depth: int) -> list[Offer]:
        """The new pages among these addresses, each with the reason where it is skipped. Other sites are left out."""
        found = []
        for url in urls:
            if url in self._known:
                continue
            if offer := self.offer(url, depth):
                found.append(offer)
        return found

    def know(self, urls: Iterable[str]) -> None:
        """These addresses were offered, and taken: leave them out from now on."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known.update(urls)

    def offer(self, text: str, depth: int) -> Offer | None:
        """One address as a page of this crawl; None where it is of another site, or no address."""
        try:
            text = without_query(text) if self._config.ignore_query else text
            url = web_urls.parse(text)
            name = web_urls.canonical(text)
            identity = url if name == url.href else web_urls.parse(name)
        except DataError:
            return None
        if not self.owns(url.host) or url.userinfo:
            return None
        href = url.href.partition("#")[0]  # as the site wrote it: the canonical form may be an error there
        mark = self._mark(identity)
        if mark == self._start:  # whatever is included or left out: the first page leads to the others
            return Offer(mark, url.authority, "", "", href)
        return Offer(mark, url.authority, pattern_of(identity), self._reason(identity, depth), href)

    def sent_on(self, target: str, url: str, depth: int) -> Offer | None:
        """The page to which the page at `url` sends, or that it names as its own address.

        Where the two are similar, it is a page of its own all the same: the first one is none.
        """
        offer = self.offer(target, depth)
        if offer is None or not self._config.similar_once:
            return offer
        own, other = (web_urls.parse(web_urls.canonical(one)) for one in (url, offer.url))
        return offer._replace(fingerprint=fingerprint(other.href)) if similar(own) == similar(other) else offer

    def _mark(self, url: web_urls.Url) -> bytes:
        """The identity of an address in canonical form."""
        return fingerprint(similar(url) if self._config.similar_once else url.href)

    def believed(self, named: str, url: str, depth: int) -> Offer | None:
        """The page that the page at `url` names as its own address; None where that is not believed.

        Many sites name one page, often the first one, on all their pages. So five pages with other paths are believed, no more.
        """
        offer = self.sent_on(named, url, depth)
        if offer is None or offer.reason:
            return None
        target, own = web_urls.parse(offer.url), web_urls.parse(url)
        if target.path == own.path or target.path.rstrip("/") == own.path.rstrip("/"):
            return offer
        self._claims[offer.fingerprint] += offer.url != url
        return offer if self._claims[offer.fingerprint] <= MOST_CLAIMS else None

    def _reason(self, url: web_urls.Url, depth: int) -> str:
        """Why a page of this site is not fetched; "" = it is."""
        config = self._config
        if depth > config.max_depth or (config.max_path_depth is not None and depth_of(url.path) > config.max_path_depth):
            return "depth"
        if FILES.search(url.path) and not OF_FILES.search(url.path):
            return "file"
        if config.exclude and any(patterns.matches(one, url.href, url.target) for one in config.exclude):
            return "excluded"
        if config.include and not any(patterns.matches(one, url.href, url.target) for one in config.include):
            return "not included"
        if config.below_start and url.host == self._host and not url.path.startswith(self._folder):
            return "not included"
        if config.exclude_regex or config.include_regex:
            return _reason_by_regex(url.href if config.regex_on_url else url.path, config) or _trap(url)
        return _trap(url)


def _trap(url: web_urls.Url) -> str:
    return "trap" if url_traps.is_trap(url.href) else ""


def _reason_by_regex(text: str, config: ScrapingConfig) -> str:
    if any(linear_regex.compiled(one).search(text) for one in config.exclude_regex):
        return "excluded"
    if config.include_regex and not any(linear_regex.compiled(one).search(text) for one in config.include_regex):
        return "not included"
    return ""


def without_query(url: str) -> str:
    """An address without its query and fragment.

    >>> without_query("https://example.com/a?b=c#d")
    'https://example.com/a'
    """
    return url.partition("#")[0].partition("?")[0]


def similar(url: web_urls.Url) -> str:
    """What addresses share that most sites answer alike.

    >>> [similar(web_urls.parse(one)) for one in ("http://www.a.example/b/index.html?c", "https://a.example/b?c", "https://a.example/")]
    ['~a.example/b?c', '~a.example/b?c', '~a.example']
    """
    path = INDEX.sub("", url.path).rstrip("/")
    return f"~{url.authority.removeprefix('www.')}{path}" + (f"?{url.query}" if url.query else "")


def depth_of(path: str) -> int:
    """How many parts a path has.

    >>> depth_of("/"), depth_of("/a/"), depth_of("/a/b.html")
    (0, 1, 2)
    """
    return sum(bool(part) for part in path.split("/"))


def fingerprint(canonical: str) -> bytes:
    """The identity of a page in 10 bytes: among a billion pages, two share one with a chance of 1 in 2.4 million."""
    return hashlib.blake2b(canonical.encode(), digest_size=10).digest()


def pattern_of(url: web_urls.Url) -> str:
    """The pattern that a page shares with others of its site, as far as a crawl learns whether they are a trap.

    With a query it is the names of the parameters; else the first part of the path and how many parts follow.
    """
    if url.query:
        return "?" + "&".join(sorted({part.partition("=")[0][:40] for part in url.query.split("&")}))[:200]
    first, *rest = url.path.strip("/").split("/")
    return f"/{DIGITS.sub('0', first[:40])}/{len(rest)}" if rest else ""


def batch_offers(urls: Iterable[str]) -> Iterator[Offer]:
    """The pages of a batch, in order; one that is there twice is skipped as a duplicate. Raises DataError for no address."""
    seen: dict[bytes, int] = {}
    for text in urls:
        url = web_urls.parse(text)
        mark = fingerprint(web_urls.canonical(url.href))
        times = seen[mark] = seen.get(mark, -1) + 1
        if times:
            yield Offer(fingerprint(f"{url.href}#{times}"), url.authority, "", "duplicate", url.href)
        else:
            yield Offer(mark, url.authority, "", "", text if AS_WRITTEN.fullmatch(text) else url.href)
