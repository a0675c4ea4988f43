"""Signs of walls: what stands in the code, the text or the headers of vendors' pages, and what walls say in many languages.

The signs are in block_signs.tsv, parking_signs.tsv and block_phrases.tsv. Each sign of a vendor counts only on a page with few
words: a shop behind a vendor loads the vendor's scripts on every page, and an article about walls quotes them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
CODE, TEXT, TITLE, ALL = "code", "text", "title", "page"
FEW = 60  # words; a sign of so few words does not count on the empty frame of an application

# Headers (names in lower case) that only a wall carries: name, part of the value, vendor, class.
HEADER_WALLS = (
    ("cf-mitigated", "challenge", "cloudflare", "challenge"),
    ("x-vercel-mitigated", "challenge", "vercel", "challenge"),
    ("x-vercel-mitigated", "deny", "vercel", "denied"),
    ("x-amzn-waf-action", "captcha", "awswaf", "captcha"),
    ("x-amzn-waf-action", "challenge", "awswaf", "challenge"),
    ("x-sucuri-block", "", "sucuri", "denied"),
    ("x-dd-b", "", "datadome", "captcha"),
    ("x-px-block", "", "perimeterx", "captcha"),
)
# Headers that name who stands before a site. They say who refused, once something else says that it was refused.
HEADER_VENDORS = (
    ("x-datadome", "", "datadome"),
    ("set-cookie", "datadome=", "datadome"),
    ("x-kpsdk-ct", "", "kasada"),
    ("x-kpsdk-st", "", "kasada"),
    ("server", "akamaighost", "akamai"),
    ("server", "akamainetstorage", "akamai"),
    ("set-cookie", "_pxhd", "perimeterx"),
    ("x-iinfo", "", "imperva"),
    ("x-cdn", "imperva", "imperva"),
    ("x-cdn", "incapsula", "imperva"),
    ("server", "ddos-guard", "ddos-guard"),
    ("server", "qrator", "qrator"),
    ("x-sucuri-id", "", "sucuri"),
    ("server", "sucuri", "sucuri"),
    ("server", "reblaze", "reblaze"),
    ("server", "stackpath", "stackpath"),
    ("server", "imunify360", "imunify360"),
    ("server", "wts/", "wallarm"),
    ("server", "big-ip", "f5"),
    ("set-cookie", "ts01", "f5"),
    ("x-wzws-requested-method", "", "360wzb"),
)


class Wall(NamedTuple):
    """What a title alone says."""

    vendor: str
    page_class: str


TITLES = {
    "pardon our interruption": Wall("imperva", "captcha"),
    "pardon our interruption...": Wall("imperva", "captcha"),
    "access to this page has been denied": Wall("perimeterx", "captcha"),
    "access to this page has been denied.": Wall("perimeterx", "captcha"),
    "vercel security checkpoint": Wall("vercel", "challenge"),
    "ddos-guard": Wall("ddos-guard", "challenge"),
}


class Sign(NamedTuple):
    """What stands on a wall of a vendor."""

    vendor: str
    page_class: str
    where: str
    words: int  # at most so many are visible
    needles: tuple[tuple[str, ...], ...]  # one of each group, in lower case


class Parking(NamedTuple):
    """What stands in the code of a page of a service that keeps domains."""

    vendor: str | None
    needles: tuple[str, ...]


def _rows(name: str) -> Iterator[list[str]]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    return (line.split("\t") for line in lines if line and not line.startswith("#"))


def _sign(vendor: str, page_class: str, where: str, words: str, needles: str) -> Sign:
    return Sign(vendor, page_class, where, int(words), tuple(tuple(group.split("|")) for group in needles.split(" & ")))


def _phrases() -> dict[str, re.Pattern[str]]:
    groups: dict[str, list[str]] = {}
    for group, pattern in _rows("block_phrases.tsv"):
        groups.setdefault(group, []).append(pattern)
    groups["denied"] += groups["region"]
    return {group: re.compile("|".join(patterns)) for group, patterns in groups.items()}


SIGNS = [_sign(*row) for row in _rows("block_signs.tsv")]
PARKING = [Parking(None if vendor == "-" else vendor, tuple(parts.split("|"))) for vendor, parts in _rows("parking_signs.tsv")]
PHRASES = _phrases()
