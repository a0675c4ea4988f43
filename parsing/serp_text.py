"""From the bytes of an answer to text, and whether they can be read at all."""

import codecs
import itertools
import re

# Result pages nest some 200 deep. Lexbor's time grows with the square of the depth (100,000 blocks: 20 s).
# So a deeper page is not read at all.
MAX_DEPTH = 3_000
# The depth of a page with fewer tags is not checked. Even the deepest such page takes half a second.
MANY_TAGS = 20_000
STRIDES = (61, 67)  # two samples of the bytes; a pattern that hides from both is 4,087 bytes long
# Formatting tags that stay open are copied into each block that begins meanwhile: 139 KB of `<p><b id=1>…` took 59 s (2026-11).
# The pages read so far leave none open. A few bytes of each stretch tell; where they lie differs between processes.
FORMATTING = re.compile(rb"<(/?)(?:b|big|code|em|font|i|small|strike|strong|tt|u)[\s>]", re.IGNORECASE)
STRETCH, SAMPLE = 4_093, 64
MANY_OPEN = 10  # open formatting tags in all samples together; recorded pages show at most 4
TAG = re.compile(rb"<(/?)(?!(?:img|br|input|meta|link|hr|source|wbr|area|col|base|embed|track|param)\b)[a-z]", re.IGNORECASE)
MAX_BYTES = 20_000_000  # forty times the largest page seen; the rest is cut off
SNIFF_BYTES = 2_048
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
# Codecs of Python that are no character sets, or are dangerous. A page that names its charset in ASCII is not UTF-16 either.
NOT_TEXT = (
    "base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "unicode", "raw", "undefined",
    "utf-16", "utf-32",
)  # fmt: skip
# A document begins in its first `SNIFF_BYTES` and ends in its last `END_BYTES`.
BEGINNING = re.compile(rb"<!doctype\b|<html\b|<head\b|<body\b", re.IGNORECASE)
ENDING = re.compile(rb"</html\s*>|</body\s*>", re.IGNORECASE)
END_BYTES = 20_000


def source_of(html: str | bytes, charset: str | None = None) -> bytes:
    """A page as UTF-8, cut to `MAX_BYTES`. What names itself UTF-8 is not copied.

    Broken bytes of such a page stay: they end where markup begins, and selectolax reads them as U+FFFD, piece by piece.
    """
    if isinstance(html, bytes) and _names_utf8(html, charset):
        return html[:MAX_BYTES].removeprefix(codecs.BOM_UTF8)
    text = html if isinstance(html, str) else decode(html, charset)
    return text[:MAX_BYTES].encode("utf-8", "replace")  # Lexbor cannot take lone surrogates


def decode(body: bytes, charset: str | None = None) -> str:
    """A page's bytes as text: by its byte order mark, the charset of its HTTP header, its `<meta charset>`, else UTF-8.

    That is the HTML standard's order (2026-11), but UTF-8 is never read as another charset. Broken bytes become U+FFFD.

    >>> decode('<meta charset="iso-8859-1"><title>caf\u00e9'.encode("latin-1"))[-4:]
    'caf\u00e9'
    >>> decode("caf\u00e9".encode("latin-1"), "ISO-8859-1")
    'caf\u00e9'
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    try:
        return body.decode(_codec_of(body, charset), "replace").removeprefix("\ufeff")
    except UnicodeError:
        return body.decode("utf-8", "replace").removeprefix("\ufeff")


def is_too_deep(page: bytes) -> bool:
    """Whether tags may nest deeper than `MAX_DEPTH`. A script's `a<b` counts too, so a yes can be wrong."""
    if all(page[::stride].count(b"<") * stride < MANY_TAGS for stride in STRIDES):
        return False
    if page.count(b"<template") > MAX_DEPTH:
        return True
    return max(itertools.accumulate(-1 if close else 1 for close in TAG.findall(page)), default=0) > MAX_DEPTH


def leaves_formatting_open(page: bytes) -> bool:
    """Whether a page seems to open many more formatting tags than it closes. Such a page is flattened before it is parsed."""
    begin = hash(page[:SNIFF_BYTES]) % STRETCH
    sample = b"\0".join([page[at : at + SAMPLE] for at in range(begin, len(page), STRETCH)])
    ends = FORMATTING.findall(sample)
    return len(ends) - 2 * ends.count(b"/") > MANY_OPEN


def is_cut_off(page: bytes) -> bool:
    """Whether a document began and did not end. All 107 recorded pages close their `<html>` at the very end (2017 to 2026).

    >>> is_cut_off(b"<!doctype html><html><body><p>"), is_cut_off(b"<html><body></body></html>"), is_cut_off(b"<p>")
    (True, False, False)
    """
    return BEGINNING.search(page[:SNIFF_BYTES]) is not None and ENDING.search(page[-END_BYTES:]) is None


def _names_utf8(body: bytes, charset: str | None) -> bool:
    is_utf16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return not is_utf16 and _codec_of(body, charset) == "utf-8"


def _codec_of(body: bytes, charset: str | None) -> str:
    if body.startswith(codecs.BOM_UTF8):
        return "utf-8"
    match = CHARSET.search(body[:SNIFF_BYTES])
    codec = _codec(charset or "") or _codec(match[1].decode("ascii") if match else "") or "utf-8"
    return "utf-8" if codec != "utf-8" and _is_utf8(body) else codec


def _is_utf8(body: bytes) -> bool:
    """Whether bytes beyond ASCII are valid UTF-8. Validity is no chance: a proxy wrote the page anew."""
    try:
        return not body.isascii() and bool(body.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name.strip()).name if name.strip().isascii() and name.strip() else ""
    except (LookupError, ValueError):
        return None
    if codec.startswith(NOT_TEXT):
        return "utf-8" if codec.startswith(("utf-16", "utf-32", "unicode")) else None
    # What calls itself Latin-1 on the web is Windows-1252 (HTML standard).
    return {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(codec, codec) or None
