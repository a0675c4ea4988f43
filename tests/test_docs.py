"""What README.md says is so: its commands, files, settings and benchmarks exist."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import config
import manage
from tests import patience

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


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
    words = set(re.findall(r"[a-z_]+", table))
    missing = [name for name, command in commands(manage.cli).items() if not command.hidden and name.split()[-1] not in words]
    assert not missing


def test_every_option_of_the_readme_exists() -> None:
    known = {option for command in commands(manage.cli).values() for param in command.params for option in param.opts}
    shell = [line for block in re.findall(r"```\n(.*?)```", README, re.S) for line in block.splitlines() if "manage.py" in line]
    used = {word for line in shell for word in line.split() if word.startswith("--")}
    assert used and used <= known


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_to_a_file_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith(("http", "#"))]
    paths = re.findall(r"`((?:benchmarks|tests|state|jobs|worker|parsing|clients|tracking)/[\w./]+\.\w+)`", text)
    assert not [name for name in {*links, *paths} if not (ROOT / name).exists()]


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


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_benchmark_can_be_asked_what_it_does(path: Path) -> None:
    command = [sys.executable, str(path), "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=patience.HANG_S)
    assert "usage" in shown.stdout.lower()


def test_the_changelog_begins_with_what_is_not_released_yet() -> None:
    assert re.search(r"^## \[?Unreleased", (ROOT / "CHANGELOG.md").read_text(), re.M)
