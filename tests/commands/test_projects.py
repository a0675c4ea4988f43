"""`project`: add, list, show, activate, deactivate, remove."""

import json
from datetime import timedelta
from typing import Any

import pytest

import models
from state.tracking import competitors, outcomes
from state.tracking import projects as stored
from tests.commands.conftest import Run, keyword_ids
from topics.tracking import projects


def test_a_project_is_added_with_every_option(run: Run) -> None:
    options = "--id shop --name Shop --weight 2.5 --country DE --language de --device mobile --depth 30 --every 6"

    result = run("project", "add", "Shop.Example.com", *options.split())

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Added project shop for shop.example.com. Next: python manage.py keyword add shop TEXT\n"
    found = json.loads(run("project", "show", "shop", "--json").stdout)
    assert {name: found[name] for name in ("name", "weight", "country", "language", "device", "depth", "every_h")} == {
        "name": "Shop", "weight": 2.5, "country": "de", "language": "de", "device": "mobile", "depth": 30, "every_h": 6,
    }  # fmt: skip


def test_what_is_not_given_has_its_default(run: Run) -> None:
    run("project", "add", "example.com")

    found = stored.get("example.com")
    assert (found.weight, found.country, found.depth, found.every_h, found.active) == (1, "us", 10, 24, True)


@pytest.mark.parametrize("domain", ["example.com/docs", "*.example.com", "münchen.de", f"{'a' * 60}.example.com"])
def test_every_form_of_domain_gets_an_id_that_all_commands_take(run: Run, domain: str) -> None:
    assert run("project", "add", domain).exit_code == 0

    (project,) = json.loads(run("project", "list", "--json").stdout)

    assert run("project", "show", project["id"]).exit_code == 0
    assert run("project", "remove", project["id"], "--yes").exit_code == 0


def test_an_id_that_is_taken_is_refused(run: Run, project: models.Project) -> None:
    result = run("project", "add", "example.com")

    assert result.exit_code == 1 and "exists already: give another --id" in result.stderr


def test_the_list_counts_keywords_and_those_that_are_due(run: Run, keyword: models.Keyword) -> None:
    run("serp", "batch")
    projects.add_keywords("example.com", ["red shoes"])

    (row,) = json.loads(run("project", "list", "--json").stdout)

    assert (row["id"], row["keywords"], row["due"]) == ("example.com", 2, 1)


def test_a_list_of_nothing_is_a_header_and_an_empty_json_list(run: Run) -> None:
    assert run("project", "list").stdout.startswith("id\tdomain")
    assert json.loads(run("project", "list", "--json").stdout) == []


def test_a_project_rests_and_takes_part_again(run: Run, keyword: models.Keyword) -> None:
    assert run("project", "deactivate", "example.com").exit_code == 0
    assert json.loads(run("serp", "batch", "--json").stdout)["total"] == 0

    assert run("project", "activate", "example.com").exit_code == 0
    assert json.loads(run("serp", "batch", "--json").stdout)["total"] == 1


@pytest.mark.parametrize("command", ["activate", "deactivate", "show", "remove"])
def test_an_unknown_id_is_named(run: Run, command: str, store: Any) -> None:
    result = run("project", command, "nope")

    assert (result.exit_code, set(store.keys()) - {b"trawl:audit"}) == (1, set())
    assert result.stderr == "Error: No project nope. `python manage.py project list` shows what there is.\n"


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_nothing_is_removed_unless_the_user_says_so(run: Run, keyword: models.Keyword, answer: str) -> None:
    result = run("project", "remove", "example.com", input=answer)

    assert result.exit_code == 1
    assert "Remove project example.com (example.com) with 1 keyword and all history? [y/N]" in result.stderr
    assert result.stderr.endswith("Nothing was done.\n")
    assert keyword_ids("example.com") == [keyword.id]


def test_removing_a_project_leaves_no_key_of_its_own(run: Run, store: Any) -> None:
    before = set(store.keys("trawl:*"))
    run("project", "add", "example.com")
    run("keyword", "add", "example.com", *(f"keyword {number}" for number in range(600)))
    run("project", "set", "example.com", "--depth", 20, "--every", 12)

    result = run("project", "remove", "example.com", input="y\n")

    assert result.stdout == "Removed example.com with 600 keywords. What is stored below example.com/ stays.\n"
    assert set(store.keys("trawl:*")) - {b"trawl:audit"} == before


