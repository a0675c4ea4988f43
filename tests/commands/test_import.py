"""`keyword import`: what is good is taken, what is bad is named by its line."""

from pathlib import Path
from typing import Any

import pytest

import models
from state import keywords
from state import projects as stored
from tests.commands.conftest import Run, keyword_ids


@pytest.fixture
def csv(tmp_path: Path) -> Any:
    """Writes a CSV file."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "keywords.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def texts(project_id: str) -> list[str]:
    return sorted(found.text for found in keywords.find_many(keyword_ids(project_id)) if found)


def test_keywords_and_their_projects_are_added(run: Run, csv: Any) -> None:
    result = run("keyword", "import", csv("project,domain,keyword\nshop,example.com,blue shoes\n,example.org,c++\n"))

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "2 added, 0 were there, 0 bad; 2 new projects.\n"
    assert (texts("shop"), texts("example.org")) == (["blue shoes"], ["c++"])


def test_a_second_import_adds_nothing_and_says_so(run: Run, csv: Any) -> None:
    path = csv("domain,keyword\nexample.com,a\nexample.com,b\n")
    run("keyword", "import", path)

    assert run("keyword", "import", path).stdout == "0 added, 2 were there, 0 bad.\n"


def test_bad_lines_are_named_by_number_and_the_rest_is_imported(run: Run, csv: Any, keyword: models.Keyword) -> None:
    path = csv(
        "project,keyword\n"
        "example.com,one\n"
        "example.com,\n"  # 3
        "nope,two\n"  # 4
        "\n"
        "example.com,three,four\n"  # 6
        "example.com:due,five\n"  # 7
        'example.com,"six\n'  # 8
        "example.com,seven\n"
        'example.com,"eight, and nine"\n'
        "example.com\n"  # 11
        f"example.com,{'x' * 200_000}\n"  # 12
        "example.com,twelve"
    )

    result = run("keyword", "import", path)

    assert result.exit_code == 1
    assert result.stdout == "4 added, 0 were there, 7 bad.\n"
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [f"line {n}" for n in (3, 4, 6, 7, 8, 11, 12)]
    assert "line 4: there is no project 'nope'" in result.stderr and "line 8: no CSV: a quote is left open" in result.stderr
    assert texts("example.com") == ["blue shoes", "eight, and nine", "one", "seven", "twelve"]


def test_a_column_that_is_not_read_may_hold_several_lines(run: Run, csv: Any, project: models.Project) -> None:
    path = csv('keyword,notes\nblue shoes,"first\nsecond, ""third"""\nred shoes\n,\n')

    result = run("keyword", "import", path, "--project", "example.com")

    assert texts("example.com") == ["blue shoes", "red shoes"]
    assert result.stderr == "line 5: the keyword '' must be 1 to 400 characters\n"


def test_many_bad_lines_are_counted(run: Run, csv: Any, project: models.Project) -> None:
    result = run("keyword", "import", csv("keyword\n" + "x" * 500 + ("\n" + "y" * 500) * 249), "--project", "example.com")

    assert result.stdout == "0 added, 0 were there, 250 bad.\n"
    assert len(result.stderr.splitlines()) == 101 and result.stderr.endswith("and 150 more bad lines\n")


def test_open_quotes_everywhere_cost_only_their_own_lines(run: Run, csv: Any, project: models.Project) -> None:
    lines = [f'"keyword {n}' if n % 3 == 0 else f"keyword {n}" for n in range(300)]  # each opens what another closes

    result = run("keyword", "import", csv("keyword\n" + "\n".join(lines)), "--project", "example.com")

    assert result.stdout == "200 added, 0 were there, 100 bad.\n"
    assert set(texts("example.com")) == {f"keyword {n}" for n in range(300) if n % 3}


def test_a_quote_left_open_in_a_column_that_is_not_read_costs_one_line(run: Run, csv: Any, project: models.Project) -> None:
    lines = [f"keyword {n}," for n in range(40)]
    lines[0], lines[30] = 'keyword 0,"open', 'keyword 30,"closed"'

    result = run("keyword", "import", csv("keyword,notes\n" + "\n".join(lines)), "--project", "example.com")

    assert (result.stdout, result.stderr) == ("39 added, 0 were there, 1 bad.\n", "line 2: no CSV: a quote is left open\n")


def test_an_excel_file_with_a_mark_and_windows_line_ends_is_read(run: Run, csv: Any, project: models.Project) -> None:
    result = run("keyword", "import", csv(b"\xef\xbb\xbf Keyword \r\nK\xc3\xb6ln\r\n"), "--project", "example.com")

    assert (result.exit_code, texts("example.com")) == (0, ["Köln"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\xff\xd8\xff", "is no UTF-8 text after 0 keywords"),
        (b"\xff\xfek\0e\0y\0", "is no UTF-8 text"),
        (b"\0" * 300_000, "has no column for that in its first line"),
        (b"", "has no column for that in its first line: it must name project,domain,keyword"),
        (b"blue shoes\nred shoes\n", "has no column for that in its first line"),
        (b"keyword;project\na;b\n", "has no column for that in its first line"),
        (b"keyword\nblue shoes\n", "or give --project"),
    ],
)
def test_a_file_that_is_no_such_csv_is_refused_in_one_line(run: Run, csv: Any, store: Any, content: bytes, says: str) -> None:
    result = run("keyword", "import", csv(content))

    assert (result.exit_code, result.stdout, result.stderr.count("\n"), store.dbsize()) == (2, "", 1, 0)
    assert "Error: " in result.stderr and says in result.stderr


def test_a_folder_and_a_missing_file_are_refused(run: Run, tmp_path: Path) -> None:
    assert "cannot be read: Is a directory." in run("keyword", "import", tmp_path).stderr
    assert "cannot be read: No such file or directory." in run("keyword", "import", tmp_path / "no.csv").stderr


def test_an_unknown_project_is_refused_before_the_file_is_read(run: Run, csv: Any) -> None:
    result = run("keyword", "import", csv("keyword\na\n"), "--project", "nope")

    assert result.exit_code == 1 and result.stderr.startswith("Error: No project nope.") and stored.ids() == []


def test_text_that_breaks_off_in_the_middle_keeps_what_was_read(run: Run, csv: Any, project: models.Project) -> None:
    good = "".join(f"keyword {number}\n" for number in range(2000)).encode()

    result = run("keyword", "import", csv(b"keyword\n" + good + b"\xff\n"), "--project", "example.com")

    assert result.exit_code == 2
    assert f"after {len(texts('example.com'))} keywords: save it as CSV UTF-8 and import it again" in result.stderr


@pytest.mark.usefixtures("terminal")
def test_a_terminal_sees_how_far_it_is(run: Run, csv: Any, project: models.Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    path = csv("keyword\n" + "".join(f"keyword {number}\n" for number in range(6000)))

    result = run("keyword", "import", path, "--project", "example.com")

    assert "Importing" in result.stderr and "5001/6001" in result.stderr.replace("\x1b[32m", "").replace("\x1b[0m", "")
    assert result.stdout == "6,000 added, 0 were there, 0 bad.\n"
