"""Postal addresses in the lines of a text.

A postcode, or a town with its state, is the anchor. From there the text is read back, piece by piece, for town, street and unit,
and on for the country. The reach is a few lines, so the time grows with the text only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import models
from parsing import regexes
from parsing.contacts import address_anchors, lands
from parsing.contacts import address_forms as forms
from parsing.contacts.address_anchors import Anchor
from parsing.contacts.page_text import PageText

REACH, MAX_PIECES, MAX_PIECE, MAX_FOUND = 260, 6, 90, 400
SPLIT = regexes.late(r"[\n\t|•·;●▪,]|\s[-–—/]\s|:\s|<|>|\*")
END = regexes.late(r"@|https?://|www\.|\d{3}[ ).-]{1,2}\d{3}[ .-]\d{4}|©", re.IGNORECASE)
LABEL = regexes.late(
    r"^(?:(?:mailing|street|postal|physical|visiting|office|head office|our|registered|business)\s){0,2}"
    r"(?:address|location|office|headquarters|adresse|anschrift|dirección|indirizzo|adres|sede legale|located at"
    r"|visit us at|at)\b[\s:.-]{0,3}",
    re.IGNORECASE,
)
WORLD_STREET = regexes.late(r"-(?:ku|cho|chome|dong|gil|ri|ro)\b|\d-\d{1,2}-\d|(?:\bno\.? ?|#)\d", re.IGNORECASE)
BUILDING = regexes.late(
    r"(?:The )?[A-Z][\w'’-]{1,20}(?: [\w'’-]{1,20}){0,3}"
    r" (?:House|Chambers|Mill|Lodge|Mews|Building|Court|Park|Estate|Hall|Works)(?: \d{1,3})?"
    r"|The (?:Old )?[A-Z][\w'’-]{1,20}"
)
PROSE = regexes.late(
    r"\b(?:minutes?|miles?|years?|hours?|from|with|is|are|was|were|our|your|we|you|has|have|this|that|of experience)\b"
)
WORD = regexes.late(r"[^\W\d_]")


@dataclass(slots=True)
class Piece:
    """A part of a text between commas, line ends or bullets."""

    text: str
    start: int
    breaks: bool  # a line begins with it


def find(page: PageText, host: str) -> Iterator[models.Address]:
    """The addresses of a page's text."""
    return in_lines(page.text, page, address_anchors.land_of(host))


def in_lines(text: str, page: PageText | None = None, land: str | None = None) -> Iterator[models.Address]:
    """The addresses of a text. `land` is the country of its domain.

    >>> [(one.street, one.city, one.region, one.zipcode) for one in in_lines("Call us: 1 Main St., Springfield, IL 62701")]
    [('1 Main St.', 'Springfield', 'IL', '62701')]
    """
    page = page or PageText(text)
    floor = 0
    anchors = sorted(address_anchors.of(text, land), key=lambda one: (one.start, -one.end))[:MAX_FOUND]
    for anchor, following in zip(anchors, [*anchors[1:], None], strict=False):
        is_town = anchor.zipcode is None and following is not None and 0 <= following.start - anchor.end <= 3
        if anchor.start < floor or (is_town and following is not None and following.city is None):
            continue  # `New York, NY 10036`: here the name of a state is a town
        found = _read(page, anchor, floor)
        if found is not None:
            floor = anchor.end
            yield found


def _read(page: PageText, anchor: Anchor, floor: int) -> models.Address | None:
    text = page.text
    pieces = _before(text, anchor.start, floor)
    city, start = anchor.city, anchor.start
    region = anchor.region
    if city is None and anchor.street is None:
        first = pieces[0] if pieces else None
        city, region = _town(pieces, anchor)
        if city is None and first and anchor.zipcode and anchor.land in ("US", "CA") and forms.NUMBERED.match(first.text):
            return _unparted(page, anchor, first)
        if city is None:
            return None
    street = anchor.street
    if street is None:
        street, start = _run_on(text, pieces, anchor) or _street(pieces, anchor, start)
    if street is None and (anchor.weak or (anchor.zipcode is None and not _is_short(text, anchor))):
        return None
    country, end = _country(text, anchor)
    written = " ".join(text[start:end].split())
    return models.Address(
        written=written, street=street or None, city=city, region=region, zipcode=anchor.zipcode, country=country, source="text",
        snippet=page.line_at(start, anchor.end), position=start,
    )  # fmt: skip


