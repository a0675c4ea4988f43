"""Numbers and prices as people write them in many countries."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from parsing import regexes

MAX_CHARS = 40
SYMBOLS = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "円": "JPY", "元": "CNY", "₹": "INR", "₽": "RUB", "₺": "TRY",
    "₩": "KRW", "원": "KRW", "₴": "UAH", "₫": "VND", "₪": "ILS", "฿": "THB", "₱": "PHP", "₦": "NGN", "₡": "CRC",
    "₸": "KZT", "₾": "GEL", "₼": "AZN", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "R$": "BRL", "NT$": "TWD", "MX$": "MXN", "$": "USD", "zł": "PLN", "Kč": "CZK", "Ft": "HUF",
    "lei": "RON", "лв": "BGN", "руб": "RUB", "грн": "UAH", "Fr.": "CHF", "Rs.": "INR", "Rs": "INR", "RM": "MYR",
    "Rp": "IDR", "TL": "TRY", "kr": "SEK", "kr.": "DKK",
}  # fmt: skip
CODES = (
    "USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|CNY|HKD|SGD|INR|BRL|MXN|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|ILS|AED|SAR|ZAR|KRW|THB|IDR|MYR"
    "|PHP|VND|TWD|ISK|RSD|EGP|NGN|KES|ARS|CLP|COP|PEN"
)
AMOUNT = (
    r"\d{1,2}(?:,\d{2}){1,4},\d{3}(?:\.\d{1,2})?"  # in India: 1,23,456
    r"|\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3}){1,5}(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,2})?"
)
MARKS = "|".join(re.escape(mark) for mark in sorted(SYMBOLS, key=len, reverse=True))
BEFORE = regexes.late(rf"(?<![\w.,])(?:({MARKS})|({CODES})(?![A-Za-z]))\s?({AMOUNT})(?![\d])")
AFTER = regexes.late(rf"(?<![\w.,$€£¥])({AMOUNT})(?:,-)?\s?(?:({MARKS})(?![\w])|({CODES})(?![A-Za-z]))")
GAPS = regexes.late(r"[\s'’\u00a0\u202f\u066c_]")
NUMBER = regexes.late(r"[+-]?\d+(?:[.,]\d+)*")


class Price(NamedTuple):
    """A price in a text: where it stands, as written, the amount, the currency's code."""

    start: int
    text: str
    amount: Decimal
    currency: str


def find(text: str) -> Iterator[Price]:
    """The prices of a text, by their place. `$` alone is taken for US dollars.

    >>> [(str(price.amount), price.currency) for price in find("$1,299.00, 1.299,50 €, CHF 12'000, 49 kr")]
    [('1299.00', 'USD'), ('1299.50', 'EUR'), ('12000', 'CHF'), ('49', 'SEK')]
    """
    found: dict[int, Price] = {}
    for match in BEFORE.finditer(text):
        if (amount := number(match[3])) is not None:
            found[match.start(3)] = Price(match.start(), match[0], amount, match[2] or SYMBOLS[match[1]])
    for match in AFTER.finditer(text):
        if (amount := number(match[1])) is not None:
            found.setdefault(match.start(1), Price(match.start(), match[0], amount, match[3] or SYMBOLS[match[2]]))
    yield from (found[place] for place in sorted(found))


def number(text: str, decimal: str | None = None) -> Decimal | None:
    """A number as people write it; None for what is none. `decimal` is the decimal mark, where known.

    The last of two different marks is the decimal mark. A mark that stands twice, or before three digits, groups thousands:
    `1.234` is 1234. Say `decimal="."` where 1.234 is a bit more than one.

    >>> [str(number(text)) for text in ("1.234,56", "1,234.56", "1 234", "12,5", "1.234", "-3", "0,125", "1.2.3", "abc")]
    ['1234.56', '1234.56', '1234', '12.5', '1234', '-3', '0.125', 'None', 'None']
    """
    plain = _plain(text)
    if not NUMBER.fullmatch(plain):
        return None
    mark = decimal or _decimal_mark(plain)
    whole, _, part = plain.rpartition(mark) if mark and mark in plain else (plain, "", "")
    groups = re.split(r"[.,]", whole.lstrip("+-"))
    if not _are_groups(groups) or any(char in part for char in ".,"):
        return None
    sign = "-" if plain.startswith("-") else ""
    return Decimal(f"{sign}{''.join(groups)}" + (f".{part}" if part else ""))


def _plain(text: str) -> str:
    """A written number without gaps, its digits and signs in ASCII; too long a text is none."""
    plain = unicodedata.normalize("NFKC", text[: 4 * MAX_CHARS]).replace("\u2212", "-").replace("\u066b", ".")
    plain = GAPS.sub("", plain)
    if not plain.isascii():
        plain = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)
    return plain if len(plain) <= MAX_CHARS else ""


def _are_groups(groups: list[str]) -> bool:
    """Whether digits are grouped as people do: by three from the right, in India by two before the last three."""
    if len(groups) == 1:
        return True
    return 0 < len(groups[0]) <= 3 and all(len(group) in (2, 3) for group in groups[1:]) and len(groups[-1]) == 3


def _decimal_mark(plain: str) -> str | None:
    dot, comma = plain.count("."), plain.count(",")
    if dot and comma:
        return "." if plain.rindex(".") > plain.rindex(",") else ","
    mark = "." if dot else "," if comma else None
    if mark is None or plain.count(mark) > 1:
        return None
    whole, _, part = plain.partition(mark)
    groups = len(part) == 3 and whole.lstrip("+-") not in ("", "0") and len(whole.lstrip("+-")) <= 3
    return None if groups else mark
