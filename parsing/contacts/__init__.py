"""Contacts: how to reach whoever runs a page, and where the page says so.

From what a page says for machines (JSON-LD, microdata, RDFa, OpenGraph, hCard), from its links, its markup and its text.
Nothing is guessed: a part that the page does not say is None. A number without a country code is read in the country of the page.
"""

import re

from selectolax.lexbor import LexborHTMLParser

import models
from parsing import heads, hrefs, phones, structured, tree, urls
from parsing.contacts import addresses, cards, lands, mails, numbers, opening, organisation, page_text, people, social

MAX_HIDDEN = 200
LANGUAGE_CHARS = 35
MAX_NAMED = 4
#: Properties of schema.org whose organisations and people are others than whoever runs the page.
OTHERS = frozenset((
    "review", "reviews", "brand", "manufacturer", "isRelatedTo", "isSimilarTo", "sponsor", "funder", "memberOf", "affiliation",
    "alumniOf", "parentOrganization", "mentions", "citation", "comment", "knowsAbout", "performer", "actor", "byArtist",
))  # fmt: skip
#: Words of the pages of one country.
SIGNS = {
    "GB": re.compile(r"\.co\.uk\b|\bVAT\b|\bUK\b|\bLondon\b|£\s?\d|\bRegistered in England"),
    "AU": re.compile(r"\.com\.au\b|\bABN:? ?\d|\bPty\b"),
    "IE": re.compile(r"\bDublin\b|\bCo\.? (?:Cork|Galway|Kerry|Mayo|Clare)\b"),
    "IN": re.compile(r"\bPvt\.? Ltd\b|\.co\.in\b|\bGSTIN\b"),
    "NZ": re.compile(r"\.co\.nz\b|\bNew Zealand\b"),
    "ZA": re.compile(r"\.co\.za\b|\bSouth Africa\b"),
}


def extract(html: str, *, url: str) -> models.Contacts:
    """The contacts of a page at the absolute address `url`; `""` where the address is not known.

    Any page gives a result, in time that grows with its size only. Raises DataError for a page too large to
    read (see parsing.tree).

    >>> found = extract("<p>Tel. 020 7946 0958, <a href='mailto:info@example.co.uk'>mail us</a>", url="https://example.co.uk/")
    >>> [one.e164 for one in found.phones], [one.address for one in found.emails]
    (['+442079460958'], ['info@example.co.uk'])
    """
    parsed = tree.parse(html)
    data = structured.of(parsed, url)
    nodes = [*structured.nodes(data, without=OTHERS), *organisation.graph_nodes(data)]
    page = page_text.of(parsed)
    host, language = urls.host_of(url) or "", _language(parsed)
    found_cards = cards.of(page)
    places = addresses.of(page, nodes, found_cards, host)
    regions = _regions(places, host, language, page.text)
    hidden = [node.attributes.get("data-cfemail") or "" for node in parsed.css("[data-cfemail]")[:MAX_HIDDEN]]
    return models.Contacts(
        names=tuple(organisation.names(heads.title(parsed) or "", data, nodes, page, found_cards, host)),
        description=organisation.description(parsed, data, nodes),
        emails=tuple(mails.of(page, nodes, hidden)),
        phones=tuple(numbers.of(page, nodes, regions, _named(page.text, regions))),
        addresses=tuple(places),
        hours=tuple(opening.of(page, nodes)),
        social=tuple(social.of(page, nodes, hrefs.resolver(hrefs.base_of(parsed, url)))),
        people=tuple(people.of(page, nodes, found_cards)),
    )


def _language(parsed: LexborHTMLParser) -> str:
    root = parsed.css_first("html")
    return ((root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root else "").strip()[:LANGUAGE_CHARS]


def _regions(places: list[models.Address], host: str, language: str, text: str) -> list[str]:
    """The countries of numbers without a country code: of the domain, of the addresses on the page, else of its language."""
    told = [one.country for one in places if one.country]
    usual = sorted(dict.fromkeys(told), key=told.count, reverse=True)[:3]
    guesses = phones.regions_of(None, host, language, text)
    sure = phones.regions_of(None, host, None)
    return list(dict.fromkeys([*sure, *usual] if len(sure) == 1 and sure != ["US"] else [*usual, *guesses]))


def _named(text: str, regions: list[str]) -> list[str]:
    """Countries that a line of its own, or a word that only they use, names."""
    lines = dict.fromkeys(line.strip(" :\t") for line in text.split("\n") if 2 <= len(line) <= 30)
    named = [code for line in list(lines)[:2_000] if len(line) > 3 and (code := lands.code(line))]
    signs = [code for code, pattern in SIGNS.items() if pattern.search(text)]
    return [code for code in dict.fromkeys([*signs, *sorted(named)]) if code not in regions][:MAX_NAMED]
