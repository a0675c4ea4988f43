"""The file of the retry policy, read and held to its rules. A mistake is told with its line and what to write instead."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import errors
from engine import registry
from errors import ConfigError

#: Values of a row: the least, the most, and whether only whole numbers are taken.
VALUES = {
    "retries": (0, registry.MAX_RETRIES, True),
    "first_wait_s": (1, 86_400, False),
    "factor": (1, 10, False),
    "cap_s": (1, 86_400, False),
    "jitter": (0, 1, False),
}

#: Classes of errors.py that a job may end with, by name.
CLASSES = {name: one for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.TrawlError)}

#: What the tables of the file are called; a kind has a table for each category or class.
TABLES = ("default", "categories", "errors", "kinds")

Values = Mapping[str, float]
#: A row's names, e.g. ("kinds", "serp", "network") → its values.
Rows = Mapping[tuple[str, ...], Values]


def nearest(kind: type[errors.TrawlError]) -> type[errors.TrawlError]:
    """The class of errors.py that is nearest above that one, or itself."""
    return next(one for one in kind.__mro__ if CLASSES.get(one.__name__) is one)


def read(path: Path) -> Rows:
    """All rows of a file. Raises ConfigError that names file, line and remedy."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is no UTF-8"
        raise ConfigError(f"RETRY_POLICY={path} cannot be read ({why}): name a file like retry_policy.toml.") from None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"RETRY_POLICY={path} is no TOML: {exc}.") from None
    rows = dict(_rows(tables, lambda says, *names: _refuse(path, text, says, names)))
    if missing := [name for name in VALUES if name not in rows.get(("default",), {})]:
        raise ConfigError(f"RETRY_POLICY={path} says no {missing[0]} in [default]: add it, as retry_policy.toml has it.")
    return rows


Refuse = Callable[..., None]


def _rows(tables: Mapping[str, Any], refuse: Refuse) -> Iterator[tuple[tuple[str, ...], Values]]:
    for name, table in tables.items():
        if name not in TABLES:
            refuse(f"no table is called {name!r}: there are {', '.join(TABLES)}", name)
        if name == "default":
            yield (name,), _values(table, refuse, name)
            continue
        for row, inner in _tables(table, refuse, name):
            if name != "kinds":
                _check_name(name, row, refuse)
                yield (name, row), _values(inner, refuse, name, row)
                continue
            _check_kind(row, refuse)
            for of, values in _tables(inner, refuse, name, row):
                _check_name("errors" if of in CLASSES else "categories", of, refuse, name, row)
                yield (name, row, of), _values(values, refuse, name, row, of)


def _tables(table: Any, refuse: Refuse, *names: str) -> Iterator[tuple[str, Any]]:
    for name, inner in table.items() if isinstance(table, dict) else ():
        if not isinstance(inner, dict):
            refuse(f"{name} needs a table that says what it is for, as [{'.'.join(names)}.network]", *names, name)
        yield name, inner
    if not isinstance(table, dict):
        refuse(f"{names[-1]} must be a table", *names)


def _check_name(table: str, row: str, refuse: Refuse, *above: str) -> None:
    known = errors.CATEGORIES if table == "categories" else sorted(CLASSES)
    if row not in known:
        what = "category" if table == "categories" else "class of errors"
        what = f"{what} or class of errors" if above and table == "categories" else what
        refuse(f"no {what} {row!r}: there are {', '.join(known)}", *(above or (table,)), row)


def _check_kind(kind: str, refuse: Refuse) -> None:
    known = sorted(set(registry.kinds().values()))
    if kind not in known:
        refuse(f"no job is of the kind {kind!r}: there are {', '.join(known)}", "kinds", kind)


def _values(table: Any, refuse: Refuse, *names: str) -> Values:
    if not isinstance(table, dict):
        refuse(f"{names[-1]} must be a table", *names)
    for name, value in table.items():
        if name not in VALUES:
            refuse(f"no value is called {name!r}: there are {', '.join(VALUES)}", *names, name)
        least, most, whole = VALUES[name]
        is_number = type(value) is int or (type(value) is float and not whole)
        if not is_number or not least <= value <= most:
            refuse(f"{name} is {value!r:.40}: give a {'whole ' if whole else ''}number from {least} to {most:,}", *names, name)
    return dict(table)


def _refuse(path: Path, text: str, says: str, names: tuple[str, ...]) -> None:
    raise ConfigError(f"RETRY_POLICY={path}, line {line_of(text, names)}: {says}.")


def line_of(text: str, names: tuple[str, ...]) -> int:
    """The line that says the last of these names, below the table of those before it; 1 where it cannot be found.

    >>> line_of("[default]\\nretries = 1\\n[errors.NotNow]\\nretries = 7", ("errors", "NotNow", "retries"))
    4
    """
    table: list[str] = []
    best = 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([^\]]+)\]", line):
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            if table == list(names):
                return number
            best = number if table[: len(names)] == list(names) and best == 1 else best
        elif (key := re.match(r"\s*([\w.\"'-]+)\s*=", line)) and [*table, *key[1].replace('"', "").split(".")] == list(names):
            return number
    return best