def _unparted(page: PageText, anchor: Anchor, piece: Piece) -> models.Address | None:
    """`8522 North Lamar Austin, TX 78753`: nothing says where the street ends, so it says neither street nor town."""
    if len(piece.text) > MAX_PIECE or PROSE.search(piece.text):
        return None
    written = " ".join(page.text[piece.start : anchor.end].split())
    return models.Address(
        written=written, region=anchor.region, zipcode=anchor.zipcode, country=anchor.land, source="text",
        snippet=page.line_at(piece.start, anchor.end), position=piece.start,
    )  # fmt: skip


def _before(text: str, end: int, floor: int) -> list[Piece]:
    """The pieces before a place, the nearest first."""
    begin = max(floor, end - REACH)
    part, pieces, at = text[begin:end], [], 0
    for match in [*SPLIT.finditer(part), None]:
        stop = match.start() if match else len(part)
        raw = part[at:stop]
        if raw.strip(" .()"):
            lead = len(raw) - len(raw.lstrip())
            pieces.append(Piece(raw.strip(), begin + at + lead, at > 0 and part[at - 1] in "\n\t"))
        at = match.end() if match else len(part)
    return pieces[::-1][:MAX_PIECES]


def _town(pieces: list[Piece], anchor: Anchor) -> tuple[str | None, str | None]:
    """Take the town off the pieces; in Britain the county before it."""
    region = anchor.region
    if anchor.land == "GB" and len(pieces) > 1 and pieces[0].text.casefold() in forms.COUNTIES:
        region = pieces.pop(0).text
    if not pieces:
        return None, region
    piece = pieces[0]
    if END.search(piece.text) or not WORD.search(piece.text):
        return None, region
    cut = _after_street(piece.text)
    town = piece.text[cut:].strip(" ,.")
    if cut and town:
        pieces[0] = Piece(piece.text[:cut].strip(" ,"), piece.start, piece.breaks)
    else:
        pieces.pop(0)
        town = piece.text.strip(" ,.")
    words = town.split()
    if not words or any(char.isdecimal() for char in town) or len(town) > 60:
        return None, region
    kept: list[str] = []  # the last words with a capital: `is located in Salt Lake City`
    for word in reversed(words):
        if not (
            word[0].isupper() or (kept and word.lower() in ("of", "de", "la", "on", "upon", "the", "le", "under", "by", "du"))
        ):
            break
        kept.insert(0, word)
    while kept and not kept[0][0].isupper():
        kept.pop(0)
    return (" ".join(kept[-4:]) or None), region


def _after_street(text: str) -> int:
    """Where a street in a piece ends and the town begins; 0 where there is no street."""
    ends = [
        match.end()
        for pattern in (forms.SUFFIX, forms.UNIT, forms.BOX)
        for match in pattern.finditer(text)
        if match.start() > 0 or pattern is not forms.SUFFIX
    ]
    ends = [end for end in ends if end < len(text.rstrip(" .,"))]
    has_number = any(char.isdecimal() for char in text)
    return max(ends) if ends and has_number else 0


def _run_on(text: str, pieces: list[Piece], anchor: Anchor) -> tuple[str, int] | None:
    """A street of the continent with the commas that stand in it: `Calle de Alcalá, 45, 3º B`."""
    for piece in pieces[:3] if anchor.city is not None else ():
        raw = text[piece.start : anchor.start].rstrip(" ,-–—/|•·\n\t")
        raw = raw.partition(" - ")[0] if anchor.land == "BR" else raw  # a quarter of the town follows
        found = forms.CONTINENT.search(raw) if len(raw) <= MAX_PIECE else None
        if found and not END.search(raw):
            return ", ".join(part.strip(" ,") for part in raw[found.start() :].split("\n")), piece.start + found.start()
    return None


