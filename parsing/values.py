"""One value read as a type: numbers in local spellings, dates, addresses, telephone numbers, booleans in words, codes.

A reader returns the value in its one form, or None where the value is none of its type. All results are JSON.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import errors
from parsing import date_text, emails, hrefs, json_ld, languages, names, phones, prices, web_urls

MAX_TEXT_CHARS = 1_000_000
MAX_SAFE = 2**53  # beyond it other readers of JSON round
YES = frozenset({
    "true", "yes", "y", "on", "1", "ja", "oui", "si", "sí", "sim", "tak", "da", "да", "ano", "igen", "evet",
    "kyllä", "はい", "是", "예", "نعم", "כן", "ναι", "wahr", "vrai", "verdadero", "vero",
})  # fmt: skip
NO = frozenset({
    "false", "no", "n", "off", "0", "nein", "non", "não", "nao", "nie", "нет", "ne", "nem", "hayır", "hayir", "ei",
    "いいえ", "否", "不是", "아니오", "لا", "לא", "όχι", "falsch", "faux", "falso",
})  # fmt: skip
MAX_BITS = 1_024  # of an integer: about 300 digits
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u200b\u2060\u00ad\u202a-\u202e\u2066-\u2069]")
BLANKS = re.compile(r"[^\S\n]+")
BREAKS = re.compile(r" ?\n ?(?:\n ?)*")
HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,62})\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#].*)?", re.DOTALL)
CURRENCY = re.compile(rf"{prices.CODES}")


@dataclass(frozen=True, slots=True)
class Style:
    """How the values of a field are written."""

    region: str | None = None  # country of telephone numbers without a country code
    language: str = ""  # decides what 3/4/2020 is
    decimal: str | None = None  # the decimal mark, where it is known
    base: str | None = None  # what relative addresses are relative to


PLAIN = Style()
Reader = Callable[[Any, Style], Any]


def text(value: Any, style: Style = PLAIN) -> str | None:
    """A text with single blanks, NFC, no control characters; line feeds stay, one at a time.

    >>> text("  Cafe\\u0301 \\u00a0 au\\u200b lait\\r\\n\\n noir "), text(12.5), text(True), text([])
    ('Café au lait\\nnoir', '12.5', 'true', None)
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return str(value)
    if not isinstance(value, str):
        return None
    plain = value[:MAX_TEXT_CHARS].replace("\r\n", "\n").replace("\r", "\n")
    plain = CONTROL.sub("", unicodedata.normalize("NFC", plain))
    return BREAKS.sub("\n", BLANKS.sub(" ", plain)).strip()


def is_number(value: Any) -> bool:
    """Whether a value is a number that JSON can hold: finite, and with fewer digits than readers refuse."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < float("inf") and (isinstance(value, float) or value.bit_length() <= MAX_BITS)


def line(value: Any, style: Style) -> str | None:
    """A text in one line."""
    plain = text(value)
    return None if plain is None else " ".join(plain.split())


def number(value: Any, style: Style) -> int | float | None:
    """A number: of JSON, or as people write it, also with a currency, a unit of percent or a sign behind it.

    >>> number("1.234,56 €", Style()), number("12 %", Style()), number(True, Style()), number("1.234", Style(decimal="."))
    (1234.56, 12, None, 1.234)
    """
    if is_number(value):
        return value  # type: ignore[no-any-return]
    if not isinstance(value, str):
        return None
    plain = (text(value) or "")[:100]
    found = prices.number(plain, style.decimal)
    if found is None:
        price = next(prices.find(plain), None)
        stripped = plain.rstrip("%‰ ").strip()
        found = prices.number(price.text.strip(_SIGNS), style.decimal) if price else prices.number(stripped, style.decimal)
    return None if found is None else _json(found)


def integer(value: Any, style: Style) -> int | None:
    """A whole number, at most 2**53 so that other readers of JSON do not round it; 12.0 is 12."""
    found = number(value, style)
    return int(found) if found is not None and found == int(found) and abs(found) <= MAX_SAFE else None


def boolean(value: Any, style: Style) -> bool | None:
    """True or false, also as 0 and 1 and as words of 20 languages."""
    if isinstance(value, bool):
        return value
    word = (text(value) or "").casefold()
    return True if word in YES else False if word in NO else None


def day(value: Any, style: Style) -> str | None:
    """A date as `2020-03-20`."""
    stamp = moment(value, style)
    return stamp[:10] if stamp else None


def moment(value: Any, style: Style) -> str | None:
    """A date, or a date and time with the zone it came with, as ISO 8601."""
    if not isinstance(value, str) and not (is_number(value) and isinstance(value, int)):
        return None
    return date_text.stamp(str(value)[:200], style.language)


def url(value: Any, style: Style) -> str | None:
    """A web address, canonical: no fragment, no tracking parameters, parameters sorted. A bare host gets `https://`."""
    if not isinstance(value, str):
        return None
    plain = CONTROL.sub("", value).strip()[: hrefs.MAX_CHARS]
    if style.base is None and "://" not in plain[:12] and HOST.fullmatch(plain):
        plain = f"https://{plain}"
    try:
        whole = web_urls.resolve(plain, style.base)
        return web_urls.canonical(whole) if whole else None
    except errors.DataError:
        return None


def email(value: Any, style: Style) -> str | None:
    """An address, also as `mailto:` and spelled `info [at] example.com`."""
    if not isinstance(value, str):
        return None
    plain = json_ld.clean(line(value, style) or "")[:1_000]
    return emails.normal(plain) or next((address for _, address in emails.find(plain)), None)


def phone(value: Any, style: Style) -> str | None:
    """A telephone number in E.164. Without a country code it needs the region of the style."""
    if not isinstance(value, str) and not (is_number(value) and isinstance(value, int)):
        return None
    return phones.normal((line(str(value), style) or "").removeprefix("tel:"), style.region)


def country(value: Any, style: Style) -> str | None:
    """The code of a country, from its code or its name in 23 languages.

    >>> country("Deutschland", Style()), country("usa", Style()), country("UK", Style()), country("Narnia", Style())
    ('DE', 'US', 'GB', None)
    """
    if not isinstance(value, str):
        return None
    name = names.folded(value[:200])
    codes = names.country_codes()
    code = name if name in set(codes.values()) else codes.get(name)
    return {"UK": "GB"}.get(code.upper(), code.upper()) if code else None


def language(value: Any, style: Style) -> str | None:
    """The code of a language from a locale or a name; `pt_BR` is `pt`."""
    return languages.normal(value) if isinstance(value, str) else None


def currency(value: Any, style: Style) -> str | None:
    """The code of a currency from its sign or code."""
    if not isinstance(value, str):
        return None
    plain = value.strip()[:20]
    return prices.SYMBOLS.get(plain) or (plain.upper() if CURRENCY.fullmatch(plain.upper()) else None)


def anything(value: Any, style: Style) -> Any:
    """A value as it is; a text is tidied."""
    return text(value) if isinstance(value, str) else value


READERS: dict[str, Reader] = {
    "text": text, "string": line, "number": number, "integer": integer, "boolean": boolean, "date": day, "datetime": moment,
    "url": url, "email": email, "phone": phone, "country": country, "language": language, "currency": currency, "any": anything,
}  # fmt: skip

_SIGNS = "".join({char for mark in prices.SYMBOLS for char in mark} | set("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")) + "-"


def _json(found: Decimal) -> int | float:
    if found == found.to_integral_value() and abs(found) <= MAX_SAFE:
        return int(found)
    return float(found)
