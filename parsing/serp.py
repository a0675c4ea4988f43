"""Reads a Google result page: its class, its organic results in order, and what else stands on it.

Pure and total: any bytes or text give a `models.SerpPage`, never an exception. A page in which nothing certain was found and that
does not say why is a parse failure, never an empty result.
"""

import codecs
import itertools
import re

from selectolax.lexbor import LexborHTMLParser

import models
from parsing import serp_classes, serp_features, serp_organic, urls

MAX_CHARS = 20_000_000  # forty times the largest page seen; what is longer is cut
# Result pages nest some 200 deep. Lexbor's time grows with the square of the depth (100,000 blocks: 20 s), and writing out
# 100,000 nested <template> overflows its stack (selectolax 1.0.2), so a page nested like that is not read at all.
MAX_DEPTH = 3_000
TAG = re.compile(rb"<(/?)(?!(?:img|br|input|meta|link|hr|source|wbr|area|col|base|embed|track|param)\b)[a-z]", re.IGNORECASE)
SNIFF_BYTES = 2_048
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
# Codecs of Python that are no character sets, or dangerous ones; a page that names its charset in ASCII is not UTF-16 either.
NOT_TEXT = (
    "base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "unicode", "raw", "undefined",
    "utf-16", "utf-32",
)  # fmt: skip
UNREADABLE = models.SerpPage(models.PageClass.PARSE_FAILURE)


def parse(html: str | bytes, *, url: str | None = None) -> models.SerpPage:
    """Read one result page. Bytes are decoded as the page says, else as UTF-8; `url` is where the answer came from, if known.

    Organic positions count from 1 on this page. Anything that is no Google result page is PARSE_FAILURE.
    """
    text = (html if isinstance(html, str) else decode(html))[:MAX_CHARS]
    page = text.encode("utf-8", "replace")  # Lexbor cannot take lone surrogates
    if not text.strip() or _is_too_deep(page):
        return UNREADABLE
    tree = LexborHTMLParser(page)
    if tree.root is None or tree.body is None:
        return UNREADABLE
    organic, confidence = serp_organic.find(tree, urls.absolute(url) or urls.GOOGLE)
    page_class = _class_of(tree, organic, confidence, url)
    if page_class is not models.PageClass.RESULTS:
        organic, confidence = (), models.Confidence.NONE
    if page_class not in (models.PageClass.RESULTS, models.PageClass.NO_RESULTS):
        return models.SerpPage(page_class)
    return models.SerpPage(page_class, organic, _features(tree, organic), serp_features.total_results(tree), confidence)


def decode(body: bytes) -> str:
    """A page's bytes as text: by its byte order mark, its `<meta charset>`, else UTF-8; broken bytes become U+FFFD.

    >>> decode('<meta charset="iso-8859-1"><title>caf\u00e9'.encode("latin-1"))[-4:]
    'caf\u00e9'
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    match = CHARSET.search(body[:SNIFF_BYTES])
    try:
        codec = codecs.lookup(match[1].decode("ascii") if match else "utf-8")
        name = "utf-8" if codec.name.startswith(NOT_TEXT) else codec.name
        return body.decode(name, "replace").removeprefix("\ufeff")
    except (LookupError, UnicodeError):
        return body.decode("utf-8", "replace").removeprefix("\ufeff")


def _is_too_deep(page: bytes) -> bool:
    """Whether tags may nest deeper than `MAX_DEPTH`: too often yes rather than no, for a script's `a<b` counts too."""
    if page.count(b"<") <= MAX_DEPTH:
        return False
    if page.count(b"<template") > MAX_DEPTH:
        return True
    return max(itertools.accumulate(-1 if close else 1 for close in TAG.findall(page)), default=0) > MAX_DEPTH


def _class_of(
    tree: LexborHTMLParser, organic: tuple[models.Organic, ...], confidence: models.Confidence, url: str | None
) -> models.PageClass:
    """RESULTS needs a result page around the results, or results with all their marks; titles and links alone prove nothing."""
    if organic and (confidence is models.Confidence.STRICT or serp_classes.is_result_page(tree)):
        other_query = serp_classes.says_nothing_found(tree)
        return models.PageClass.NO_RESULTS if other_query else models.PageClass.RESULTS
    return serp_classes.of_empty_page(tree, url)


def _features(tree: LexborHTMLParser, organic: tuple[models.Organic, ...]) -> frozenset[str]:
    return serp_features.find(tree) | ({"general"} if organic else set())
