"""Where addresses are in a text: a postcode, or a town with its state."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsing.contacts import address_forms as forms
from parsing.contacts import lands

CITY_STATES = ("SG", "HK", "MO", "MC", "SM")


@dataclass(slots=True)
class Anchor:
    """What the pattern of a country found."""

    start: int
    end: int
    land: str | None
    zipcode: str | None = None
    region: str | None = None
    city: str | None = None
    street: str | None = None
    weak: bool = False  # counts only with a street


def land_of(host: str) -> str | None:
    """The country of a domain, where it is one whose addresses are known."""
    last = host.rpartition(".")[2].upper()
    last = "GB" if last == "UK" else last
    return last if last in forms.LENGTHS or last in ("GB", "US", "CA", "AU", "IE", "JP", "NZ") else None


def of(text: str, land: str | None) -> Iterator[Anchor]:
    """The anchors of a text, country by country; `land` is the country of its domain."""
    for name, pattern in (("US", forms.ZIP), ("CA", forms.CANADA), ("AU", forms.AUSTRALIA), ("GB", forms.BRITAIN)):
        for match in pattern.finditer(text):
            region = match.groupdict().get("region")
            yield Anchor(match.start(), match.end(), name, match["zip"], " ".join(region.split()) if region else None)
    for match in forms.STATE.finditer(text):
        code = match["region"].replace(".", "").replace(" ", "").upper()
        name = "US" if code in forms.US or match["region"] in forms.US.values() else "CA"
        yield Anchor(match.start("region"), match.end(), name, None, match["region"])
    if land in ("IE", None):
        yield from (Anchor(m.start(), m.end(), "IE", m["zip"], weak=True) for m in forms.IRELAND.finditer(text))
    for match in forms.EUROPE.finditer(text):
        yield from _continental(match, land)
    for pattern in (forms.WORLD, forms.WORLD_LAST):
        for match in pattern.finditer(text):
            named = lands.code(match["land"].strip(" .")) or lands.code(match["land"].partition(" ")[0])
            if named and named not in ("US", "CA", "GB", "AU"):
                city = match["city"] or (match["land"] if named in CITY_STATES else None)
                yield Anchor(match.start(), match.end(), named, match["zip"], None, city, weak=True)
    for match in forms.BRAZIL.finditer(text):
        yield Anchor(match.start(), match.end(), "BR", match["zip"], match["region"], match["city"], weak=True)
    for match in forms.JAPAN.finditer(text):
        yield Anchor(match.start(), match.end(), "JP", match["zip"], match["region"], match["city"], match["street"].strip())


def _continental(match: re.Match[str], land: str | None) -> Iterator[Anchor]:
    digits = sum(char.isdecimal() for char in match["zip"])
    told = match["land"] and forms.LANDS.get(match["land"], match["land"])
    if re.search(r"\d [A-Z]{2}$|\d[A-Z]{2}$", match["zip"]):
        told = told or "NL"
    known = told or (land if land and forms.LENGTHS.get(land) == digits else None)
    if known is None and re.fullmatch(r"(?:19|20)\d\d|0{2,5}", match["zip"]):
        return  # a year
    region = match["region"].strip("() ") if match["region"] else None
    city = match["city"].strip()
    if region is None and (province := re.fullmatch(r"(.*[a-zà-ü].*) ([A-Z]{2})", city)):
        city, region = province[1], province[2]  # `Venezia VE`
    yield Anchor(match.start(), match.end(), known, match["zip"], region, city, weak=True)
