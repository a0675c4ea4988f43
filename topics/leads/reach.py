"""How to reach a company, in one spelling: e-mail addresses, phones, profiles. What cannot be read stays at the end."""

import re
from collections.abc import Callable
from typing import Any

import errors
from parsing import emails as mail
from parsing import phones as numbers
from parsing import web_urls
from topics.leads import texts

#: A list, what is wrong with it ("" = nothing), and the remedy.
Read = tuple[list[str], str, str]

#: Between two numbers: `030/901820 / 030/901821`, `030 901820, +49 …`.
SEVERAL = re.compile(r"\s+/\s+|,\s*(?=[+(0])")

#: What is no phone, though it looks like one.
FAX = re.compile(r"\W*(?:tele)?fax\b|\W*f\b\s*[.:+(\d]", re.IGNORECASE)

FAX_BEFORE = re.compile(r"(?:fax|\bf)\W*$", re.IGNORECASE)

#: A number that a program read as one: `4930901820.0`.
AS_FLOAT = re.compile(r"(\+?\d{6,})\.0")

#: How a spreadsheet writes a long number.
SHORTENED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)


def emails(value: Any) -> Read:
    """E-mail addresses. Several in one text are parted, and names beside them left out: `Ada <ada@example.com>`."""
    given = [one for part in texts.split(value, ",;|") for one in _addresses_in(part)]
    return _read(given, mail.normal, "is no e-mail address", "type it like info@example.com")


def phones(value: Any, country: str | None, host: str) -> Read:
    """Phones in E.164: by their country code, else as numbers of the company's country, or that of its domain."""
    region = region_of(country, host)
    given = [part for one in texts.split(value, ";|") for part in _phones_in(one, region) if not FAX.match(part)]
    if any(SHORTENED.fullmatch(one) for one in given):
        return _read(given, _number(region), "was shortened by a spreadsheet", "export it again as text")
    if region is None:
        return _read(
            given, _number(None), "has no country code, and the country is not known", "`lead add --country`, then process"
        )
    return _read(given, _number(region), f"is no phone of {region}", "type it with its country code, e.g. +49 30 1234567")


def social(value: Any) -> Read:
    """Addresses of profiles, without what tracks who follows them."""
    return _read(
        texts.split(value, ";|,"), _address, "is no address of a profile", "type it like https://www.linkedin.com/company/acme"
    )


def region_of(country: str | None, host: str) -> str | None:
    """The country of numbers without a country code; None where it would be a guess.

    >>> region_of("AT", "example.com"), region_of(None, "example.de"), region_of(None, "example.com")
    ('AT', 'DE', None)
    """
    found = numbers.regions_of(country, host, None)
    is_sure = len(found) == 1 and (found != ["US"] or country == "US" or host.endswith(".us"))
    return found[0] if is_sure else None


def _read(given: list[str], read: Callable[[str], str | None], problem: str, remedy: str) -> Read:
    found = [(one, read(one)) for one in given]
    wrong = [one for one, normal in found if normal is None]
    all_ = list(dict.fromkeys([*(normal for _, normal in found if normal), *wrong]))
    return all_, f"{wrong[0]!r:.60} {problem}" if wrong else "", remedy if wrong else ""


def _phones_in(text: str, region: str | None) -> list[str]:
    """The numbers of a text, as they are written: one, several between marks, or several between words.

    >>> _phones_in("0 30 / 90 18 20", "DE"), _phones_in("030 901820 oder 030 901821, Fax 030 901829", "DE")
    (['0 30 / 90 18 20'], ['030 901820', '030 901821'])
    """
    parts, read = SEVERAL.split(text), _number(region)
    if all(map(read, parts)):
        return parts
    if read(text):
        return [text]
    found = [whole for whole, _ in numbers.find(text, *([region] if region else []))]
    return [one for one in found if not FAX_BEFORE.search(text[: text.find(one)])] or parts


def _number(region: str | None) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        text = AS_FLOAT.sub(r"\1", text.removeprefix("tel:").strip().lstrip("'"))
        return numbers.normal(text, None if text.startswith("+") else region) or (
            numbers.normal(text.partition(" - ")[0], region) if " - " in text else None
        )

    return read


def _addresses_in(text: str) -> list[str]:
    words = text.removeprefix("mailto:").split()
    return [word for word in words if "@" in word] if len(words) > 1 and any(map(mail.normal, words)) else words


def _address(text: str) -> str | None:
    try:
        parsed = web_urls.parse(text if "//" in text else f"https://{text}")
        if "." not in parsed.host or len(parsed.path) < 2:
            return None
        is_by_query = parsed.path.endswith(".php")  # facebook.com/profile.php?id=1
        return web_urls.canonical(parsed.href if is_by_query else parsed.origin + parsed.path)
    except errors.DataError:
        return None
