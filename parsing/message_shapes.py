"""The shape of an error message: what stays the same when the same thing goes wrong with another page, number or id.

The time is linear in the length of the text, whatever the text is: a token is matched once, and judged by what it holds.
"""

import re

#: Characters of a message that are read, and of a shape that are kept.
READ, LONGEST = 2000, 160

_TOKEN = re.compile(
    r"""
      (?P<url>\b[a-zA-Z][a-zA-Z0-9+.-]{1,11}://[^\s'"<>]+)
    | (?P<quoted>(?<![\w'])'[^']*'(?!\w) | (?<![\w"])"[^"]*" | `[^`]*` | “[^“”]*” | «[^«»]*»)
    | (?P<word>[\w-]+)
    """,
    re.VERBOSE,
)

#: A number with its unit: 30, 1.5s, 404, 80%. The tokens around a point or colon are folded into one afterwards.
_NUMBER = re.compile(r"-?\d+(?:ms|s|m|min|h|d|[kKmMgG]i?[bB]|[bB]|x|st|nd|rd|th)?")

#: Several numbers or ids in a row, of a list, an address or a date.
_ROW = re.compile(r"(?:<n>|<id>)(?: ?[,;:./-] ?(?:<n>|<id>))+")

_BLANK = re.compile(r"[\s\x00-\x1f\x7f]+")


def of(message: str) -> str:
    """The shape of a message: one line of at most 160 characters; "" for a message without any text.

    >>> of("timed out after 30 s: https://a.com/x?y=1")
    'timed out after <n> s: <url>'
    >>> of("No keyword 'blue shoes' in job 4f2a99c01b (3 of 7)")
    'No keyword <text> in job <id> (<n> of <n>)'
    >>> of("not reached 10.0.0.1:6379 at 2026-03-01T12:00:01")
    'not reached <n> at <id>'
    """
    folded = _TOKEN.sub(_fold, _BLANK.sub(" ", message[:READ]))
    return _ROW.sub(_first, folded).strip()[:LONGEST]


def _fold(found: re.Match[str]) -> str:
    if found["url"]:
        return "<url>" + _end_of_sentence(found["url"])
    if found["quoted"]:
        return "<text>"
    word = found["word"]
    if not any(letter.isdigit() for letter in word):
        return word
    return "<n>" if _NUMBER.fullmatch(word) else "<id>"


def _end_of_sentence(url: str) -> str:
    """What ends the sentence around an address, and is none of it."""
    last = url[-1]
    return last if last in ".,;:!?)]" else ""


def _first(found: re.Match[str]) -> str:
    return "<id>" if found[0].startswith("<id>") else "<n>"
