"""Import from CSV: the good lines are taken, the bad ones are named by their number."""

from pathlib import Path

import pytest

from errors import ArgumentError, NotFound
from state.tracking import keywords
from state.tracking import projects as stored
from topics.tracking import imports, projects


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write(text: str | bytes) -> Path:
        path = tmp_path / "keywords.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def texts(project_id: str) -> list[str]:
    return sorted(keyword.text for keyword in keywords.in_project(project_id))


def test_projects_are_added_where_the_file_gives_their_domain(write) -> None:  # type: ignore[no-untyped-def]
    result = imports.import_csv(
        write("project,domain,keyword\nshop,shop.example,red shoes\n,blog.example,news\nshop,,blue shoes\n")
    )
    assert (result.added, result.known, result.bad_count, result.projects_added) == (3, 0, 0, 2)
    assert texts("shop") == ["blue shoes", "red shoes"] and texts("blog.example") == ["news"]
    assert stored.get("shop").domain == "shop.example"


def test_a_second_import_skips_what_is_there_and_says_how_many(write) -> None:  # type: ignore[no-untyped-def]
    path = write("domain,keyword\na.example,one\na.example,two\na.example,ONE\n")
    assert (imports.import_csv(path).added, imports.import_csv(path).known) == (2, 3)


def test_bad_lines_are_named_and_the_rest_is_imported(write) -> None:  # type: ignore[no-untyped-def]
    rows = [
        "domain,keyword",
        "a.example,good",
        "a.example,",
        "nonsense host,word",
        ",no project",
        "a.example,one,two",
        "a.example,last",
    ]
    result = imports.import_csv(write("\n".join(rows) + "\n"))
    assert (result.added, result.bad_count) == (2, 4) and [line for line, _ in result.bad] == [3, 4, 5, 6]
    assert texts("a.example") == ["good", "last"]


def test_a_header_of_any_case_a_byte_order_mark_and_windows_lines_are_read(write) -> None:  # type: ignore[no-untyped-def]
    result = imports.import_csv(write(b'\xef\xbb\xbfDomain, KEYWORD \r\na.example,"with, comma"\r\n\r\na.example,\xc3\xa4\r\n'))
    assert result.added == 2 and texts("a.example") == ["with, comma", "ä"]


def test_a_project_can_be_given_for_all_lines(write) -> None:  # type: ignore[no-untyped-def]
    projects.add("a.example")
    assert imports.import_csv(write("keyword\none\ntwo\n"), "a.example").added == 2
    with pytest.raises(NotFound):
        imports.import_csv(write("keyword\none\n"), "nosuch")


@pytest.mark.parametrize("text", ["", "word\nx\n", "keyword\nx\n", '"'])
def test_a_file_without_the_columns_is_refused_with_their_names(text: str, write) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ArgumentError, match="keyword"):
        imports.import_csv(write(text))


def test_a_guessed_code_page_is_told(write) -> None:  # type: ignore[no-untyped-def]
    result = imports.import_csv(write(b"domain,keyword\na.example,caf\xe9\n"))
    assert texts("a.example") == ["café"] and result.notes == [
        "Read as Western European (cp1252); --encoding names another code page."
    ]
    with pytest.raises(ArgumentError, match="cannot be read"):
        imports.import_csv(Path("no-such-file.csv"))


def test_progress_is_told_and_only_100_bad_lines_are_named(write, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(imports, "CHUNK", 50)
    told: list[int] = []
    rows = [f"a.example,word {number}" for number in range(120)] + ["a.example,"] * 130
    result = imports.import_csv(write("domain,keyword\n" + "\n".join(rows)), progress=told.append)
    assert (result.added, result.bad_count, len(result.bad)) == (120, 130, 100)
    assert len(told) >= 2 and told == sorted(told)


def test_an_open_quote_costs_its_own_line_only(write) -> None:  # type: ignore[no-untyped-def]
    rows = ["domain,keyword", "a.example,one", 'a.example,"open', *(f"a.example,word {number}" for number in range(40))]
    result = imports.import_csv(write("\n".join(rows) + "\n"))
    assert (result.added, result.bad_count, result.bad[0][0]) == (41, 1, 3)
