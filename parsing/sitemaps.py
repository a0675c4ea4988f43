"""Sitemaps: XML (sitemaps.org), their index, text, RSS and Atom; gzip too. What is broken is read as far as it goes.

The reader looks for a few tags and expands no entity, so there is nothing to bomb. `loc` of images, videos and news are no pages;
the addresses of a page in other languages (hreflang) stand apart. A server's compression is undone before; `.gz` files are undone
here.
"""

import codecs
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from parsing import regexes, web_urls

MAX_BYTES = 50 * 1024 * 1024  # unpacked, as the protocol says (sitemaps.org)
MAX_URLS = 50_000
MAX_PACKINGS = 2  # a gzip file that a server packed again
CHUNK = 64 * 1024
GZIP = b"\x1f\x8b"
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED = regexes.late(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
ROOT = regexes.late(r"<(?:[\w.-]{1,40}:)?(urlset|sitemapindex|rss|rdf|feed|html|url|sitemap|item|entry)(?=[\s>/])", re.IGNORECASE)
KINDS = {
    "sitemapindex": "index",
    "sitemap": "index",
    "rdf": "rss",
    "item": "rss",
    "feed": "atom",
    "entry": "atom",
    "url": "urlset",
}
# Dates as some programs write them: `2024-05-08 08:53:11 AM`, `2024/5/8`, `2024-05-08T24:00:00Z`; and seconds since 1970.
LOOSE = regexes.late(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[t ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)? *([ap]m)? *(z+|utc|gmt|[+-]?\d{2}:?\d{2})?)?",
    re.IGNORECASE | re.ASCII,
)
STAMP = regexes.late(r"[12]\d{9}(?:\d{3})?", re.ASCII)
# A tag with its attributes and the text, or CDATA, up to the next tag.
TAG = (
    r"<(?P<end>/)?(?:(?P<prefix>[\w.-]{{1,40}}):)?(?P<name>{})(?=[\s/>])(?P<attributes>[^<>]*)>"
    r"(?:\s*<!\[CDATA\[(?P<cdata>[^\]<]{{0,4096}})\]\]>|(?P<text>[^<]{{0,4096}}))?"
)
SITEMAP_TAG = regexes.late(TAG.format("url|sitemap|loc|lastmod"), re.IGNORECASE)
FEED_TAG = regexes.late(TAG.format("item|entry|link|guid|pubDate|date|updated|published"), re.IGNORECASE)
LINK = regexes.late(r"<(?:[\w.-]{1,40}:)?link(?=\s)([^<>]{1,8000})>", re.IGNORECASE)
ENTRIES = ("url", "sitemap", "item", "entry")
ATTRIBUTE = regexes.late(r"""([\w:.-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
ENTITY = regexes.late(r"&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));", re.IGNORECASE)
NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
OWN_ENTITY = regexes.late(r"&[A-Za-z]\w{0,40};")  # declared in the file, or nowhere


class Page(NamedTuple):
    """An address in a sitemap. `foreign`: it lies on another site, and a site can only speak for itself."""

    loc: str
    lastmod: datetime | None
    foreign: bool


class Sitemap(NamedTuple):
    """What a sitemap holds. Each address once, absolute, in the file's order."""

    kind: str  # urlset, index, rss, atom, text; "" for what is no sitemap
    pages: list[Page]
    sitemaps: list[Page]  # of an index
    truncated: bool  # whether the file holds more than was read
    alternates: Sequence[Page] = ()  # of pages in other languages, without those that are pages of the file themselves


class _Entry:
    def __init__(self, name: str, prefix: str) -> None:
        self.name = name
        self.prefix = prefix
        self.locs: list[str] = []
        self.lastmod = ""


def read(body: bytes, url: str, most: int = MAX_URLS) -> Sitemap:
    """The addresses in the body of a sitemap at `url`, at most `most` of them. Never raises.

    >>> found = read(b"<urlset><url><loc>https://e.test/a</loc><lastmod>2026-11-28</lastmod></url></urlset>", "https://e.test/s.xml")
    >>> found.pages[0].loc, found.pages[0].lastmod.isoformat(), found.kind
    ('https://e.test/a', '2026-11-28T00:00:00+00:00', 'urlset')
    """
    body, truncated = _unpacked(body)
    text = _without_comments(_decoded(body))
    kind = _kind(text)
    found = _collected(READERS[kind](text, kind), kind, url, most, truncated)
    if "hreflang" not in text or kind != "urlset":
        return found
    others = _collected(_alternates(text), kind, url, most, truncated).pages
    known = {page.loc for page in found.pages}
    return found._replace(alternates=[page for page in others if page.loc not in known])


def _collected(found: Iterator[tuple[str, str, bool]], kind: str, url: str, most: int, truncated: bool) -> Sitemap:
    pages: dict[str, Page] = {}
    sitemaps: dict[str, Page] = {}
    base = web_urls.resolve(url)
    site = web_urls.site_of(web_urls.parse(base).host) if base else ""
    for loc, lastmod, is_sitemap in found:
        place = sitemaps if is_sitemap else pages
        address = _address(loc, None if kind == "text" else base)
        if address is None or address in place or (is_sitemap and address == base):
            continue
        if len(pages) + len(sitemaps) >= most:
            truncated = True
            break
        place[address] = Page(address, _moment(lastmod), web_urls.site_of(web_urls.parse(address).host) != site)
    return Sitemap(kind, list(pages.values()), list(sitemaps.values()), truncated)


def _tagged(text: str, kind: str) -> Iterator[tuple[str, str, bool]]:
    """Address, date and whether it is a sitemap, of each entry."""
    tag = SITEMAP_TAG if kind in ("urlset", "index") else FEED_TAG
    entry: _Entry | None = None
    for match in tag.finditer(text):
        name, prefix = match["name"].lower(), (match["prefix"] or "").lower()
        if name in ENTRIES:
            if entry is not None:
                yield from _flushed(entry, kind)
            entry = None if match["end"] else _Entry(name, prefix)
        elif match["end"]:
            continue
        elif entry is not None:
            _take(entry, name, prefix, match)
        elif name == "loc" and match.end() < len(text):  # the entry's own tag is missing
            yield match["cdata"] or match["text"] or "", "", kind == "index"
    if entry is not None:
        yield from _flushed(entry, kind)


def _alternates(text: str) -> Iterator[tuple[str, str, bool]]:
    """The addresses of pages in other languages."""
    for match in LINK.finditer(text):
        attributes = {key.lower(): one or other for key, one, other in ATTRIBUTE.findall(match[1])}
        if attributes.get("rel", "").lower() == "alternate" and "hreflang" in attributes and "href" in attributes:
            yield attributes["href"], "", False


def _lines(text: str, kind: str) -> Iterator[tuple[str, str, bool]]:
    return ((line, "", False) for line in text.splitlines())


def _nothing(text: str, kind: str) -> Iterator[tuple[str, str, bool]]:
    return iter(())


def _flushed(entry: _Entry, kind: str) -> Iterator[tuple[str, str, bool]]:
    for loc in entry.locs:
        yield loc, entry.lastmod, entry.name == "sitemap" or (entry.name != "url" and kind == "index")


def _take(entry: _Entry, name: str, prefix: str, match: re.Match[str]) -> None:
    value = match["cdata"] if match["cdata"] is not None else (match["text"] or "")
    if match.end() >= len(match.string):  # cut short: half an address is another address
        return
    if name in ("lastmod", "pubdate", "date", "updated", "published"):
        if name != "published" or not entry.lastmod:
            entry.lastmod = value
    elif prefix == entry.prefix and (name == "loc" or (name == "link" and entry.name == "item")):
        if not entry.locs:
            entry.locs.append(value)
    elif name == "guid" and not entry.locs:
        entry.locs += [value] if "://" in value and "false" not in match["attributes"].lower() else []
    elif name == "link" and entry.name == "entry" and prefix == entry.prefix:
        attributes = {key.lower(): one or other for key, one, other in ATTRIBUTE.findall(match["attributes"])}
        if attributes.get("rel", "alternate") == "alternate" and "href" in attributes:
            entry.locs.append(attributes["href"])


def _address(loc: str, base: str | None) -> str | None:
    text = ENTITY.sub(_character, loc).strip() if "&" in loc else loc.strip()
    if not text or OWN_ENTITY.search(text) or (base is None and not text.lower().startswith(("http://", "https://"))):
        return None
    return web_urls.resolve(text, base)


def _character(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return NAMED[name.lower()]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if number < 0x110000 else ""


def _moment(text: str) -> datetime | None:
    """A W3C date or the date of a mail, in UTC; None for another text. A time without a zone is taken as UTC."""
    text = text.strip()[:40]
    try:
        found = datetime.fromisoformat(text + "-01" * (text.count("-") == 1 and len(text) == 7))
    except ValueError:
        try:
            found = _loose(text) or parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _loose(text: str) -> datetime | None:
    """A date as programs write it without the standard; None for another text. ValueError: there is no such day or hour."""
    if STAMP.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if (match := LOOSE.fullmatch(text)) is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6))
    if half := match[7]:
        hour = hour % 12 + 12 * (half.lower() == "pm")
    after = timedelta(days=hour == 24)  # midnight at the end of a day
    found = datetime(year, month, day, hour % 24 if after else hour, minute, second) + after
    if (shift := match[8]) and shift[-1].isdigit():
        hours, minutes = int(shift[-5:].replace(":", "").strip(" +-")[:2]), int(shift[-2:])
        found = found.replace(tzinfo=timezone((-1 if "-" in shift else 1) * timedelta(hours=hours, minutes=minutes)))
    return found


