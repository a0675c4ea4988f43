"""Cells of a keyword file: numbers, tags, addresses, and the sign that keeps a spreadsheet from running a cell."""

import json
import re
import unicodedata
from typing import Any

#: The start of a text that a spreadsheet may take for a formula. Such a text gets a `'` in front. A text that already has some
#: `'` in front gets one more, so that removing one gives the text back.
FORMULA = re.compile(r"'*[=+\-@\t\r]")
GUARDED = re.compile(r"'(?='*[=+\-@\t\r])")

#: Cells that mean "empty", folded by case.
EMPTY = frozenset({"", "-", "--", "—", "–", "n/a", "na", "#n/a", "none", "null", "nan", "(not set)", "(not provided)", "not set"})
EMPTY |= {
    "http://",
    "https://",
    "#ref!",
    "#value!",
    "#name?",
    "#error!",
    "#null!",
    "#num!",
    "#div/0!",
    "#nv",
    "#wert!",
    "#bezug!",
}
EMPTY |= {"#valeur!", "#nom?", "#¡valor!", "#¡ref!", "#¿nombre?", "#rif!", "#valore!", "#n/d", "#н/д"}

MAX_TAGS, MAX_TAG_CHARS, MAX_URL_CHARS = 30, 60, 2000
MAX_VOLUME = 10**12

MARKED = re.compile(r"\[([^][]+)\]|\"([^\"]+)\"")  # exact, phrase
# A list as programs write it: JSON, Python, an array of a data base.
TAG_LIST = re.compile(r"\[\s*(?:(['\"]).*['\"]\s*)?\]|\{[^{}]*\}", re.DOTALL)
LISTED_TAG = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([^\[\]{},'\"]+)")
TAG_BREAK = re.compile(r"[,;|\r\n，、；]")
NO_URL = re.compile(r"[\s\x00-\x20\x7f<>\"]")

RANGE = re.compile(r"\s*(?:[-–—~〜～]|\b(?:to|bis|à|a|do)\b)\s*")
NUMBER = re.compile(r"[<>≤≥≈~]?\s*(\d[\d.,'’\s]*?)\s*([^\W\d]+\.?)?\s*\+?")
POWER = re.compile(r"(\d)(?:[.,](\d{1,12}))?e\+(\d{1,2})")  # how a spreadsheet writes a long number
GROUPED = re.compile(r"\d{1,3}(?:([.,'’ ])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})*,\d{3}")

#: Words for thousand and million behind a number, folded by case, in the languages of Keyword Planner.
TIMES = {
    **dict.fromkeys(("k", "tsd", "tausend", "mil", "mila", "mille", "tys", "тыс", "тис", "bin", "tn", "t", "tuh", "tis"), 10**3),
    **dict.fromkeys(("ezer", "χιλ", "千", "천"), 10**3),
    **dict.fromkeys(("m", "mio", "mn", "mln", "млн", "mi", "mill", "milj", "million", "millions", "εκ"), 10**6),
    **dict.fromkeys(("b", "bn", "mrd", "mld", "mia", "млрд"), 10**9),
    **dict.fromkeys(("crore", "cr"), 10**7),
    **dict.fromkeys(("万", "萬", "만"), 10**4),
    **dict.fromkeys(("億", "亿", "억"), 10**8),
    "lakh": 10**5,
}


#: Formulas that hold a text: `="01067"`, `=HYPERLINK("…","…")`, `=LIEN_HYPERTEXTE("…";"…")`.
AS_TEXT = re.compile(r'=\s*"((?:[^"]|"")*)"')
LINK = re.compile(r'=\s*[^\W\d][\w.]{4,30}\(\s*"([^"]*)"\s*(?:[,;]\s*"([^"]*)"\s*)?\)')


def guarded(value: Any) -> Any:
    """The value as a cell that no spreadsheet takes for a formula. `unguarded` gives the value back.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("'s-hertogenbosch")
    ("'=1+1", "''=1+1", "'s-hertogenbosch")
    """
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def joined(value: Any) -> Any:
    """A list of texts as the text of one cell, nothing as an empty one; any other value is returned unchanged.

    >>> joined(["a@b.example", "c@b.example"]), joined([]), joined(None), joined(3)
    ('a@b.example, c@b.example', '', '', 3)
    """
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return "" if value is None else value


def unguarded(text: str) -> str:
    """The value of a guarded cell. Any other text is returned unchanged."""
    return text[1:] if text[:1] == "'" and GUARDED.match(text) else text


def computed(text: str, *, is_address: bool = False) -> str:
    """What a formula of a spreadsheet shows: `="007"`, or the text of a link in any language; with `is_address` its address.

    >>> computed('="01067"'), computed('=HYPERLINK("https://a.example";"A")', is_address=True)
    ('01067', 'https://a.example')
    """
    if text[:1] != "=":
        return text
    if match := AS_TEXT.fullmatch(text):
        return match[1].replace('""', '"')
    if match := LINK.fullmatch(text):
        return match[1] if is_address or match[2] is None else match[2]
    return text


def unmarked(text: str) -> str:
    """A keyword of Google Ads without the marks of its match type.

    >>> unmarked("[red shoes]"), unmarked('"red shoes"'), unmarked("+red +shoes"), unmarked("red [shoes]")
    ('red shoes', 'red shoes', 'red shoes', 'red [shoes]')
    """
    if match := MARKED.fullmatch(text):
        return (match[1] or match[2]).strip()
    words = text.split()
    return " ".join(word[1:] for word in words) if words and all(word[:1] == "+" and word[1:] for word in words) else text


def mended(text: str) -> str:
    """A text of UTF-8 that some tool took for Western European, as it was; any other text as it is.

    >>> mended("dÃ©pannage LiÃ¨ge"), mended("SÃO PAULO"), mended("dépannage")
    ('dépannage Liège', 'SÃO PAULO', 'dépannage')
    """
    if text.isascii():
        return text
    try:
        return b"".join(map(_western, text)).decode("utf-8")
    except UnicodeError:
        return text


def _western(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")  # bytes that cp1252 leaves out


def is_empty(text: str) -> bool:
    """Whether a cell is empty, or holds a word for empty."""
    return text.strip().casefold() in EMPTY


def volume(text: str) -> int | None:
    """Searches a month, in the spelling of any tool; None if the cell is no number.

    A range of Keyword Planner gives the figure that its own file has for the range. Any other range gives its middle.

    >>> volume("1,000"), volume("1.000"), volume("2,4K"), volume("10K – 100K"), volume("many")
    (1000, 1000, 2400, 50000, None)
    """
    text = unicodedata.normalize("NFKC", text).casefold().strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:20]), MAX_VOLUME)
    parts = RANGE.split(text)
    if len(parts) == 2 and parts[0] and parts[1]:
        low, high = _number(parts[0]), _number(parts[1])
        if low is None or high is None or low > high:
            return None
        return round(high / 2) if high == 10 * low else round((low + high) / 2)
    found = _number(text)
    return None if found is None else min(round(found), MAX_VOLUME)


