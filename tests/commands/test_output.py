"""What reaches a terminal, a pipe and a JSON reader."""

import json
from datetime import UTC, datetime, timedelta

import pytest

import clock
import models
from commands import output
from state.tracking import outcomes
from state.tracking import projects as stored
from tests.commands.conftest import Run
from topics.tracking import projects

EVIL = "\x1b]0;owned\x07[red]x[/red]\u202e\x9b2J"
SHOWN = "\\x1b]0;owned\\x07[red]x[/red]\\u202e\\x9b2J"


@pytest.fixture
def evil(keyword: models.Keyword) -> models.Keyword:
    """A keyword whose last hit has a title that would steer a terminal."""
    rank = models.Rank(clock.now().date(), models.RankState.RANKED, 10, 3, url="https://example.com/a", title=EVIL)
    outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", rank))
    return keyword


@pytest.mark.parametrize("as_terminal", [False, True])
@pytest.mark.parametrize("command", ["show", "history"])
def test_a_title_is_shown_as_text_and_never_steers_the_terminal(
    run: Run, evil: models.Keyword, command: str, as_terminal: bool, request: pytest.FixtureRequest
) -> None:
    if as_terminal:
        request.getfixturevalue("terminal")

    result = run("keyword", command, evil.id)

    assert SHOWN in result.stdout
    assert not set("\x1b\x07\x9b\u202e") & set(result.stdout)


def test_json_says_the_same_title_with_nothing_that_steers(run: Run, evil: models.Keyword) -> None:
    result = run("keyword", "show", evil.id, "--json")

    assert json.loads(result.stdout)["last"]["title"] == EVIL
    assert not set("\x1b\x07\x9b\u202e") & set(result.stdout)


def test_an_export_to_a_terminal_shows_control_characters_and_one_to_a_pipe_keeps_them(
    run: Run, evil: models.Keyword, request: pytest.FixtureRequest
) -> None:
    assert EVIL in run("serp", "export").stdout

    request.getfixturevalue("terminal")
    shown = run("serp", "export").stdout

    assert SHOWN in shown and len(shown.splitlines()) == 2


@pytest.mark.usefixtures("terminal")
def test_markup_in_a_keyword_is_text(run: Run, project: models.Project) -> None:
    run("keyword", "add", project.id, "[red]x[/red] :smile: [/]")

    assert "[red]x[/red] :smile: [/]" in run("keyword", "list", project.id).stdout


@pytest.mark.usefixtures("terminal")
def test_a_project_name_is_text(run: Run) -> None:
    stored.add(models.Project(id="a", domain="a.com", name=EVIL, folder="a.com"))  # as earlier versions took it

    assert SHOWN in run("project", "show", "a").stdout


def test_an_error_shows_what_was_typed_as_text(run: Run) -> None:
    result = run("keyword", "show", "\x1b[2J[red]")

    assert "\\x1b[2J[red]" in result.stderr and "\x1b" not in result.stderr


def test_a_pipe_gets_one_line_a_row_with_tabs(run: Run, project: models.Project) -> None:
    projects.add("example.org")

    lines = run("project", "list").stdout.splitlines()

    assert [line.split("\t")[:3] for line in lines] == [
        ["id", "domain", "active"],
        ["example.com", "example.com", "yes"],
        ["example.org", "example.org", "yes"],
    ]


@pytest.mark.usefixtures("terminal")
def test_a_terminal_gets_a_table(run: Run, project: models.Project) -> None:
    shown = run("project", "list").stdout

    assert "\t" not in shown and "───" in shown and "example.com" in shown


@pytest.mark.usefixtures("terminal")
def test_a_bar_is_drawn_on_standard_error_only(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich's word for "this is a terminal"

    with output.progress("Importing [red]", 3) as done:
        done(3)

    said = capsys.readouterr()
    assert "Importing [red]" in said.err and said.out == ""


def test_no_bar_is_drawn_outside_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress("Importing", 3) as done:
        done(3)

    assert capsys.readouterr() == ("", "")


def test_a_long_json_list_is_written_as_it_comes_and_an_empty_one_is_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    output.json_list(iter([{"at": datetime(2026, 1, 2, tzinfo=UTC)}, {"text": "ä\x9b"}]))
    output.json_list([])

    first, second = capsys.readouterr().out.replace("]\n[", "]\x00[").split("\x00")
    assert json.loads(first) == [{"at": "2026-01-02T00:00:00+00:00"}, {"text": "ä\x9b"}]
    assert json.loads(second) == []


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), (True, "yes"), (2.0, "2"), ("a\tb\n", "a\\tb\\n"), (0, "0")])
def test_values_are_shown_for_people(value: object, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    output.fields([("name", value)])

    assert capsys.readouterr().out == f"name\t{shown}\n"
