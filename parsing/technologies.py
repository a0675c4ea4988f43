"""What a site is made with, by the signs that its first reply shows: headers, cookies, `<meta>`, and what the page loads.

The signs are in `technologies.tsv`, which says what each kind means. What a page only talks about is no sign: neither its text,
nor the query of an address, nor what other sites' scripts hold. A path counts on the site's own hosts alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from errors import ConfigError
from parsing import tech_signs
from parsing.tech_signs import Seen

SHIPPED = Path(__file__).parent / "technologies.tsv"

KINDS = ("header", "cookie", "generator", "meta", "host", "src", "path", "file", "inline", "css")

NAME = re.compile(r"[^\t|~\x00-\x1f]{1,60}")

MOST_ROWS, MOST_SHOWN = 5_000, 3


@dataclass(frozen=True, slots=True)
class Technology:
    """One technology: its name, its category, and the signs that showed it."""

    name: str
    category: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A technology with all its signs. Of `hints` two are needed."""

    name: str
    category: str
    signs: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


Table = Mapping[str, Row]


@cache
def shipped() -> Table:
    """The table beside this file."""
    return read(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)


def read(text: str, file: str, known: Table | None = None) -> Table:
    """The table in a text, added to what is known. Raises ConfigError that names the line and the remedy."""
    rows = {name: Row(row.name, row.category, [*row.signs], [*row.hints]) for name, row in (known or {}).items()}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, category, signs = _cells(line, f"{file}, line {number}")
        row = rows.setdefault(name, Row(name, category))
        for sign in signs:
            of, plain = (row.hints, sign[1:]) if sign.startswith("~") else (row.signs, sign)
            if (wrong := _wrong(plain)) is not None:
                raise ConfigError(f"{file}, line {number}: {plain!r:.80} is no sign: {wrong}.")
            if plain not in of:
                of.append(plain)
    if len(rows) > MOST_ROWS:
        raise ConfigError(f"{file}: at most {MOST_ROWS:,} technologies, not {len(rows):,}.")
    return rows


def find(table: Table, tree: LexborHTMLParser, url: str, headers: Mapping[str, str]) -> list[Technology]:
    """The technologies that a page at `url` shows, in the order of the table. `headers` have names in lower case.

    >>> from parsing import tree
    >>> page = tree.parse("<meta name=generator content='WordPress 6.8'>")
    >>> [one.name for one in find(shipped(), page, "https://a.example/", {"server": "nginx/1.27"})]
    ['WordPress', 'nginx']
    """
    seen = tech_signs.see(tree, url, headers)
    return [found for row in table.values() if (found := _found(row, seen)) is not None]


def _found(row: Row, seen: Seen) -> Technology | None:
    shown = _shown(row.signs, seen)
    if not shown and len(row.hints) > 1:
        hints = _shown(row.hints, seen)
        shown = hints if len(hints) > 1 else []
    return Technology(row.name, row.category, tuple(shown)) if shown else None


def _shown(signs: Iterable[str], seen: Seen) -> list[str]:
    found: list[str] = []
    for sign in signs:
        kind, _, pattern = sign.partition(":")
        if len(found) < MOST_SHOWN and tech_signs.CHECKS[kind](pattern, seen):
            found.append(sign)
    return found


def _cells(line: str, where: str) -> tuple[str, str, Iterator[str]]:
    cells = line.rstrip("\n").split("\t")
    if len(cells) != 3 or not NAME.fullmatch(cells[0].strip()) or not cells[2].strip():
        raise ConfigError(f"{where}: a row is a name, a category and signs with | between, parted by tabs.")
    return cells[0].strip(), cells[1].strip()[:40], (sign.strip() for sign in cells[2].split("|") if sign.strip())


def _wrong(sign: str) -> str | None:
    kind, colon, pattern = sign.partition(":")
    if not colon or kind not in KINDS or not pattern.strip():
        return f"write one of {', '.join(KINDS)}, a colon and what it looks for"
    if kind == "css" and not tech_signs.is_selector(pattern):
        return "its selector cannot be read"
    if len(pattern.strip("*/. ")) < 2:
        return "it is so short that every site would show it"
    return None
