"""`serp export`: every rank in words, a file whole or not at all."""

import csv
import io
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import clock
import models
from state.tracking import outcomes
from tests.commands.conftest import Run
from topics.tracking import projects, ranks


@pytest.fixture
def history(keyword: models.Keyword) -> models.Keyword:
    """`blue shoes`: ranked 3 yesterday, blocked today."""
    today = clock.now().date()
    for rank in (
        models.Rank(today - timedelta(days=1), models.RankState.RANKED, 10, 3, url="https://example.com/", title='=A "b"'),
        models.Rank(today, models.RankState.UNKNOWN, reason="captcha", sandbox=True),
    ):
        outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", rank))
    return keyword


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond this: as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_csv_holds_a_row_a_day_and_keyword_in_words(run: Run, history: models.Keyword) -> None:
    projects.add_keywords("example.com", ["red shoes"])

    rows = list(csv.DictReader(io.StringIO(run("serp", "export").stdout)))

    said = sorted((row["keyword"], row["state"], row["rank"], row["says"], row["url"]) for row in rows)
    assert said == [
        ("blue shoes", "ranked", "3", "ranked 3", "https://example.com/"),
        ("blue shoes", "unknown", "", "unknown: captcha (sandbox)", ""),
        ("red shoes", "unknown", "", "unknown: never checked", ""),
    ]
    assert [row["title"] for row in rows if row["title"]] == ['\'=A "b"'], "no formula for a spreadsheet"


def test_jsonl_holds_the_same_and_last_only_the_last_day(run: Run, history: models.Keyword) -> None:
    every = [json.loads(line) for line in run("serp", "export", "--format", "jsonl").stdout.splitlines()]
    (last,) = [json.loads(line) for line in run("serp", "export", "--format", "jsonl", "--last").stdout.splitlines()]

    assert [row["says"] for row in every] == ["ranked 3", "unknown: captcha (sandbox)"] and every[0]["title"] == '=A "b"'
    assert last == every[1] and set(last) == set(ranks.EXPORT_COLUMNS)


def test_only_some_days(run: Run, history: models.Keyword) -> None:
    projects.add_keywords("example.com", ["never checked"])
    today = clock.now().date()
    yesterday = today - timedelta(days=1)

    def said(*options: str) -> list[str]:
        return [json.loads(line)["says"] for line in run("serp", "export", "--json", *options).stdout.splitlines()]

    assert said("--since", str(today)) == ["unknown: captcha (sandbox)"]
    assert said("--until", str(yesterday)) == ["ranked 3"]
    assert len(said("--since", str(yesterday), "--until", str(today))) == 2
    refused = run("serp", "export", "--since", str(today), "--until", str(yesterday))
    assert refused.exit_code == 2 and "is after --until" in refused.stderr


def test_only_one_project(run: Run, history: models.Keyword) -> None:
    projects.add("example.org")
    projects.add_keywords("example.org", ["green shoes"])

    rows = run("serp", "export", "--project", "example.org").stdout.splitlines()

    assert len(rows) == 2 and "green shoes" in rows[1]


def test_an_unknown_project_writes_nothing_at_all(run: Run, tmp_path: Path) -> None:
    for where in ("-", tmp_path / "x"):
        result = run("serp", "export", "--project", "nope", "--output", where)
        assert (result.exit_code, result.stdout) == (1, "")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole(run: Run, history: models.Keyword, tmp_path: Path) -> None:
    path = tmp_path / "ranks.csv"
    path.write_text("old")

    result = run("serp", "export", "--output", path)

    assert result.stdout == f"Wrote 2 rows to {path}.\n"
    assert path.read_bytes().decode("utf-8-sig") == run("serp", "export").stdout_bytes.decode()
    assert [found.name for found in tmp_path.iterdir()] == ["ranks.csv"]


