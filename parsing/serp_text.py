"""From the bytes of an answer to text, and whether they can be read at all."""

import codecs
import itertools
import re

# Result pages nest some 200 deep. Lexbor's time grows with the square of the depth (100,000 blocks: 20 s), so a page nested like
# that is not read at all.
MAX_DEPTH = 3_000
# A page of fewer tags is read without a look at its depth: nested as deep as it can be, it takes half a second.
MANY_TAGS = 20_000
STRIDES = (61, 67)  # every so many bytes one is looked at; no pattern of fewer than 4,087 bytes hides from both
TAG = re.compile(rb"<(/?)(?!(?:img|br|input|meta|link|hr|source|wbr|area|col|base|embed|track|param)\b)[a-z]", re.IGNORECASE)
MAX_BYTES = 20_000_000  # forty times the largest page seen; what is longer is cut
SNIFF_BYTES = 2_048
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
# Codecs of Python that are no character sets, or dangerous ones; a page that names its charset in ASCII is not UTF-16 either.
NOT_TEXT = (
    "base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "unicode", "raw", "undefined",
    "utf-16", "utf-32",
)  # fmt: skip
# The ends of a whole document, looked for in its last part; where it begins, in its first.
BEGINNING = re.compile(rb"<!doctype\b|<html\b|<head\b|<body\b", re.IGNORECASE)
ENDING = re.compile(rb"</html\s*>|</body\s*>", re.IGNORECASE)
END_BYTES = 20_000


def source_of(html: str | bytes, charset: str | None = None) -> bytes:
    """A page as UTF-8, cut to what can be read; bytes that are UTF-8 already are not copied."""
    if isinstance(html, bytes) and _names_utf8(html, charset):
        try:
            html[:MAX_BYTES].decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return html[:MAX_BYTES].removeprefix(codecs.BOM_UTF8)
    text = html if isinstance(html, str) else decode(html, charset)
    return text[:MAX_BYTES].encode("utf-8", "replace")  # Lexbor cannot take lone surrogates


def decode(body: bytes, charset: str | None = None) -> str:
    """A page's bytes as text: by its byte order mark, the charset of its HTTP header, its `<meta charset>`, else UTF-8.

    The order is the HTML standard's (2026-11), but what is UTF-8 is never read as anything else. Broken bytes become U+FFFD.

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
    """Whether tags may nest deeper than `MAX_DEPTH`: too often yes rather than no, for a script's `a<b` counts too."""
    if all(page[::stride].count(b"<") * stride < MANY_TAGS for stride in STRIDES):
        return False
    if page.count(b"<template") > MAX_DEPTH:
        return True
    return max(itertools.accumulate(-1 if close else 1 for close in TAG.findall(page)), default=0) > MAX_DEPTH


def is_cut_off(page: bytes) -> bool:
    """Whether a document began and did not end: all 107 recorded pages close their `<html>` at the very end (2017 to 2026).

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
    """Whether bytes beyond ASCII make sense as UTF-8, which they do not by chance: a proxy wrote the page anew."""
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
