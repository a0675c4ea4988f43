"""Plain values in one spelling: texts, lists of texts, years, postcodes, languages."""

import html
import re
from typing import Any

from parsing import cells
from parsing import languages as codes

YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)")

#: Countries whose postcodes have five digits, of which spreadsheets drop a leading zero.
FIVE_DIGITS = frozenset({"DE", "US", "FR", "ES", "IT", "FI", "EE", "HR", "MX"})


def tidy(value: Any) -> Any:
    """A text without entities, double blanks and line ends; of a list each text once, empty ones left out.

    >>> tidy("  M&uuml;ller \\n &amp; Co "), tidy(["a", " A ", "", "b"]), tidy(7)
    ('Müller & Co', ['a', 'b'], 7)
    """
    if isinstance(value, list):
        found: dict[str, Any] = {}
        for one in value:
            if not cells.is_empty(str(one)):
                found.setdefault(str(tidy(one)).casefold(), tidy(one))
        return list(found.values())
    return " ".join(html.unescape(value).split()) if isinstance(value, str) else value


def address(value: Any) -> Any:
    r"""An address on one line.

    >>> address("Hauptstr. 1,\n 10115  Berlin\n\nGermany")
    'Hauptstr. 1, 10115 Berlin, Germany'
    """
    if not isinstance(value, str):
        return value
    lines = [tidy(line).strip(" ,") for line in value.splitlines()]
    return ", ".join(line for line in lines if line)


def split(value: Any, separators: str) -> list[str]:
    """The texts of a list, or of one text with separators; each once, without empty ones.

    >>> split("a; b ;;n/a", ";"), split(["a;b", "c"], ";")
    (['a', 'b'], ['a', 'b', 'c'])
    """
    given = value if isinstance(value, list) else [value]
    parts = [part.strip() for one in given for part in re.split(f"[{re.escape(separators)}\r\n]", str(one))]
    return list(dict.fromkeys(part for part in parts if not cells.is_empty(part)))


def year(value: Any) -> int | None:
    """The year in a value; None where there is none, or several.

    >>> year("Founded in 1998"), year("2004-05-01"), year(1908.0), year("1998 or 2003")
    (1998, 2004, 1908, None)
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = set(YEAR.findall(str(value)))
    return int(found.pop()) if len(found) == 1 else None


def postal_code(value: Any, country: str | None) -> str:
    """A postcode in capitals, with the zero in front that a spreadsheet dropped.

    >>> postal_code(1067, "DE"), postal_code("sw1a 1aa", "GB"), postal_code("1010", "AT"), postal_code(1067.0, "DE")
    ('01067', 'SW1A 1AA', '1010', '01067')
    """
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    text = " ".join(text.split()).upper()
    return text.zfill(5) if country in FIVE_DIGITS and re.fullmatch(r"\d{4}", text) else text


def languages(value: Any) -> tuple[list[str], str, str]:
    """Codes of languages; what is none stays at the end, and is told."""
    given = split(value, ",;|")
    found = list(dict.fromkeys(codes.normal(one) or one for one in given))
    wrong = [one for one in given if codes.normal(one) is None]
    return found, f"{wrong[0]!r:.60} is no language" if wrong else "", "type its code, e.g. de" if wrong else ""
