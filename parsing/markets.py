"""The market of a line in a keyword file: country, language and device, in the spelling of any tool."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import errors
from parsing import cells
from parsing.names import country_codes, device_names, folded, language_codes

#: Words for "everywhere" or "each": no market.
ALL = frozenset({"all", "any", "both", "each", "alle", "tous", "todos", "all devices", "all languages", "all countries"})
ALL |= {"global", "worldwide", "world", "glb", "anywhere", "any language", "any location", "any country", "any device"}
ALL |= {"all locations", "all regions", "alle länder", "alle sprachen", "alle geräte", "tous les pays", "toutes les langues"}
ALL |= {"unknown region", "zzz"}  # of Search Console, where a searcher's country is not known

#: Languages whose regions are separate languages at Google.
REGIONAL = frozenset({"pt-BR", "pt-PT", "zh-CN", "zh-TW", "zh-HK", "es-419"})
SCRIPTS = {"zh-hans": "zh-CN", "zh-hant": "zh-TW", "zh-sg": "zh-CN", "zh-mo": "zh-TW", "zh": "zh-CN"}
SCRIPTS |= {"he": "iw", "nb": "no", "nn": "no"}  # codes that Google has under another name

GOOGLE = re.compile(r"\bgoogle(?:\.(?:com?\.)?([a-z]{2,3}))?(?![a-z])", re.IGNORECASE)
CODE = re.compile(r"[a-zA-Z]{2,3}(?:[-_]([a-zA-Z]{2}|[a-zA-Z]{4}|\d{3}))?")
LOCALE = re.compile(r"\s*(.+?)\s*(?:\((.+)\)|\s[-–/|]\s(.+?))\s*")
REMARK = re.compile(r"\s*\(.*\)\s*$")
# A place in the results: several languages have one word for position and location (`Konum` in Turkish, `Placering` in Danish).
POSITION = re.compile(r"\d{1,3}(?:[.,]\d+)?")
CODE_INSIDE = re.compile(r"\(([A-Za-z]{2})\)|^([A-Z]{2})\s+-\s|\s-\s([A-Z]{2})$")


@dataclass(frozen=True, slots=True)
class Market:
    """The market of a line. None: the line says nothing about it."""

    country: str | None = None
    language: str | None = None
    device: str | None = None
    location: str | None = None

    def __bool__(self) -> bool:
        return self != NOTHING

    def __str__(self) -> str:
        return ", ".join(part for part in (self.location, self.country, self.language, self.device) if part)


NOTHING = Market()


def read(row: Mapping[str, str]) -> Market:
    """The market in the cells of a line (fields of column_names). Raises ArgumentError that names an unknown value."""
    country, wanted_device = _country_and_device(row.get("country", ""))
    wanted_language, (locale_language, region) = _language(row.get("language", "")), _locale(row.get("locale", ""))
    location, where = _location(row.get("location", ""))
    engine_country, engine_device = _engine(row.get("engine", ""))
    return Market(
        country=country or where or region or engine_country or _of_tld(row.get("tld", "")),
        language=wanted_language or locale_language,
        device=device(row.get("device", "")) or wanted_device or engine_device or _hinted(row.get("device_hint", "")),
        location=location,
    )


def same_country(one: str, other: str) -> bool:
    """Whether two codes mean the same country: `uk` is `gb`."""
    return _gb(one.lower()) == _gb(other.lower())


def same_language(one: str, other: str) -> bool:
    """Whether two codes mean the same language: `en-US` is `en`, but `pt-BR` is not `pt-PT`."""
    return _google_language(one) == _google_language(other)


def same_location(one: str | None, other: str | None) -> bool:
    """Whether two spellings mean the same town: blanks and case do not count."""
    return folded(one or "") == folded(other or "")


def device(text: str) -> str | None:
    """`desktop` or `mobile`; None for an empty cell. Raises ArgumentError.

    >>> device("Smartphone"), device("Computer"), device("-")
    ('mobile', 'desktop', None)
    """
    name = folded(text.lower())
    if cells.is_empty(text) or name in ALL:
        return None
    found = device_names().get(name) or {"d": "desktop", "m": "mobile"}.get(name)
    if not found and "tablet" not in (words := set(name.split())):
        found = "mobile" if words & {"mobile", "smartphone"} else "desktop" if "desktop" in words else None
    if not found:
        raise errors.ArgumentError(f"the device {text!r:.40} cannot be tracked: use desktop or mobile")
    return found


def country(text: str) -> str | None:
    """The code of two letters; None for an empty cell. Raises ArgumentError.

    >>> country("US"), country("uk"), country("Deutschland"), country("deu"), country("Germany (DE)"), country("-")
    ('us', 'gb', 'de', 'de', 'de', None)
    """
    if cells.is_empty(text) or folded(text) in ALL:
        return None
    found = _country(text)
    if not found:
        raise errors.ArgumentError(f"the country {text!r:.40} is unknown: use its code of two letters, e.g. us")
    return found


def _country(text: str) -> str | None:
    whole = folded(text)
    if len(whole) == 2 and whole.isascii() and (whole == "uk" or whole in set(country_codes().values())):
        return _gb(whole)
    if whole in country_codes():
        return country_codes()[whole]
    inside = CODE_INSIDE.search(text.strip())
    code = next((part for part in inside.groups() if part), None) if inside else None
    if code:
        return _country(code)
    bare = REMARK.sub("", text)
    return country_codes().get(folded(bare)) if bare != text else None


def _country_and_device(text: str) -> tuple[str | None, str | None]:
    """Semrush writes `mobile-us` for its mobile data base of a country."""
    parts = re.fullmatch(r"mobile-([a-z]{2})|([a-z]{2})-mobile", text.strip().lower())
    if parts:
        return country(parts[1] or parts[2]), "mobile"
    return country(text), None


def _language(text: str) -> str | None:
    if cells.is_empty(text) or folded(text) in ALL:
        return None
    text = text.strip()
    if CODE.fullmatch(text):
        return _google_language(text)
    found = language_codes().get(folded(text)) or language_codes().get(folded(REMARK.sub("", text)))
    if not found:
        raise errors.ArgumentError(f"the language {text!r:.40} is unknown: use its code, e.g. en")
    return found


def _locale(text: str) -> tuple[str | None, str | None]:
    """(language, country) of `da-DK`, `English (US)` or `English - United States`."""
    if cells.is_empty(text) or folded(text) in ALL:
        return None, None
    text = re.sub(r"^([A-Z]{2})-([a-z]{2})$", r"\2-\1", text.strip())  # `US-en`: the market first, as STAT writes it
    found = CODE.fullmatch(text.strip())
    if found:
        return _google_language(found[0]), _country(found[1] or "")
    parts = LOCALE.fullmatch(text)
    if not parts:
        return (None, _country(text)) if _country(text) else (_language(text), None)
    first, second = parts[1], parts[2] or parts[3]
    if _country(first) and not _is_language(first) and _is_language(second):  # `Denmark (da)`, `Germany - German`
        first, second = second, first
    return _language(first), _country(second)


def _is_language(text: str) -> bool:
    return CODE.fullmatch(text) is not None or folded(text) in language_codes()


def _of_tld(text: str) -> str | None:
    """The country of a top-level domain of Google's: `be`, `co.uk`; `com` says none."""
    last = text.strip().lower().rpartition(".")[2]
    return _country(last) if len(last) == 2 else None


