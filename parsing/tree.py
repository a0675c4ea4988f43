"""Builds the tree of any page in bounded time, however its tags are nested.

Lexbor's time grows with the square of three things (selectolax 1.0.2, 2026-11): how deep tags nest (100,000 blocks: 20 s), how
many formatting tags are open when a block begins (`<p><b id=1><p><b id=2>…`: 139 KB took 59 s), and how many attributes one tag
has (130 KB: 0.5 s). Such pages are flattened before they are parsed: tags are left out, text never is.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

import errors

MAX_CHARACTERS = 10 * 1024 * 1024  # as many as the bytes that a fetch may return: decoding never makes more characters of them
MAX_TAGS = 1_000_000  # a tree takes some 300 bytes a tag
MAX_DEPTH = 400  # browsers keep 512; ordinary pages nest up to 60 deep
MAX_FORMATTING = 12  # formatting tags open at once; each is copied into every block that begins meanwhile
MAX_COPIES = 1_000_000
MAX_ATTRIBUTES = 200
MAX_ROOTS = 20  # each further `<html>` or `<body>` only adds its attributes to the first one
# A page below these figures is parsed as it is: at worst, that takes a tenth of a second.
FEW_TAGS, FEW_COPIES, FEW_ATTRIBUTES = 8_000, 600_000, 8_000
LONG, VERY_LONG = 800, 16_000  # bytes of a tag with few attributes, and of one with too many

FORMATTING = frozenset(b"b big code em font i s small strike strong tt u".split())
ROOTS = frozenset((b"html", b"body"))
DRAWINGS = (b"svg", b"math")  # in them, `<a/>` is empty, and more tags nest
RAW = frozenset(b"script style textarea title xmp".split())  # what stands inside is no markup
# Tags that are empty, or end where the next one of them begins. They nest only inside of others.
SHALLOW = frozenset(
    b"a area base basefont bgsound br col colgroup dd dt embed frame head hr img input li link meta nobr optgroup option p"
    b" param rb rp rt rtc source tbody td tfoot th thead tr track wbr".split()
)
# Of the shallow tags, those that nest in a drawing.
IN_DRAWINGS = SHALLOW - frozenset(b"br dd dt embed head hr img li meta nobr p".split())
ANY_NAME = rb"([a-z][^\s/>]*+)"
VALUE = rb"=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"']*+)"
REST = rb"(?:[^>=]++|" + VALUE + rb")*+"
NAME = re.compile(rb"<" + ANY_NAME + rb"[^>]*+", re.IGNORECASE)
TOKEN = re.compile(rb"<(?:(!--)|(/?)" + ANY_NAME + REST + rb">?)", re.IGNORECASE)
# The tags of a page, with a slash before the names of ends. Comments and the insides of scripts are skipped.
INSIDES = rb"(?:script|style|textarea|title|xmp)"
COMMENT, UNREAD = rb"!--(?:[^-]++|-(?!->))*+", INSIDES + rb"\b" + REST + rb"(?:[^<]++|<(?!/" + INSIDES + rb"))*+"
TAGS = re.compile(rb"<(?:" + COMMENT + rb"|" + UNREAD + rb"|(/?[a-z][^\s/>]*+)" + REST + rb")", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"[\s/]*+[^\s/>=]++(?:\s*+" + VALUE + rb")?+")
MANY_ATTRIBUTES = re.compile(rb"<" + ANY_NAME + rb"(?:" + ATTRIBUTE.pattern + rb"){%d}" % (MAX_ATTRIBUTES + 1), re.IGNORECASE)
# Lexbor then copies nothing after parsing (into `<selectedcontent>`), which takes 6 % less time (2026-11).
AS_WRITTEN = LexborDocumentOptions.WO_EVENTS


def parse(html: str | bytes) -> LexborHTMLParser:
    """The tree of a page; bytes must be UTF-8. Empty and broken pages give a tree too; a page of frames has no `body`.

    Deep nesting, open formatting tags and endless attributes are flattened. Raises DataError for a page of more than
    `MAX_CHARACTERS` or `MAX_TAGS`.

    >>> parse("<title>A</title><p>b<b>c").body.html
    '<body><p>b<b>c</b></p></body>'
    """
    if len(html) > MAX_CHARACTERS:
        raise errors.DataError(f"The page has {len(html):,} characters. Pages of up to {MAX_CHARACTERS:,} are read.")
    source = html.encode("utf-8", "replace") if isinstance(html, str) else html  # Lexbor cannot take lone surrogates
    return LexborHTMLParser(bounded(source), options=AS_WRITTEN)


def bounded(page: bytes) -> bytes:
    """The page itself, or without the tags that would nest too deep. Takes about as long as Lexbor's own parsing."""
    if page.count(b"<") ** 2 < FEW_COPIES and page.count(b"=") < FEW_ATTRIBUTES and not _has_long_tag(page):
        return page  # an ordinary page, told without a look at its tags: were each of them formatting, they were few
    names = NAME.findall(page)
    if len(names) > MAX_TAGS:
        raise errors.DataError(f"The page has {len(names):,} tags. Pages of up to {MAX_TAGS:,} are read.")
    formatting = sum(count for name, count in Counter(names).items() if name.lower() in FORMATTING)
    is_small = len(names) < FEW_TAGS and len(names) * formatting < FEW_COPIES and page.count(b"=") < FEW_ATTRIBUTES
    if is_small and not _has_long_tag(page):
        return page
    most = min(MAX_FORMATTING, MAX_COPIES // max(len(names), 1))
    if MANY_ATTRIBUTES.search(page) is None and _is_flat(TAGS.findall(page), most):
        return page
    return _joined(page, _Nesting(most))


def _is_flat(tags: list[bytes], most_formatting: int) -> bool:
    """Whether no place of a page nests too deep. A no can be wrong."""
    rises = _rises(tags)
    counted = SHALLOW | FORMATTING | ROOTS
    if rises[b"svg"] or rises[b"math"]:
        counted -= IN_DRAWINGS
    depth = sum(rise for name, rise in rises.items() if name not in counted)
    formatting = sum(rises[name] for name in FORMATTING)
    return depth <= MAX_DEPTH and formatting <= most_formatting and all(rises[name] <= MAX_ROOTS for name in ROOTS)


def _rises(tags: list[bytes]) -> Counter[bytes]:
    """For each name, how far its number of open tags rises above its lowest: the most that can nest."""
    bounds: dict[bytes, list[int]] = {}  # now, lowest, highest
    for tag in tags:
        is_end = tag[:1] == b"/"
        bound = bounds.setdefault(tag[1:] if is_end else tag, [0, 0, 0])
        bound[0] += -1 if is_end else 1
        if is_end:
            bound[1] = min(bound[1], bound[0])
        else:
            bound[2] = max(bound[2], bound[0])
    rises: Counter[bytes] = Counter()
    for name, (_, low, high) in bounds.items():
        rises[name.lower()] += high - low
    return rises


def _has_long_tag(page: bytes) -> bool:
    half = VERY_LONG // 2  # a longer piece without `>` covers at least one whole half
    if all(page.find(b">", at, at + half) >= 0 for at in range(0, len(page) - half, half)):
        return False
    long_pieces = (piece for piece in page.split(b">") if len(piece) > VERY_LONG)
    return any(len(piece) - piece.rfind(b"<") > VERY_LONG and TOKEN.search(piece) for piece in long_pieces)


class _Nesting:
    """What is open at a place of the page: counted by name, because a wrong end tag closes nothing."""

    def __init__(self, most_formatting: int) -> None:
        self.most_formatting = most_formatting
        self.open: Counter[bytes] = Counter()
        self.dropped: Counter[bytes] = Counter()
        self.depth = self.formatting = self.roots = 0

    def keeps_start(self, name: bytes, *, is_closed: bool) -> bool:
        """Whether a start tag may stand."""
        if name in ROOTS:
            self.roots += 1
            return self.roots <= MAX_ROOTS
        if name in SHALLOW and not any(self.open[drawing] for drawing in DRAWINGS):
            return True
        if self.formatting >= self.most_formatting if name in FORMATTING else self.depth >= MAX_DEPTH:
            self.dropped[name] += 1
            return False
        if not (is_closed and (name in DRAWINGS or any(self.open[drawing] for drawing in DRAWINGS))):
            self._count(name, 1)
        return True

    def keeps_end(self, name: bytes) -> bool:
        """Whether an end tag may stand; the end of a start tag that was left out may not."""
        if self.dropped[name]:
            self.dropped[name] -= 1
            return False
        if self.open[name]:
            self._count(name, -1)
        return True

    def _count(self, name: bytes, by: int) -> None:
        self.open[name] += by
        if name in FORMATTING:
            self.formatting += by
        else:
            self.depth += by


def _joined(page: bytes, nesting: _Nesting) -> bytes:
    """The page without the tags that may not stand, and with at most `MAX_ATTRIBUTES` in each tag."""
    kept, begin = [], 0
    for match in tags(page):
        name, is_end = match[3].lower(), bool(match[2])
        is_kept = nesting.keeps_end(name) if is_end else nesting.keeps_start(name, is_closed=match[0].endswith(b"/>"))
        end = _end_of_attributes(match) if is_kept else match.start()
        if end < match.end():
            kept += [page[begin:end], b">" if is_kept else b""]
            begin = match.end()
    return b"".join([*kept, page[begin:]])


def tags(page: bytes) -> Iterator[re.Match[bytes]]:
    """The start and end tags of a page; none from comments and scripts. Groups of `TOKEN`: 2 is "/" in an end tag, 3 the name."""
    at = 0
    while match := TOKEN.search(page, at):
        at = match.end()
        if match[1]:
            end = page.find(b"-->", match.start() + 2)
            at = len(page) if end < 0 else end + 3
            continue
        yield match
        if not match[2] and match[3].lower() in RAW:
            found = re.compile(rb"</" + match[3] + rb"(?=[\s/>])", re.IGNORECASE).search(page, at)
            at = found.start() if found else len(page)


def _end_of_attributes(match: re.Match[bytes]) -> int:
    """Where a tag ends, or its last attribute that is kept."""
    if match.end() - match.start() < LONG:
        return match.end()
    attributes = ATTRIBUTE.finditer(match.string, match.end(3), match.end())
    last = next(itertools.islice(attributes, MAX_ATTRIBUTES, None), None)
    return last.start() if last else match.end()
