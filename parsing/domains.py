"""The project's target: the addresses that belong to a tracked domain.

    example.com         a registrable domain: itself and every subdomain
    blog.example.com    a deeper host: itself and its `www.` only
    *.blog.example.com  itself and everything below
    example.com/docs    the host by the rules above, and only paths at or below `/docs`

Private suffixes count: `foo.github.io` is a domain of its own, and `bar.github.io` belongs to somebody else.
"""

import functools
import ipaddress
import re
import string
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

import publicsuffixlist

import errors
import models
from parsing import urls

WWW = "www."
#: A scheme as people type it: `http//`, `htttp://`, `ttp:`.
TYPED_SCHEME = re.compile(r"\A(?:(?:h?t{1,3}ps{0,2}|ttps?)(?::/{0,3}|//+)|//+)", re.IGNORECASE)
SCHEME = re.compile(r"(?:https?:)?//", re.IGNORECASE)
PORT = re.compile(r":\d{0,5}$", re.ASCII)
SEARCH_CONSOLE = "sc-domain:"  # before the name of a domain property (2026-11)
# Marks that stand in host names: besides letters of any script, those of Catalan, Japanese and Hebrew names, joiners, full stops
# of Chinese and Japanese keyboards, and emoji.
HOST_MARKS = frozenset("-._:[]\u00b7\u30fb\u05f3\u05f4\u3002\uff0e\uff61\u200c\u200d")
UNSEEN = "\ufeff\u200b\u200e\u200f\u2060\u00ad"  # invisible characters at the ends of a pasted name
REMEDY = "give a domain (example.com), a host (blog.example.com), *.host or host/path"


@dataclass(frozen=True, slots=True)
class Target:
    """The tracked domain of a project, normalised."""

    host: str  # lower case punycode without `www.`, or an IP address
    subdomains: bool  # whether hosts below `host` count too
    segments: tuple[str, ...] = ()  # the path's parts, decoded; () = every path

    def __str__(self) -> str:
        wide = self.subdomains and registrable(self.host) != self.host
        path = (quote(part, safe="@:!$&()+,;=~") for part in self.segments)
        return "/".join((f"*.{self.host}" if wide else self.host, *path))


@dataclass(frozen=True, slots=True)
class Hit:
    """A result that belongs to the target. `approximate`: the link is opaque, and only the displayed host matched."""

    position: int
    url: str | None
    title: str
    approximate: bool


def parse_target(text: str) -> Target:
    """Read the domain to track as a user writes it. Scheme, port, `www.`, trailing dot and slash are dropped.

    `sc-domain:example.com`, the form of Search Console, is example.com.

    Raises ArgumentError for a text that names no site: empty, with spaces, a bare public suffix.

    >>> parse_target("https://WWW.Example.com:443/")
    Target(host='example.com', subdomains=True, segments=())
    >>> parse_target("blog.example.com/docs/")
    Target(host='blog.example.com', subdomains=False, segments=('docs',))
    >>> str(parse_target("*.blog.example.com"))
    '*.blog.example.com'
    """
    rest = TYPED_SCHEME.sub("", _property(text.strip(UNSEEN + string.whitespace).strip()), count=1)
    if not rest or re.search(r"[\s?#\\]", rest) or "://" in rest:
        raise errors.ArgumentError(f"domain {text!r} cannot be tracked: {REMEDY}")
    name, _, path = rest.partition("/")
    path = path.removesuffix("*") if path.rpartition("/")[2] == "*" else path  # `example.com/*`, as Ahrefs writes it
    if "*" in path:
        raise errors.ArgumentError(
            f"domain {text!r} has a * in its path: a path counts with all that is below it, so leave it out"
        )
    if odd := next((char for char in name.removeprefix("*.") if not _may_stand_in_host(char)), None):
        raise errors.ArgumentError(f"domain {text!r} holds {odd!r} (U+{ord(odd):04X}), which no host name has: {REMEDY}")
    starred = name.startswith("*.")
    name = PORT.sub("", name.removeprefix("*."))
    address = _address(name)
    if address and not starred:
        return Target(address, False, _segments(path))
    host = urls.normal_host(name)
    if host is None or host.rpartition(".")[2].isdigit():  # no TLD is a number: a broken IP address
        raise errors.ArgumentError(f"domain {text!r} is not a host name: {REMEDY}")
    host = _without_www(host)
    domain = registrable(host)
    if domain is None:
        raise errors.ArgumentError(f"domain {text!r} is a public suffix that many owners share: name a domain below it")
    return Target(host, starred or domain == host, _segments(path))


