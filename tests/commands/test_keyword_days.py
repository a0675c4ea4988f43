"""`keyword day`, `keyword compare`, `project pages`."""

import json
from collections.abc import Iterator

import pytest

import clock
import models
from tests import fakes
from tests.commands.conftest import Run
from tests.state import NOON
from tests.web.pages.checked import P, checked, day, keyword, ranked, remember

OURS = "https://example.com/shoes"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def found() -> models.Keyword:
    made = keyword()
    remember(made, ranked(9, 2, "https://example.com/old"))
    checked(made, fakes.serp(["https://a.test/", OURS]), 1)
    checked(made, fakes.serp([OURS, "https://a.test/"]), 0)
    return made


def test_what_is_no_day_is_refused_with_an_example(run: Run) -> None:
    result = run("keyword", "day", "red shoes", "2026-99-99", "--project", P)
    assert result.exit_code == 2 and "write it like 2026-03-02" in result.stderr


def test_a_day_is_shown_as_it_was_read(run: Run, found: models.Keyword) -> None:
    result = run("keyword", "day", "red shoes", day(0), "--project", P)
    assert result.exit_code == 0 and "read by\tstrict\n" in result.stdout and "rank\tranked 1\n" in result.stdout
    assert f"1\tyes\tTitle 1\t{OURS}\n" in result.stdout
    told = json.loads(run("keyword", "day", found.id, day(0), "--json").stdout)
    assert told["day"] == str(day(0)) and told["stored"]["organic"][1]["url"] == "https://a.test/"


def test_a_day_without_its_page_says_so(run: Run, found: models.Keyword) -> None:
    result = run("keyword", "day", found.id, day(2))
    assert (result.exit_code, result.stdout) == (1, "ranked 9\n") and "No result page of that day" in result.stderr
    assert json.loads(run("keyword", "day", found.id, day(2), "--json").stdout)["stored"] is None


def test_two_days_are_compared(run: Run, found: models.Keyword) -> None:
    result = run("keyword", "compare", found.id, day(1), day(0))
    assert result.exit_code == 0 and f"up\t2\t1\tyes\tTitle 1\t{OURS}\n" in result.stdout
    told = json.loads(run("keyword", "compare", found.id, day(1), day(0), "--json").stdout)
    assert [one["change"] for one in told["results"]] == ["up", "down"] and told["before"]["day"] == str(day(1))
    result = run("keyword", "compare", found.id, day(2), day(0))
    assert result.exit_code == 1 and str(day(2)) in result.stderr


def test_what_is_no_day_is_refused(run: Run, found: models.Keyword) -> None:
    assert run("keyword", "day", found.id, "yesterday").exit_code == 2


def test_pages_of_a_project_go_on_where_they_ended(run: Run, found: models.Keyword) -> None:
    remember(keyword("blue"), ranked(7, 0, "https://example.com/blue"))
    result = run("project", "pages", P, "--limit", 1)
    assert result.exit_code == 0 and f"{OURS}\t1\t1\t" in result.stdout
    cursor = result.stderr.split("--cursor ")[1].strip()
    assert "https://example.com/blue\t1\t7\t" in run("project", "pages", P, "--limit", 1, "--cursor", cursor).stdout
    told = json.loads(run("project", "pages", P, "--cannibalised", "--json").stdout)
    assert [one["id"] for one in told["items"]] == [found.id] and told["pages"] == 2
    assert "https://example.com/old (1 d)" in run("project", "pages", P, "--cannibalised").stdout
