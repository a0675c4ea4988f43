"""Reads a Google result page: its class, its organic results in order, and what else stands on it.

The parser is pure and total: any bytes or text give a `models.SerpPage`, never an exception. A page without a certain result
and without a stated reason is a parse failure, never an empty result.
"""

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

import errors
import models
from parsing import (
    serp_cited,
    serp_classes,
    serp_features,
    serp_frame,
    serp_notices,
    serp_organic,
    serp_query,
    serp_text,
    serp_tokens,
    urls,
)
from parsing import tree as flattened

UNREADABLE = models.SerpPage(models.PageClass.PARSE_FAILURE)
ORDINARY = frozenset({models.PageClass.RESULTS, models.PageClass.NO_RESULTS, models.PageClass.ANSWER_ONLY})
# Lexbor then copies nothing after parsing (into `<selectedcontent>`). Reading a page takes 6 % less time (2026-11).
AS_WRITTEN = LexborDocumentOptions.WO_EVENTS

decode = serp_text.decode


def parse(html: str | bytes, *, url: str | None = None, charset: str | None = None) -> models.SerpPage:
    """Read one result page. `url` is the address of the answer, `charset` the one that its HTTP header names.

    Organic positions count from 1 on this page. Anything that is no Google result page is PARSE_FAILURE.
    """
    source = serp_text.source_of(html, charset)
    if not source or source.isspace() or serp_text.is_too_deep(source):
        return UNREADABLE
    if serp_text.leaves_formatting_open(source):
        try:
            source = flattened.bounded(source)
        except errors.DataError:  # more tags than any page has
            return UNREADABLE
    tree = LexborHTMLParser(source, options=AS_WRITTEN)
    if tree.root is None or tree.body is None:
        return UNREADABLE
    base = urls.absolute(url) or urls.GOOGLE
    page = serp_classes.Page(tree, serp_tokens.of_page(tree), source, serp_query.of_page(tree), url)
    organic, confidence = serp_organic.find(tree, page.tokens, base)
    page_class = _class_of(page, organic, confidence)
    if page_class not in ORDINARY and not serp_frame.is_result_page(tree, page.tokens):
        return models.SerpPage(page_class)
    features = _features(page, organic) if page_class in ORDINARY else frozenset()
    has_results = page_class is models.PageClass.RESULTS
    is_ordinary = page_class in ORDINARY
    return models.SerpPage(
        page_class,
        organic if has_results else (),
        features,
        serp_features.total_results(page.tokens) if is_ordinary else None,
        confidence if has_results else models.Confidence.NONE,
        query=page.query,
        is_corrected=serp_query.is_corrected(page.tokens, page.query),
        is_cut_off=serp_text.is_cut_off(source),
        cited=serp_cited.find(page.tokens.main, base) if "ai_overview" in features else (),
    )


def _class_of(page: serp_classes.Page, organic: tuple[models.Organic, ...], confidence: models.Confidence) -> models.PageClass:
    """RESULTS needs the frame of a result page, or results with all their marks. Titles and links alone prove nothing."""
    if organic and (confidence is models.Confidence.STRICT or serp_frame.is_result_page(page.tree, page.tokens)):
        other_query = serp_notices.says_nothing_found(page.tree, page.tokens, page.query, above=True)
        return models.PageClass.NO_RESULTS if other_query else models.PageClass.RESULTS
    return serp_classes.of_empty_page(page)


def _features(page: serp_classes.Page, organic: tuple[models.Organic, ...]) -> frozenset[str]:
    return serp_features.find(page.tokens) | ({"general"} if organic else set())