def _hinted(text: str) -> str | None:
    """The device in a column that may hold something else: `true` below `Mobile`, `Mobile` below `Search type`."""
    name = folded(text)
    return {"true": "mobile", "yes": "mobile", "false": "desktop", "no": "desktop"}.get(name) or device_names().get(name)


def _google_language(code: str) -> str:
    """A code in Google's spelling, without a region that Google does not distinguish."""
    base, _, region = code.replace("_", "-").partition("-")
    whole = f"{base.lower()}-{region.lower()}" if region else base.lower()
    spelled = {name.lower(): name for name in REGIONAL}.get(whole) or SCRIPTS.get(whole)
    if not spelled and len(region) == 4:
        return f"{base.lower()}-{region.title()}"
    return spelled or SCRIPTS.get(base.lower(), base.lower())


def _location(text: str) -> tuple[str | None, str | None]:
    """(town, country). A country is no town, and a number is neither."""
    if cells.is_empty(text) or folded(text) in ALL or POSITION.fullmatch(text.strip()):
        return None, None
    whole = _country(text)
    if whole:
        return None, whole
    town = " ".join(text.split())
    return town, _country(town.rpartition(",")[2])


def _engine(text: str) -> tuple[str | None, str | None]:
    """(country, device) in the name of a search engine. Raises ArgumentError for an engine other than Google."""
    if cells.is_empty(text) or folded(text) in ALL:
        return None, None
    found = GOOGLE.search(text)
    if not found:
        raise errors.ArgumentError(f"the search engine {text!r:.40} is not tracked: only Google is")
    top = found[1]
    words = set(folded(text).split())
    engine_device = "mobile" if "mobile" in words else "desktop" if "desktop" in words else None
    return _country(top) if top and len(top) == 2 else None, engine_device


def _gb(code: str) -> str:
    return "gb" if code == "uk" else code
