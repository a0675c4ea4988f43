"""How a job is described in lists and logs: its function and its arguments, cut, and without secrets."""

from collections.abc import Mapping
from typing import Any

import logs

#: Longest argument, and longest description (characters); of a text so many are read.
ARGUMENT, WHOLE, READ = 60, 500, 2000

#: Options that hold a secret, or may: they are named and not shown.
HIDDEN = frozenset({"headers", "proxy", "cookies", "authorization", "password", "token", "secret", "api_key"})


def of(path: str, named: Mapping[str, Any]) -> str:
    """`jobs.scrape.scrape_url('https://example.com/', {})`, as RQ's tools show it.

    >>> of("jobs.f", {"a": "https://u:pw@a.com/?token=x", "b": {"proxy": "http://u:pw@b.com", "timeout": 5}, "password": "x"})
    "jobs.f('https://u:***@a.com/?token=***', {'proxy': '***', 'timeout': 5}, '***')"
    """
    values = ("***" if value and name in HIDDEN else value for name, value in named.items())
    return f"{path}({', '.join(map(_shown, values))})"[:WHOLE]


def _shown(value: Any) -> str:
    if value is None or type(value) is int or type(value) is bool:
        return repr(value)[:ARGUMENT]
    if isinstance(value, str):
        value = value[:READ]
    elif isinstance(value, dict) and not HIDDEN.isdisjoint(value):
        value = {name: "***" if name in HIDDEN else each for name, each in value.items()}
    return logs.redact(repr(value))[:ARGUMENT]