def _unpacked(body: bytes) -> tuple[bytes, bool]:
    """The body without gzip, and whether it holds more than MAX_BYTES. A file that was cut is read up to the cut."""
    for _ in range(MAX_PACKINGS):
        if body.startswith(GZIP):
            body = _gunzipped(body)
    return body[:MAX_BYTES], len(body) > MAX_BYTES


def _gunzipped(packed: bytes) -> bytes:
    """All members of a gzip file up to MAX_BYTES and one; of a broken one, what comes before the damage."""
    parts, left = [], MAX_BYTES + 1
    unpacker = zlib.decompressobj(31)
    for start in range(0, len(packed), CHUNK):
        waiting = packed[start : start + CHUNK]
        while waiting and left > 0:
            try:
                parts.append(unpacker.decompress(waiting, left))
            except zlib.error:
                return b"".join(parts)
            left -= len(parts[-1])
            waiting = unpacker.unconsumed_tail or unpacker.unused_data
            if unpacker.eof:
                unpacker = zlib.decompressobj(31)
    return b"".join(parts)


def _decoded(body: bytes) -> str:
    for bom, encoding in BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace")
    if body[:4] in (b"<\0?\0", b"\0<\0?"):
        return body.decode("utf-16-le" if body[1] == 0 else "utf-16-be", "replace")
    declared = DECLARED.match(body[:200].lstrip())
    try:
        return body.decode(declared[1].decode() if declared else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _without_comments(text: str) -> str:
    if "<!--" not in text:
        return text
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join((*kept, text[at:]))


def _kind(text: str) -> str:
    root = ROOT.search(text[:100_000])
    if root is not None:
        name = root[1].lower()
        return "" if name == "html" else KINDS.get(name, name)
    start = text.lstrip()[:2000].lower()
    if start.startswith(("http://", "https://")):
        return "text"
    return "urlset" if "<loc>" in text else ""


READERS = {"text": _lines, "": _nothing, "urlset": _tagged, "index": _tagged, "rss": _tagged, "atom": _tagged}