def find_hits(target: Target, organic: Iterable[models.Organic]) -> list[Hit]:
    """The organic results that belong to the target, in page order.

    A result with an opaque link is an approximate hit if the displayed host matches and the target has no path.
    """
    hits = []
    for result in organic:
        if result.url is not None:
            ours, approximate = matches(target, result.url), False
        else:
            ours, approximate = not target.segments and may_match_host(target, result.displayed_host), True
        if ours:
            hits.append(Hit(result.position, result.url, result.title, approximate))
    return hits


def matches(target: Target, url: str | None) -> bool:
    """Whether an absolute address belongs to the target.

    >>> docs = parse_target("example.com/docs")
    >>> matches(docs, "https://www.example.com/docs/a"), matches(docs, "https://example.com/docs-old")
    (True, False)
    """
    if not may_match_host(target, urls.host_of(url)):
        return False
    if not target.segments:
        return True
    path = re.split(r"[?#]", SCHEME.sub("", (url or "").strip(), count=1), maxsplit=1)[0].partition("/")[2]
    return _segments(path)[: len(target.segments)] == target.segments


def may_match_host(target: Target, displayed_host: str | None) -> bool:
    """Whether a host could belong to the target. For links whose path is unknown.

    >>> blog = parse_target("blog.example.com")
    >>> [may_match_host(blog, host) for host in ("www.blog.example.com", "a.blog.example.com", "example.com")]
    [True, False, False]
    """
    host = urls.normal_host(displayed_host) if displayed_host and ":" not in displayed_host else displayed_host
    if not host:
        return False
    if host.removeprefix(WWW) == target.host or host == target.host:
        return True
    return target.subdomains and host.endswith("." + target.host) and _same_owner(host, target.host)


def _property(text: str) -> str:
    return text[len(SEARCH_CONSOLE) :].strip() if text.lower().startswith(SEARCH_CONSOLE) else text


def _may_stand_in_host(char: str) -> bool:
    """Whether a character may stand in a host: letters, digits, marks of IDNA and emoji, but no pasted punctuation or blanks."""
    return char in HOST_MARKS or unicodedata.category(char)[0] in "LMN" or unicodedata.category(char) in ("So", "Sk")


def _same_owner(host: str, parent: str) -> bool:
    """Whether no private suffix lies between a host and its parent: `foo.s3.amazonaws.com` does not belong to amazonaws.com."""
    domain = registrable(host)
    return domain is not None and f".{parent}".endswith(f".{domain}")


def _without_www(host: str) -> str:
    """The host without a leading `www.`, except for `www.com`, which is a domain."""
    bare = host.removeprefix(WWW)
    return bare if registrable(bare) else host


def is_top_level(label: str) -> bool:
    """Whether names of domains end in this label.

    >>> is_top_level("com"), is_top_level("Telefon")
    (True, False)
    """
    return _suffixes().publicsuffix(label.strip(".").lower(), accept_unknown=False) is not None


@functools.cache
def _suffixes() -> publicsuffixlist.PublicSuffixList:
    return publicsuffixlist.PublicSuffixList()


def registrable(host: str) -> str | None:
    """The part of a host that one owner registered; None for a public suffix. `foo.github.io` is such a part.

    >>> registrable("a.b.example.co.uk"), registrable("co.uk")
    ('example.co.uk', None)
    """
    return _suffixes().privatesuffix(host)


def _address(name: str) -> str | None:
    try:
        return str(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return None


def _segments(path: str) -> tuple[str, ...]:
    """The parts of a path, decoded one by one, so that `%2F` separates nothing. `.` and `..` are resolved."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(unquote(part))
    return tuple(parts)