def _street(pieces: list[Piece], anchor: Anchor, start: int) -> tuple[str | None, int]:
    """The street in the nearest pieces, with unit and building, as it is written."""
    taken: list[str] = []
    at, has_street = start, False
    for number, piece in enumerate(pieces):
        text = LABEL.sub("", piece.text).strip(" .") if LABEL.match(piece.text) else piece.text
        if not text or END.search(text):
            break
        text, is_street = _street_of(text, anchor)
        is_unit = bool(forms.UNIT.search(text) or forms.BOX.search(text)) and len(text) <= MAX_PIECE
        is_unit = is_unit or (bool(taken) and not (has_street or is_street) and len(text) <= 30 and any(map(str.isdecimal, text)))
        if not (is_street or is_unit) or (has_street and is_street and not forms.BOX.search(text)):
            if has_street and anchor.land in ("GB", "IE") and BUILDING.fullmatch(text):
                taken.insert(0, text)
                at = piece.start
            if taken or number >= 2 or len(text) > 40:
                break
            continue  # a part of the town between it and the street
        taken.insert(0, text)
        has_street = has_street or is_street
        at = piece.start + piece.text.rfind(text) if text in piece.text else piece.start
        if has_street and len(taken) > 2:
            break
    if not taken or not (has_street or any(forms.BOX.search(one) for one in taken)):
        return None, start
    return ", ".join(one.strip(" ,") for one in taken), at


def _street_of(text: str, anchor: Anchor) -> tuple[str, bool]:
    """The part of a piece from its house number on, and whether it is a street."""
    is_continental = anchor.city is not None
    if is_continental:
        is_world = anchor.land not in forms.LENGTHS and anchor.land is not None
        if (
            is_world
            and len(text) <= MAX_PIECE
            and re.search(r"\d", text)
            and (forms.SUFFIX.search(text) or WORLD_STREET.search(text))
        ):
            return text, True
        found = forms.CONTINENT.search(text)
        if found:
            return text[found.start() :].strip(), len(text) - found.start() <= MAX_PIECE
        plain = forms.PLAIN_CONTINENT.fullmatch(text) if anchor.land else None
        return text, plain is not None and len(text) <= MAX_PIECE
    starts = [match.start() for match in re.finditer(r"(?<![\w.,-])(?=#?\d|(?:One|Two|Three|Four|Five|Six)\s)", text)]
    for at in starts:
        rest = text[at:]
        is_numbered = len(rest) <= MAX_PIECE and forms.NUMBERED.match(rest) and not PROSE.search(rest)
        if is_numbered and (forms.SUFFIX.search(rest) or (at == 0 and len(rest) <= 40)):
            return rest, True
    if (box := forms.BOX.search(text)) and len(text) <= MAX_PIECE:
        return text[box.start() :], True
    return text, anchor.land in ("GB", "IE") and len(text) <= 50 and bool(forms.SUFFIX.search(text)) and text[0].isupper()


def _is_short(text: str, anchor: Anchor) -> bool:
    """Whether a town with its state stands for itself, not within prose."""
    begin = text.rfind("\n", 0, anchor.start) + 1
    end = text.find("\n", anchor.end)
    return (len(text) if end < 0 else end) - begin <= 80


def _country(text: str, anchor: Anchor) -> tuple[str | None, int]:
    """The country that is named next, else the one whose form the address has."""
    after = text[anchor.end : anchor.end + 60]
    for piece in re.split(r"[\n\t|•·;,.]", after)[:3]:
        name = piece.strip(" -–()")
        if name:
            code = lands.code(name)
            if code and (len(name) > 2 or name.isupper()):
                return code, anchor.end + after.find(name) + len(name)
            break
    return anchor.land, anchor.end
