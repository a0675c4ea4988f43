"""Late patterns: each is a pattern that compiles, none is compiled by the import, and all behave like those of `re`."""

import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

import config
import parsing
from parsing import regexes


def late_patterns() -> Iterator[tuple[str, regexes._Late]]:
    for module in pkgutil.walk_packages(parsing.__path__, "parsing."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for each in value.values() if isinstance(value, dict) else [value]:
                if isinstance(each, regexes._Late):
                    yield f"{module.name}.{name}", each


def test_every_late_pattern_compiles() -> None:
    found = list(late_patterns())

    assert len(found) > 100
    assert [name for name, each in found if re.compile(each.pattern, each._flags).pattern != each.pattern] == []


def test_a_late_pattern_does_what_a_pattern_does() -> None:
    late, usual = regexes.late(r"(o)(a)?", re.IGNORECASE), re.compile(r"(o)(a)?", re.IGNORECASE)

    assert (late.groups, late.flags, late.pattern) == (usual.groups, usual.flags, usual.pattern)
    assert late.sub("x", "Oak oil") == usual.sub("x", "Oak oil") and late.split("Oak") == usual.split("Oak")
    assert [match.span() for match in late.finditer("oak OIL")] == [match.span() for match in usual.finditer("oak OIL")]


def test_a_broken_pattern_raises_at_its_first_use() -> None:
    broken = regexes.late("(")

    with pytest.raises(re.error):
        broken.search("oak")


def test_loading_the_jobs_compiles_none_of_them() -> None:
    code = (
        "from engine import registry; registry.load_jobs()\n"
        "from tests.parsing.test_regexes import late_patterns\n"
        "print(*[name for name, each in late_patterns() if 'search' in vars(each)])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=config.ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_nothing_asks_a_match_for_its_pattern_or_gives_a_named_pattern_to_re() -> None:
    """Both need the compiled pattern, and a late one is none."""
    asked = re.compile(r"\.re (?:is|==) |\bre\.(?:search|match|fullmatch|sub|subn|split|findall|finditer)\([A-Z][A-Z_]+[,)]")
    own = ("parsing", "topics", "engine", "state", "clients", "web", "commands")
    files = [file for folder in own for file in (config.ROOT / folder).rglob("*.py")]

    assert len(files) > 500
    assert [str(file) for file in files if asked.search(file.read_text("utf-8"))] == []
