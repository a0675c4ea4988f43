"""`keyword import`: what is good is taken, what is bad is named by its line."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

import models
from state.tracking import keywords
from state.tracking import projects as stored
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
    path = csv('keyword,notes\nblue shoes,"first\nsecond, ""third"""\nred shoes\n,no keyword\n')

    result = run("keyword", "import", path, "--project", "example.com")

    assert texts("example.com") == ["blue shoes", "red shoes"]
    assert result.stderr == "Not read: notes.\nline 5: the keyword '' must be 1 to 400 characters\n"


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

    assert result.stdout == "39 added, 0 were there, 1 bad.\n"
    assert result.stderr == "Not read: notes.\nline 2: no CSV: a quote is left open\n"


def test_an_excel_file_with_a_mark_and_windows_line_ends_is_read(run: Run, csv: Any, project: models.Project) -> None:
    result = run("keyword", "import", csv(b"\xef\xbb\xbf Keyword \r\nK\xc3\xb6ln\r\n"), "--project", "example.com")

    assert (result.exit_code, texts("example.com")) == (0, ["Köln"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\xff\xd8\xff", "is a PNG picture"),
        (b"PK\x03\x04" + b"." * 26 + b"xl/workbook.xml", "is an .xlsx workbook: open it and save it as CSV UTF-8"),
        (b"\xff\xfek\0e\0y\0", "Its columns: 'key'"),
        (b"\0" * 300_000, "is no text"),
        (b"", "there is no text in it"),
        (b"blue shoes\nred shoes\n", "it has no column for keywords"),
        (b"word;count\na;b\n", "separated by a semicolon: 'word', 'count'"),
        (b"keyword\nblue shoes\n", "or give --project"),
    ],
)
def test_a_file_that_is_no_such_csv_is_refused_in_one_line(run: Run, csv: Any, store: Any, content: bytes, says: str) -> None:
    result = run("keyword", "import", csv(content))

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert set(store.keys()) <= {b"trawl:audit"}
    assert "Error: " in result.stderr and says in result.stderr


def test_a_folder_and_a_missing_file_are_refused(run: Run, tmp_path: Path) -> None:
    assert "cannot be read: Is a directory." in run("keyword", "import", tmp_path).stderr
    assert "cannot be read: No such file or directory." in run("keyword", "import", tmp_path / "no.csv").stderr


def test_an_unknown_project_is_refused_before_the_file_is_read(run: Run, csv: Any) -> None:
    result = run("keyword", "import", csv("keyword\na\n"), "--project", "nope")

    assert result.exit_code == 1 and result.stderr.startswith("Error: No project nope.") and stored.ids() == []


def test_a_letter_that_cannot_be_read_costs_its_line_only(run: Run, csv: Any, project: models.Project) -> None:
    good = "".join(f"keyword {number}\n" for number in range(2000)).encode()

    result = run("keyword", "import", csv(b"keyword\n" + good + b"\xff\nlast\n"), "--project", "example.com")

    assert (result.exit_code, result.stdout) == (1, "2,001 added, 0 were there, 1 bad.\n")
    assert "line 2002: the keyword" in result.stderr and "--encoding" in result.stderr
    assert run("keyword", "import", csv(b"keyword\ncaf\xe9\n"), "--project", "example.com", "--encoding", "cp1252").exit_code == 0
    assert "café" in texts("example.com")


def test_an_encoding_that_is_none_is_refused(run: Run, csv: Any, project: models.Project) -> None:
    for name in ("nope", "base64"):
        result = run("keyword", "import", csv("keyword\na\n"), "--project", "example.com", "--encoding", name)
        assert result.exit_code == 2 and f"--encoding '{name}'" in result.stderr


def test_a_plain_list_and_a_column_of_another_name_are_read_when_told(run: Run, csv: Any, project: models.Project) -> None:
    run("keyword", "import", csv("red shoes, size 9\nblue shoes\n"), "--project", "example.com", "--list")
    run("keyword", "import", csv("Begriff,n\ngreen shoes,1\n"), "--project", "example.com", "--column", "begriff")

    assert texts("example.com") == ["blue shoes", "green shoes", "red shoes, size 9"]


def test_standard_input_is_read(run: Run, project: models.Project) -> None:
    assert (
        run("keyword", "import", "-", "--project", "example.com", input="keyword\na\nb\n").stdout
        == "2 added, 0 were there, 0 bad.\n"
    )


def test_what_changed_is_counted_and_a_file_without_keywords_is_told(run: Run, csv: Any, project: models.Project) -> None:
    run("keyword", "import", csv("keyword,volume\na,1\nb,2\nc,3\n"), "--project", "example.com")

    again = run("keyword", "import", csv("keyword,volume\na,1\nb,9\nc,\n"), "--project", "example.com")
    empty = run("keyword", "import", csv("keyword,volume\n"), "--project", "example.com")

    assert again.stdout == "0 added, 3 were there (1 updated), 0 bad.\n"
    assert empty.exit_code == 1 and "holds no keyword" in empty.stderr


def test_a_pipe_is_read(run: Run, project: models.Project, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(
        target=pipe.write_bytes, args=(b"\xff\xfe" + "Keyword\tVolume\nvélo\t1K\n".encode("utf-16-le"),), daemon=True
    )
    writer.start()

    assert run("keyword", "import", pipe, "--project", "example.com").stdout == "1 added, 0 were there, 0 bad.\n"
    writer.join()
    assert texts("example.com") == ["vélo"]


@pytest.mark.usefixtures("terminal")
def test_a_terminal_sees_how_far_it_is(run: Run, csv: Any, project: models.Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    path = csv("keyword\n" + "".join(f"keyword {number}\n" for number in range(6000)))

    result = run("keyword", "import", path, "--project", "example.com")

    assert "Importing" in result.stderr and "5001/6001" in result.stderr.replace("\x1b[32m", "").replace("\x1b[0m", "")
    assert result.stdout == "6,000 added, 0 were there, 0 bad.\n"
