"""Every promise of the five systems that Trawl replaces, by its id: which test, command or section of a document shows it.

The tables stand in tests/rows/, one file a system: an id, the promise in a few words, and what shows it.
"""

import ast
import functools
import re
from pathlib import Path

import pytest

import manage
from tests.test_docs import commands

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "tests/rows").glob("*.md"))

#: How many promises each system made. Their ids count up from 01.
COUNTS = {"S0": 62, "S1": 65, "S2": 56, "S3": 44, "S4": 71, "C": 14}

ROW = re.compile(r"^\| (S\d-\d\d|C\d\d?) \| (.+?) \| (.*) \|$", re.M)


def rows(text: str) -> list[tuple[str, str, str]]:
    """Id, promise and what shows it, of each line of a table."""
    return ROW.findall(text)


def evidence(shown: str) -> list[str]:
    return re.findall(r"`([^`]+)`", shown)


ROWS = [row for path in FILES for row in rows(path.read_text())]


def expected_ids() -> list[str]:
    systems = [f"{name}-{number:02}" for name, count in COUNTS.items() if name != "C" for number in range(1, count + 1)]
    return systems + [f"C{number}" for number in range(1, COUNTS["C"] + 1)]


@functools.cache
def names_of(path: Path) -> frozenset[str]:
    """Names of the tests of a file; nothing is imported."""
    nodes = ast.parse(path.read_text()).body
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


@functools.cache
def sections_of(path: Path) -> frozenset[str]:
    """The headings of a document, as links name them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings)


@functools.cache
def known_commands() -> frozenset[str]:
    return frozenset(commands(manage.cli))


def is_there(what: str) -> bool:
    """A test `path::name`, a command `manage.py name`, or a section `document.md#heading`."""
    path, colons, name = what.partition("::")
    if colons:
        return (ROOT / path).is_file() and name in names_of(ROOT / path)
    if what.startswith("manage.py "):
        return what.removeprefix("manage.py ") in known_commands()
    document, sharp, section = what.partition("#")
    return bool(sharp) and (ROOT / document).is_file() and section in sections_of(ROOT / document)


def test_every_promise_has_one_row() -> None:
    assert sorted(row[0] for row in ROWS) == sorted(expected_ids())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_of_a_table_is_read(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line.startswith("|")]
    assert len(lines) - 2 == len(rows(path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_promise_is_shown_by_something_that_is_there(path: Path) -> None:
    found = rows(path.read_text())
    assert not [f"{name} ({promise})" for name, promise, shown in found if not evidence(shown)]
    assert not [(name, what) for name, _, shown in found for what in evidence(shown) if not is_there(what)]


@pytest.mark.parametrize(
    "what",
    [
        "tests/test_rows.py::test_nobody_wrote_this",
        "tests/test_nothing.py::test_every_promise_has_one_row",
        "manage.py fly",
        "manage.py keyword fly",
        "README.md#nothing-of-the-kind",
        "nothing.md#how-it-works",
        "README.md",
        "something",
    ],
)
def test_what_is_not_there_shows_nothing(what: str) -> None:
    assert not is_there(what)


@pytest.mark.parametrize(
    "what", ["tests/test_rows.py::test_every_promise_has_one_row", "manage.py keyword list", "README.md#how-it-works"]
)
def test_what_is_there_is_found(what: str) -> None:
    assert is_there(what)
