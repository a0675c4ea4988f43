"""`keyword import --dry-run` and `--tag`: looked at first, and tagged as a whole."""

from pathlib import Path
from typing import Any

import pytest

import models
from state.store import connection
from state.tracking import keywords
from tests.commands.conftest import Run
from topics.tracking import projects

FILE = (
    "keyword,domain,device\nblue shoes,example.com,desktop\nnew,example.com,desktop\nNEW,example.com,\n"
    "small,example.com,mobile\nother,example.org,\n,example.com,\n"
)


@pytest.fixture
def csv(tmp_path: Path) -> Any:
    """Writes a CSV file."""

    def write(content: str) -> Path:
        path = tmp_path / "keywords.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def stored() -> set[bytes]:
    """The names of all keys, but for the audit that each command writes."""
    return set(connection.client().scan_iter()) - {b"trawl:audit"}


def test_a_dry_run_counts_and_stores_nothing(run: Run, csv: Any, keyword: models.Keyword) -> None:
    before = projects.named("example.com"), stored()

    result = run("keyword", "import", csv(FILE), "--dry-run")

    assert result.stdout == "Dry run: 3 to add, 2 are there, 1 bad; 2 new projects. Nothing is stored.\n"
    assert "Would add project example.com-mobile" in result.stderr and "at most 3 pages" in result.stderr
    assert "line 7:" in result.stderr and result.exit_code == 1
    assert (projects.named("example.com"), stored()) == before


def test_what_a_dry_run_counts_is_what_comes(run: Run, csv: Any, keyword: models.Keyword) -> None:
    path = csv(FILE)
    run("keyword", "import", path, "--dry-run")

    assert run("keyword", "import", path).stdout == "3 added, 2 were there, 1 bad; 2 new projects.\n"
    assert run("keyword", "import", path, "--dry-run").stdout == "Dry run: 0 to add, 5 are there, 1 bad. Nothing is stored.\n"


def test_an_id_that_is_taken_is_named_in_a_dry_run_too(run: Run, csv: Any, project: models.Project) -> None:
    run("project", "set", "example.com", "--domain", "example.net")
    path = csv("keyword,domain\nnew,example.com\n")

    trial, done = run("keyword", "import", path, "--dry-run"), run("keyword", "import", path)
    assert "line 2: Project example.com exists already" in trial.stderr and "line 2: Project example.com exists" in done.stderr


def test_a_tag_is_given_to_all_keywords_of_a_file(run: Run, csv: Any, project: models.Project) -> None:
    run("keyword", "import", csv("keyword,tags,project\na,x,example.com\nb,,example.com\n"), "--tag", "batch 1", "--tag", "q4")

    found = {one.text: one.tags for one in keywords.in_project("example.com")}
    assert found == {"a": ("x", "batch 1", "q4"), "b": ("batch 1", "q4")}
