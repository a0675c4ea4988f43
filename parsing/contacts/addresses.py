"""Postal addresses of a page: structured data, `<address>` and hCard, and text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import models
from parsing import names
from parsing.contacts import address_text, lands, values
from parsing.contacts.cards import Card
from parsing.contacts.page_text import PageText

#: Properties of schema.org, and of the old vocabulary of hCard.
PARTS = {
    "street": ("streetAddress", "street-address", "street_address"),
    "city": ("addressLocality", "locality"),
    "region": ("addressRegion", "region"),
    "zipcode": ("postalCode", "postal-code"),
}
NUMBER = re.compile(r"\d{3,}[ ./-]{1,2}\d{3,}|(?i:\b(?:tel|fax|phone|t[ée]l)\b)|\b(?:19|20)\d\d\b|\d:\d\d")
MAX_PART = 200
WRITTEN = ("street", "city", "region", "zipcode")


def of(page: PageText, nodes: Sequence[dict[str, Any]], found_cards: Sequence[Card], host: str) -> list[models.Address]:
    """Each address once, the most complete form of it; those with a street come first."""
    found = [*_in_data(nodes), *_in_cards(found_cards, page), *address_text.find(page, host)]
    found += _in_tags(page, {one.position for one in found if one.position is not None})
    whole = [one for one in found if one.street]
    rest = [one for one in found if not one.street]
    return _merged([*whole, *rest])


def _in_data(nodes: Sequence[dict[str, Any]]) -> Iterator[models.Address]:
    for node in nodes:
        parts = {name: _part(node, keys) for name, keys in PARTS.items()}
        land = values.text(node.get("addressCountry") or node.get("country-name"))
        if parts["street"] or (parts["city"] and (parts["zipcode"] or "PostalAddress" in (node.get("@type") or ()))):
            written = ", ".join(part for part in (*parts.values(), land) if part)
            yield models.Address(
                street=parts["street"],
                city=parts["city"],
                region=parts["region"],
                zipcode=parts["zipcode"],
                country=lands.code(land),
                written=written,
                source=values.DATA,
                snippet=written[:200],
            )
        for text in _plain(node.get("address")):
            yield from (replace(one, source=values.DATA) for one in address_text.in_lines(text))


def _plain(value: Any) -> list[str]:
    """An address that stands in one text."""
    many = value if isinstance(value, list) else [value]
    return [one[:500] for one in many[:20] if isinstance(one, str) and one.strip()]


def _part(node: dict[str, Any], keys: Sequence[str]) -> str | None:
    for key in keys:
        if text := ", ".join(" ".join(one.split()).strip(" ,") for one in values.texts(node.get(key))[:3]).strip(" ,"):
            return text[:MAX_PART]
    return None


def _in_cards(found: Sequence[Card], page: PageText) -> Iterator[models.Address]:
    for card in found:
        parts = card.parts
        if "street" in parts or ("city" in parts and "zipcode" in parts):
            written = " ".join(page.text[card.mark.start : card.mark.end].split())[:300]
            yield models.Address(
                street=parts.get("street"),
                city=parts.get("city"),
                region=parts.get("region"),
                zipcode=parts.get("zipcode"),
                country=lands.code(parts.get("country")),
                written=written,
                source="markup",
                snippet=written[:200],
                position=card.mark.start,
            )


def _in_tags(page: PageText, taken: set[int]) -> Iterator[models.Address]:
    """`<address>` in a form that is not known, as it is written. One without a number, as houses have, only names an author."""
    for mark in page.marks:
        size = mark.end - mark.start
        if mark.tag != "address" or not 10 <= size <= 500 or any(mark.start <= at < mark.end for at in taken):
            continue
        lines = [line.strip(" ,\t") for line in page.text[mark.start : mark.end].split("\n")]
        kept = [line for line in lines if line and "@" not in line and not NUMBER.search(line)]
        text = ", ".join(kept)
        if len(kept) > 1 and any(char.isdecimal() for char in text):
            yield models.Address(written=text, source="markup", snippet=text[:200], position=mark.start)


def _key(text: str | None) -> str:
    return names.folded(text or "").replace(" ", "")


def _merged(found: list[models.Address]) -> list[models.Address]:
    """One address of those that agree in every part both of them have, and share street and one more, or all that one has."""
    kept: list[models.Address] = []
    keys: list[tuple[str, ...]] = []
    for one in found:
        key = tuple(_key(getattr(one, name)) for name in WRITTEN)
        at = next((at for at, other in enumerate(keys) if _same(key, other)), None)
        if at is None:
            if len(kept) < values.MOST:
                kept.append(one)
                keys.append(key)
            continue
        best = kept[at]
        fill = {name: getattr(best, name) or getattr(one, name) for name in (*WRITTEN, "country")}
        place = (best.position, best.snippet) if best.position is not None else (one.position, one.snippet or best.snippet)
        kept[at] = replace(best, **fill, position=place[0], snippet=place[1])
        keys[at] = tuple(_key(getattr(kept[at], name)) for name in WRITTEN)
    return kept


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    both = [(left, right) for left, right in zip(one, other, strict=True) if left and right]
    if not any(one) or not both or any(left != right for left, right in both):
        return False
    return bool(one[0] and other[0]) or len(both) == sum(map(bool, one))
