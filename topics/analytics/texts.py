"""Figures and foreign texts as reports write them."""

import re
from typing import Any

#: What stands where nothing is known.
NOTHING = "–"

#: Characters that no file may hold, or that turn a line around.
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def figure(value: Any, unit: str = "") -> str:
    """A figure for people.

    >>> figure(1234), figure(12.5, "percent"), figure(3.0, "change"), figure(None), figure(-2, "change")
    ('1,234', '12.5 %', '+3', '–', '-2')
    """
    if value is None:
        return NOTHING
    if not isinstance(value, int | float):
        return plain(str(value))
    text = f"{value:+,.10g}" if unit == "change" else f"{value:,.10g}"
    return f"{text} %" if unit == "percent" else text


def plain(text: str) -> str:
    r"""A foreign text on one line, without what steers.

    >>> plain("a\nb\x1b[1m")
    'a b [1m'
    """
    return STEERING.sub(" ", text).strip()
