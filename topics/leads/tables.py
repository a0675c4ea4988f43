"""The tables that users can change: hosts that are no company's own site, industries, signs of technologies.

A table is read again where its file changed.
"""

import functools
from pathlib import Path

import config
import errors
from parsing import directories, industries, names
from parsing import technologies as signs

ROWS = list[tuple[str, list[str]]]


def listed() -> directories.Directories:
    """Hosts that are no company's own site. Raises ConfigError where LEADS_DIRECTORIES names no such file."""
    return _directories(*_file(config.settings().leads_directories, "directories.tsv", "LEADS_DIRECTORIES"))


def industry_names() -> dict[str, str]:
    """Folded name → industry. Raises ConfigError where LEADS_INDUSTRIES names no such file."""
    return _industries(*_file(config.settings().leads_industries, "industries.tsv", "LEADS_INDUSTRIES"))


def technologies() -> signs.Table:
    """Signs of technologies: the shipped ones, and those of LEADS_TECHNOLOGIES. Raises ConfigError with line and remedy."""
    named = config.settings().leads_technologies
    return _technologies(*_file(named, "technologies.tsv", "LEADS_TECHNOLOGIES")) if named else signs.shipped()


def _file(named: Path | None, shipped: str, setting: str) -> tuple[Path, int, str]:
    path = named or names.HERE / shipped
    try:
        return path, path.stat().st_mtime_ns, setting
    except OSError as exc:
        raise errors.ConfigError(
            f"{setting} names {path}, which cannot be read ({exc.strerror}): copy parsing/{shipped}."
        ) from None


@functools.lru_cache(maxsize=4)
def _directories(path: Path, changed_ns: int, setting: str) -> directories.Directories:
    try:
        return directories.of(_rows(path, setting))
    except errors.DataError as exc:
        raise errors.ConfigError(f"{setting}: {path}: {exc}") from None


@functools.lru_cache(maxsize=4)
def _industries(path: Path, changed_ns: int, setting: str) -> dict[str, str]:
    return industries.table_of(_rows(path, setting))


@functools.lru_cache(maxsize=4)
def _technologies(path: Path, changed_ns: int, setting: str) -> signs.Table:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        raise errors.ConfigError(f"{setting}: {path} cannot be read: save it as UTF-8.") from None
    return signs.read(text, f"{setting}: {path}", signs.shipped())


def _rows(path: Path, setting: str) -> ROWS:
    try:
        return [(word.strip(), found) for word, found in names.table(str(path)) if word.strip()]
    except (OSError, ValueError):
        raise errors.ConfigError(
            f"{setting}: {path} is no table: each line is a word, a tab, and names with | between, in UTF-8."
        ) from None