def test_a_project_is_changed_and_says_what_changed(run: Run, project: models.Project) -> None:
    options = "--country DE --language zh-hant --depth 30 --every 48 --zone europe/berlin --hour 6 --name Shop"
    result = run("project", "set", "example.com", *options.split(), "--location", "Berlin, Germany")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [f"example.com: {words}" for words in (
        "name example.com → Shop", "country us → de", "language en → zh-Hant", "depth 10 → 30", "every 24 → 48",
        "zone UTC → Europe/Berlin", "hour none → 6", "location none → Berlin,Germany")]  # fmt: skip
    found = json.loads(run("project", "show", "example.com", "--json").stdout)
    assert (found["zone"], found["hour"], found["location"], found["language"]) == (
        "Europe/Berlin",
        6,
        "Berlin,Germany",
        "zh-Hant",
    )
    assert [one["says"] for one in found["changes"]][:2] == ["location none → Berlin,Germany", "hour none → 6"]
    assert "changed\tcountry us → de (2" in run("project", "show", "example.com").stdout
    assert run("project", "set", "example.com", "--depth", 30).stdout == "Project example.com is so already.\n"


def test_an_hour_and_a_location_are_taken_back(run: Run) -> None:
    run("project", "add", "example.com", "--hour", 6, "--location", "Austin,Texas,United States", "--zone", "America/Chicago")
    assert (stored.get("example.com").hour, stored.get("example.com").zone) == (6, "America/Chicago")

    assert run("project", "set", "example.com", "--no-hour", "--no-location").exit_code == 0
    assert (stored.get("example.com").hour, stored.get("example.com").location) == (None, None)


@pytest.mark.parametrize(
    ("options", "says"),
    [([], "Nothing to change"), (["--hour", 6, "--no-hour"], "--hour and --no-hour exclude each other"),
     (["--zone", "Berlin"], "Europe/Berlin"),
     (["--language", "jp"], "ja (Japanese)"), (["--country", "usa"], "us (United States)"),
     (["--location", "Austin"], "Austin, Texas"),
     (["--hour", 6, "--every", 5], "--hour 6 goes with"), (["--every", 9000], "to a year")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_the_remedy(
    run: Run, project: models.Project, options: list[object], says: str
) -> None:
    result = run("project", "set", "example.com", *options)

    assert result.exit_code == 2 and says in result.stderr and stored.get("example.com") == project


def test_a_project_that_is_not_there_cannot_be_changed(run: Run) -> None:
    assert run("project", "set", "nosuch", "--depth", 20).exit_code == 1


def test_keywords_with_another_due_time_are_counted(run: Run, keyword: models.Keyword) -> None:
    outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("read"))

    assert "1 keyword with another due time." in run("project", "set", "example.com", "--every", 2).stdout


@pytest.mark.parametrize(
    ("written", "hours"), [("24", 24), ("12h", 12), ("7d", 168), ("daily", 24), ("Weekly", 168), ("30m", 0.5)]
)
def test_hours_between_checks_are_written_as_people_do(run: Run, written: str, hours: float) -> None:
    assert run("project", "add", "example.com", "--every", written).exit_code == 0
    assert projects.named("example.com").every_h == hours


@pytest.mark.parametrize(("written", "hour"), [("6", 6), ("06:00", 6), ("6am", 6), ("6 PM", 18), ("12am", 0), ("0", 0)])
def test_an_hour_of_the_day_is_written_as_people_do(run: Run, written: str, hour: int) -> None:
    assert run("project", "add", "example.com", "--hour", written).exit_code == 0
    assert projects.named("example.com").hour == hour


@pytest.mark.parametrize(
    "options", [("--hour", "6:30"), ("--hour", "13pm"), ("--hour", "24"), ("--every", "often"), ("--every", "0")]
)
def test_hours_that_are_none_are_refused(run: Run, options: tuple[str, str]) -> None:
    assert run("project", "add", "example.com", *options).exit_code == 2


def test_a_project_follows_its_site_and_keeps_what_is_known(run: Run) -> None:
    run("project", "add", "example.com")
    run("keyword", "add", "example.com", "oak")
    before = keyword_ids("example.com")
    competitors.pin("example.com", "example.net")

    result = run("project", "set", "example.com", "--domain", "WWW.example.net")

    assert result.stdout.splitlines() == [
        "example.com: domain example.com → example.net",
        "example.com: name example.com → example.net",
    ]
    found = stored.get("example.com")
    assert (found.domain, found.name, found.folder, keyword_ids("example.com")) == (
        "example.net",
        "example.net",
        "example.com",
        before,
    )
    assert competitors.pins("example.com") == ()


def test_a_name_for_people_stays_where_the_site_moves(run: Run) -> None:
    run("project", "add", "example.com", "--id", "shop", "--name", "Shop")
    run("project", "set", "shop", "--domain", "example.net")
    assert (stored.get("shop").domain, stored.get("shop").name) == ("example.net", "Shop")


def test_a_device_may_be_written_in_capitals(run: Run) -> None:
    assert run("project", "add", "example.com", "--device", "Mobile").exit_code == 0
    assert stored.get("example.com").device == "mobile"