def _number(text: str) -> float | None:
    if power := POWER.fullmatch(text):
        return float(f"{power[1]}.{power[2] or 0}e{power[3]}")
    match = NUMBER.fullmatch(text)
    if not match:
        return None
    digits, word = match[1].strip().replace("\u2019", "'"), (match[2] or "").rstrip(".")
    if word and word not in TIMES:
        return None
    times = TIMES.get(word, 1)
    digits = re.sub(r"\s", " ", digits)
    if times == 1 and GROUPED.fullmatch(digits) and not digits.startswith("0"):
        return float(re.sub(r"\D", "", digits))
    if "," in digits and "." in digits:  # the last of the two is the decimal sign
        group = "," if digits.rfind(".") > digits.rfind(",") else "."
        digits = digits.replace(group, "")
    digits = digits.replace(",", ".").replace("'", "").replace(" ", "")
    return float(digits) * times if re.fullmatch(r"\d+(?:\.\d*)?", digits) else None


def tags(text: str) -> tuple[str, ...]:
    """The tags of a cell, each once, in order.

    >>> tags("shoes; summer, Shoes,,red hot"), tags('["shoes", "red hot"]')
    (('shoes', 'summer', 'red hot'), ('shoes', 'red hot'))
    """
    found: dict[str, str] = {}
    for part in _listed_tags(text.strip()):
        tag = " ".join(part.split())[:MAX_TAG_CHARS].strip()
        if not is_empty(tag):
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:MAX_TAGS]


def _listed_tags(text: str) -> list[str]:
    if not TAG_LIST.fullmatch(text):
        return TAG_BREAK.split(text)
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        loaded = None
    parts = map(str, loaded) if isinstance(loaded, list) else ("".join(found) for found in LISTED_TAG.findall(text))
    return [tag for part in parts for tag in TAG_BREAK.split(part)]


def target_url(text: str) -> str | None:
    """The address of a page, or its path on the site; None for another text.

    >>> target_url("https://example.com/a"), target_url("/a"), target_url("example.com/a"), target_url("see notes")
    ('https://example.com/a', '/a', 'example.com/a', None)
    """
    text = text.strip()
    if not text or len(text) > MAX_URL_CHARS or NO_URL.search(text):
        return None
    is_page = re.match(r"https?://[^/?#]+\.[^/?#]+|/|[^/?#:@]+\.[a-z0-9-]{2,}(?:[:/?#]|$)", text, re.IGNORECASE)
    return text if is_page else None
