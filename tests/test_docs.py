"""What the documents say is so: commands, files, settings, benchmarks and layers exist, and sentences stay short."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import config
import manage
from tests import patience
from tests.test_architecture import LAYERS, STATE_ROOMS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
MAP = (ROOT / "ARCHITECTURE.md").read_text()

#: Documents for people who use or change Trawl.
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")

#: What looks like a path there and is none of the repository: results of a run, domains of the examples.
NOT_OURS = {"data/objects", "example.com/docs", "example.com/python-tutorial/2026-03-02.json"}

MAX_SENTENCE, MAX_MAP_LINES, MAX_WORDS_DEFINED = 30, 170, 25


def commands(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    """Every command by its full name."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found[prefix + name] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{prefix}{name} ")
    return found


def test_every_command_of_the_readme_exists() -> None:
    named = re.findall(r"python manage\.py ((?:[a-z_]+)(?: [a-z]+)?)", README)
    known = commands(manage.cli)
    unknown = [name for name in named if name not in known and name.split()[0] not in known]
    assert named and not unknown


def test_the_readme_names_every_command() -> None:
    table = README[README.index("| command |") : README.index("Every command that reads")]
    words = {*re.findall(r"[a-z_]+", table), *re.findall(r"[a-z_]+-[a-z_]+", table)}
    missing = [name for name, command in commands(manage.cli).items() if not command.hidden and name.split()[-1] not in words]
    assert not missing


def test_every_option_of_the_readme_exists() -> None:
    known = {option for command in commands(manage.cli).values() for param in command.params for option in param.opts}
    shell = [line for block in re.findall(r"```\n(.*?)```", README, re.S) for line in block.splitlines() if "manage.py" in line]
    used = {word for line in shell for word in line.split() if word.startswith("--")}
    assert used and used <= known


@pytest.mark.parametrize(
    "document",
    [
        *DOCUMENTS,
        "CHANGELOG.md",
        *(
            f"docs/{name}.md"
            for name in ("alerts", "api", "companies", "firecrawl", "from-celery", "monitoring", "transfer", "upkeep")
        ),
    ],
)
def test_every_link_to_a_file_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    links = {link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith(("http", "#"))}
    assert not missing({str(Path(document).parent / link) for link in links})


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_exists(document: str) -> None:
    named = files_in((ROOT / document).read_text())
    assert named and not missing(named)


def test_every_function_that_the_map_names_stands_in_the_file_beside_it() -> None:
    named = re.findall(r"`([\w./]+\.py)` `(\w+)`", MAP)
    assert named and not [f"{file} has no {name}" for file, name in named if not defines(ROOT / file, name)]


def defines(path: Path, name: str) -> bool:
    return re.search(rf"^ *(def|class) {name}\b", path.read_text(), re.M) is not None


def test_every_layer_is_on_the_map() -> None:
    picture = MAP[MAP.index("```") :].split("```")[1]
    layers = [name.replace(".", "/") for line in LAYERS for name in line]
    rooms = [f"state/{room}/" for room in STATE_ROOMS]
    assert not [name for name in layers if f"{name}/" not in picture and f"{name}.py" not in picture]
    assert not [name for name in rooms if f"`{name}`" not in MAP]


def test_the_map_stays_short() -> None:
    words = MAP[MAP.index("| word |") : MAP.index("## Where is")].splitlines()
    assert len(MAP.splitlines()) <= MAX_MAP_LINES
    assert len([line for line in words if line.startswith("|")]) - 2 <= MAX_WORDS_DEFINED


def files_in(text: str) -> set[str]:
    """Paths between backticks: whatever has a slash, or ends like a source or a document. Patterns with `<…>` are left out."""
    found = set(re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", text))
    return {name for name in found if "/" in name or name.endswith((".py", ".md", ".lua"))} - NOT_OURS


def missing(names: set[str]) -> list[str]:
    return sorted(name for name in names if not (ROOT / name.partition("#")[0]).exists())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_sentence_is_long(document: str) -> None:
    long = [sentence for sentence in sentences((ROOT / document).read_text()) if len(sentence.split()) > MAX_SENTENCE]
    assert not long


def sentences(text: str) -> list[str]:
    """The sentences of a document's prose: without code, tables and headings; each list item by itself."""
    text = re.sub(r"^ *```.*?^ *```", "\n", text, flags=re.M | re.S)
    text = re.sub(r"^(\||#).*$", "\n", text, flags=re.M)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    items = re.split(r"\n\s*\n|^ *(?:[-*]|\d+\.) ", text, flags=re.M)
    return [one for item in items for one in re.split(r"(?<=[.!?])\**\s+", " ".join(item.split())) if one]


def test_a_sentence_is_told_from_code_tables_and_lists() -> None:
    text = "# A b c.\n\nOne `x.y` two.\nThree\nfour? Five:\n\n- six\n- [seven](a.md) eight.\n\n| a table |\n\n```\ncode\n```\n"
    assert sentences(text) == ["One `x.y` two.", "Three four?", "Five:", "six", "seven eight."]


def test_every_setting_of_the_readme_exists() -> None:
    known = {name.upper() for name in config.Settings.model_fields}
    named = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`", README))
    assert named and named <= known


def test_the_make_commands_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"^make ([a-z]+)", README, re.M))
    assert {"demo", "test"} <= named <= targets


def test_the_procfile_runs_commands_that_exist() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    run = [line.split("manage.py ")[1].split()[0] for line in lines if line.strip()]
    assert run and set(run) <= set(commands(manage.cli))


PROGRAMS = [path for path in sorted((ROOT / "benchmarks").glob("*.py")) if "__main__" in path.read_text()]

#: Asks each of some programs, one after the other in one process: what they import in common is loaded once.
ASK = """
import contextlib, io, json, runpy, sys
told = {}
for path in sys.argv[1:]:
    sys.argv, said = [path, "--help"], io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            runpy.run_path(path, run_name="__main__")
            code = "went on"
        except SystemExit as end:
            code = end.code or 0
    told[path] = [code, said.getvalue()]
print(json.dumps(told))
"""


def test_every_benchmark_can_be_asked_what_it_does() -> None:
    command = [sys.executable, "-c", ASK, *map(str, PROGRAMS)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "benchmarks")}
    shown = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=patience.HANG_S)
    told = json.loads(shown.stdout)
    assert len(told) == len(PROGRAMS) > 20
    assert {path: said for path, (code, said) in told.items() if code != 0 or "usage" not in said.lower()} == {}


def test_the_changelog_begins_with_what_is_not_released_yet() -> None:
    assert re.search(r"^## \[?Unreleased", (ROOT / "CHANGELOG.md").read_text(), re.M)
