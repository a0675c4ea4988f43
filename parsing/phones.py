"""Telephone numbers, by Google's metadata (phonenumbers). A number without a country code is read in the page's country."""

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher

from parsing import registrations

MAX_TEXT_CHARS = 200_000
MAX_TRIES = 3_000  # of numbers that turn out to be none
#: The country where most readers of a language live, for pages that tell no other.
HOMES = {
    "en": "US", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "pt": "BR", "nl": "NL", "sv": "SE", "da": "DK",
    "no": "NO", "fi": "FI", "pl": "PL", "cs": "CZ", "sk": "SK", "hu": "HU", "ro": "RO", "tr": "TR", "ru": "RU",
    "uk": "UA", "bg": "BG", "el": "GR", "he": "IL", "ja": "JP", "ko": "KR", "zh": "CN", "vi": "VN", "th": "TH",
    "id": "ID", "ms": "MY", "hi": "IN", "fa": "IR", "ar": "SA", "hr": "HR", "sr": "RS", "sl": "SI", "lt": "LT",
    "lv": "LV", "et": "EE", "ca": "ES", "eu": "ES", "gl": "ES", "sq": "AL", "ka": "GE", "hy": "AM",
}  # fmt: skip


#: Domains of countries that are used all over the world.
LENT = frozenset(
    {"IO", "AI", "CO", "ME", "TV", "AM", "FM", "LY", "CC", "WS", "GG", "TO", "SH", "AC", "VC", "LA", "GL", "BZ", "IM"}
)
BRITISH = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b(?:United Kingdom|England|Scotland|Wales)\b|£\s?\d")
GLUED = re.compile(r"(?<=\d{4})(?=[A-Z][a-z]|[a-z]{3})")  # `623-3900Fax:`
DATE = r"[0-3]?\d[./-] ?[01]?\d[./-]?(?: ?(?:\d{4}|\d{2}))?"
# Addresses in the internet, sizes, dates and spans of dates: `5.167.214.238`, `500/600/1200`, `03.06-07.06.2015`.
NO_NUMBER = re.compile(
    rf"\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\d{{1,4}}/\d{{1,4}}/\d{{1,4}}|{DATE}(?:(?: {{0,2}}[-–] ?| ){DATE}){{0,3}}"
    r"|(?:\d{1,2}/)?\d{4} ?[-–] ?\d{1,2}/\d{4}"
)
#: `06/2017` after a number is taken for a part of it.
MONTH = re.compile(r"(?<![\d/])(?:0?[1-9]|1[0-2])/(?:19|20)\d\d(?![\d/])")
OTHERS = re.compile(r"(?:\s?[/~]\s?\d{1,2})+$")


def find(text: str, *regions: str) -> Iterator[tuple[str, str]]:
    """The numbers of a text, each as written and in E.164 (`+442079460958`). `regions` are codes of countries, e.g. `GB`.

    Of several regions the first one in which a number is valid reads it.

    >>> list(find("Call 020 7946 0958 or +1 (212) 555-2368. Order 12345678.", "GB"))
    [('020 7946 0958', '+442079460958'), ('+1 (212) 555-2368', '+12125552368')]
    """
    if not any(char.isdecimal() for char in text):
        return
    taken: list[range] = []
    for match, region in _candidates(GLUED.sub(" ", MONTH.sub(_dashes, text[:MAX_TEXT_CHARS])), regions):
        if not any(match.start in span or match.end - 1 in span for span in taken):
            taken.append(range(match.start, match.end))
            yield _first_of(match, region)


def _candidates(text: str, regions: tuple[str, ...]) -> Iterator[tuple[phonenumbers.PhoneNumberMatch, str]]:
    for region in dict.fromkeys(regions):
        for match in PhoneNumberMatcher(text, region, Leniency.VALID, MAX_TRIES):
            if not NO_NUMBER.fullmatch(match.raw_string) and not registrations.is_one(text, match.start):
                yield match, region


def _dashes(match: re.Match[str]) -> str:
    """As many signs as the match has, which belong to no number."""
    return "_" * len(match[0])


def _first_of(match: phonenumbers.PhoneNumberMatch, region: str) -> tuple[str, str]:
    """The first of several numbers whose last digits alone are written: `123 45-67/68/69`."""
    if (several := OTHERS.search(match.raw_string)) is not None:
        written = match.raw_string[: several.start()]
        if first := normal(written, region):
            return written, first
    return match.raw_string, e164(match.number)


def normal(text: str, region: str | None = None) -> str | None:
    """One number in E.164; None for what is no valid number. Without a `region` it must begin with `+` or `00`.

    >>> normal("(0)20 7946 0958", "GB"), normal("0049 30 901820"), normal("030 901820"), normal("1234")
    ('+442079460958', '+4930901820', None, None)
    >>> normal("4973112345", "DE"), normal("04973 112345", "DE")
    ('+4973112345', '+494973112345')
    """
    text = text.strip()[:100]
    if text.startswith("00") and region is None:
        text = f"+{text[2:]}"
    if region and text.isdecimal() and (whole := _with_country(text, region)):
        return whole
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return e164(number) if phonenumbers.is_valid_number(number) else None


def _with_country(digits: str, region: str) -> str | None:
    """Digits that begin with the code of their country, as spreadsheets and maps write them without `+`.

    That can be told where numbers of the country begin with a 0 otherwise.
    """
    code = str(phonenumbers.country_code_for_region(region))
    about = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if not digits.startswith(code) or about is None or about.national_prefix != "0":
        return None
    number = phonenumbers.parse(f"+{digits}", None)
    return e164(number) if phonenumbers.is_valid_number(number) else None


def e164(number: phonenumbers.PhoneNumber) -> str:
    """A number as `+442079460958`; an extension follows as in RFC 3966, `;ext=12`."""
    base = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    return f"{base};ext={number.extension}" if number.extension else base


def regions_of(country: str | None, host: str, told: str | None, text: str = "") -> list[str]:
    """The countries a page's numbers may be of, the surest first.

    It is the country the page names, else of its domain (`.de`). Else it is a guess: of its language (`en-GB`, `de`), of the
    postcodes in its text, the United States.
    """
    tld = host.rpartition(".")[2].upper()
    tld = "GB" if tld == "UK" else tld
    language, _, place = (told or "").replace("_", "-").partition("-")
    for sure in ((country or "").upper(), tld):
        if sure in phonenumbers.SUPPORTED_REGIONS and sure not in LENT:
            return [sure]
    british = "GB" if BRITISH.search(text) else ""
    options = (place.rpartition("-")[2].upper(), HOMES.get(language.lower(), ""), "US", british)
    return [option for option in dict.fromkeys(options) if option in phonenumbers.SUPPORTED_REGIONS]