def test_a_csv_file_begins_with_the_mark_that_excel_wants_and_nothing_else_does(
    run: Run, history: models.Keyword, tmp_path: Path
) -> None:
    mark = b"\xef\xbb\xbf"
    for name, options in (("a.csv", ()), ("a.txt", ()), ("b.csv", ("--format", "jsonl"))):
        run("serp", "export", "--output", tmp_path / name, *options)

    assert [(tmp_path / name).read_bytes().startswith(mark) for name in ("a.csv", "a.txt", "b.csv")] == [True, True, False]
    assert not run("serp", "export").stdout_bytes.startswith(mark)


@pytest.mark.parametrize(("given", "separator"), [(";", ";"), ("tab", "\t"), ("semicolon", ";"), ("|", "|")])
def test_the_cells_are_separated_as_a_spreadsheet_wants_it(run: Run, history: models.Keyword, given: str, separator: str) -> None:
    rows = list(csv.reader(io.StringIO(run("serp", "export", "--separator", given).stdout), delimiter=separator))

    assert {len(row) for row in rows} == {len(ranks.EXPORT_COLUMNS)}
    assert run("serp", "export", "--separator", "x").exit_code == 2


def test_a_row_names_the_market_and_what_is_told_of_the_keyword(run: Run) -> None:
    project = projects.add("example.com", projects.Options(id="m", country="de", language="de", device="mobile"))
    run(
        "keyword",
        "add",
        project.id,
        "schuhe",
        "--tag",
        "a",
        "--tag",
        "b c",
        "--volume",
        1200,
        "--target-url",
        "https://example.com/s",
    )

    [row] = csv.DictReader(io.StringIO(run("serp", "export").stdout))
    [same] = [json.loads(line) for line in run("serp", "export", "--json").stdout.splitlines()]

    told = [row[name] for name in ("country", "language", "device", "location", "volume", "tags", "target_url")]
    assert told == ["de", "de", "mobile", "", "1200", "a, b c", "https://example.com/s"]
    assert (same["volume"], same["tags"], same["location"]) == (1200, ["a", "b c"], None)


def test_a_dash_is_standard_output(run: Run, history: models.Keyword) -> None:
    assert run("serp", "export", "--output", "-").stdout == run("serp", "export").stdout


def test_a_full_disk_is_one_line_and_the_old_file_stays(run: Run, history: models.Keyword, tmp_path: Path) -> None:
    projects.add_keywords("example.com", [f"keyword {number}" for number in range(500)])
    path = tmp_path / "ranks.csv"
    path.write_text("old")

    with room_for(4096):
        result = run("serp", "export", "--output", path)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(f"Error: {path} cannot be written (File too large): free some disk space.")
    assert path.read_text() == "old" and [found.name for found in tmp_path.iterdir()] == ["ranks.csv"]


def test_an_export_that_breaks_off_leaves_the_old_file(
    run: Run, history: models.Keyword, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ranks.csv"
    path.write_text("old")

    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(ranks, "_row", interrupt)

    assert run("serp", "export", "--output", path).exit_code == 130
    assert path.read_text() == "old" and [found.name for found in tmp_path.iterdir()] == ["ranks.csv"]


def test_a_link_is_followed_and_a_pipe_is_written_to(run: Run, history: models.Keyword, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "ranks.csv"
    link.symlink_to(tmp_path / "real" / "ranks.csv")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    assert run("serp", "export", "--output", link).exit_code == run("serp", "export", "--output", pipe).exit_code == 0

    assert link.is_symlink() and link.read_text().count("\n") == 3
    assert os.read(reader, 65536).count(b"\n") == 3 and pipe.is_fifo()
    os.close(reader)


@pytest.mark.parametrize(("path", "says"), [("", "Is a directory"), ("no/such/x.csv", "No such file or directory")])
def test_a_path_that_cannot_be_written_is_one_line(run: Run, tmp_path: Path, path: str, says: str) -> None:
    result = run("serp", "export", "--output", tmp_path / path)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert f"cannot be written ({says}): name another file." in result.stderr
