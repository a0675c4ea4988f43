"""`project note` and the filters of `keyword list`: as the pages have them."""

import json

import models
from state.tracking import keywords
from tests.commands.conftest import Run
from tests.commands.test_keywords import rank, remember
from topics.tracking import projects


def test_a_note_is_kept_listed_and_removed(run: Run, project: models.Project) -> None:
    assert (
        "Noted for 2026-03-02: A deploy" in run("project", "note", "add", "example.com", "A deploy", "--day", "2026-03-02").stdout
    )
    [note] = json.loads(run("project", "note", "list", "example.com", "--json").stdout)

    assert (note["day"], note["text"]) == ("2026-03-02", "A deploy") and note["actor"]
    assert run("project", "note", "remove", "example.com", note["id"]).exit_code == 0
    assert run("project", "note", "remove", "example.com", note["id"]).exit_code == 1
    assert run("project", "note", "add", "example.com", " ").exit_code == 2


def test_a_list_is_filtered_and_sorted(run: Run, project: models.Project) -> None:
    for text, places in {"far": (3, 40), "near": (12, 5), "mid": (9, 9)}.items():
        projects.add_keywords(project.id, [text])
        found = keywords.find(projects.find_keyword(text, project.id).id)
        assert found
        remember(found, *(rank(ago, "ranked", rank=place, scanned=100) for ago, place in zip((7, 0), places, strict=True)))

    def texts(*options: str) -> list[str]:
        return [row["keyword"] for row in json.loads(run("keyword", "list", project.id, "--json", *options).stdout)]

    assert texts("--sort", "rank") == ["near", "mid", "far"] and texts("--sort", "-change_7") == ["near", "mid", "far"]
    assert texts("--moved", "entered_10") == ["near"] and texts("--moved", "down") == ["far"]
    assert texts("--best", "6", "--worst", "10") == ["mid"] and texts("--contains", "A", "--sort", "text") == ["far", "near"]
    assert run("keyword", "list", project.id, "--moved", "aside").exit_code == 2
    assert run("keyword", "list", project.id, "--sort", "colour").exit_code == 2


def test_all_that_match_are_changed_after_asking(run: Run, project: models.Project) -> None:
    projects.add_keywords(project.id, ["blue a", "blue b", "red"])

    refused = run("keyword", "bulk", project.id, "tag", "sea, sky", "--contains", "blue", input="n\n")
    assert "2 keywords" in refused.stderr and refused.exit_code == 1
    assert run("keyword", "bulk", project.id, "tag", "sea, sky", "--contains", "blue", "--yes").stdout.startswith("2 changed")
    assert (
        projects.find_keyword("blue a", project.id).tags == ("sea", "sky") and not projects.find_keyword("red", project.id).tags
    )
    assert "buys 1 page" in run("keyword", "bulk", project.id, "check", "--contains", "red", input="n\n").stderr
    assert run("keyword", "bulk", project.id, "archive", "--tag", "sea", "--yes").stdout.startswith("2 changed")
    assert run("keyword", "bulk", project.id, "unarchive", "--yes").stdout.startswith("2 changed")
    assert run("keyword", "bulk", project.id, "tag", " ").exit_code == 2
