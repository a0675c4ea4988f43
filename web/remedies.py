"""The words of an error for somebody who uses the API: fields in place of options, routes in place of commands."""

import re
from urllib.parse import quote

from web.equivalents import ROUTES

#: What an option is called in a body, where not the same.
FIELDS = {
    "every": "every_h",
    "for": "for_s",
    "tag": "tags",
    "untag": "untags",
    "older-than": "older_than_s",
    "slower-than": "slower_than_s",
    "project": "project_id",
    "delay": "delay_s",
}

#: A command with its arguments, or an option that stands alone.
WORDS = re.compile(r"`?python manage\.py (?P<command>[^`]*?)`|(?<![\w-])--(?P<option>[a-z][a-z-]*)(?![\w-])")

VARIABLE = re.compile(r"\{\w+\}")


def for_the_api(text: str) -> tuple[str, str]:
    """(the text, the field that it begins with or "").

    >>> for_the_api("--every 0 must be hours, from 0.01 to a year")
    ('every_h 0 must be hours, from 0.01 to a year', 'every_h')
    >>> for_the_api("No project x. `python manage.py project list` shows what there is.")[0]
    'No project x. `GET /api/v1/projects` shows what there is.'
    >>> for_the_api("`python manage.py limit remove serp`, or `limit set`.")[0]
    '`DELETE /api/v1/limits/serp`, or `limit set`.'
    """
    first = WORDS.match(text)
    return WORDS.sub(_said, text), _field(first["option"]) if first and first["option"] else ""


def _said(found: re.Match[str]) -> str:
    if found["option"]:
        return _field(found["option"])
    words = found["command"].split()
    for length in (3, 2, 1):
        if (name := " ".join(words[:length])) in ROUTES:
            return f"`{_filled(ROUTES[name][0], words[length:])}`"
    return found[0]


def _filled(route: str, arguments: list[str]) -> str:
    """The route with the arguments of the command; one that stands for another, as PROJECT, fills nothing."""
    values = iter([one for one in arguments if not one.startswith("-") and not one.isupper()])
    return VARIABLE.sub(lambda found: quote(next(values, ""), safe=":") or found[0], route)


def _field(option: str) -> str:
    return FIELDS.get(option, option.replace("-", "_"))
