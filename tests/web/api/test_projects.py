"""Routes of projects: listed by the page, added, changed, removed at once or by a job."""

from typing import Any

import pytest
from flask.testing import FlaskClient

import models
import queues
from jobs import tracking
from state.store import connection
from state.tracking import keywords
from tests.counting import asked
from topics.tracking import overview, projects
from web.api import projects as routes

P = "/api/v1/projects"


@pytest.fixture
def project() -> models.Project:
    made = projects.add("example.com")
    projects.add_keywords(made.id, [f"keyword {number}" for number in range(30)])
    return made


def test_a_project_is_added_found_and_listed(client: FlaskClient) -> None:
    made = client.post(P, json={"domain": "example.com", "depth": 20, "country": "de", "hour": 6, "zone": "Europe/Berlin"})

    assert made.status_code == 201 and made.headers["Location"] == f"{P}/example.com"
    assert {"depth": 20, "country": "de", "hour": 6, "changes": [], "keywords": 0}.items() <= made.json.items()
    assert client.get(f"{P}/example.com").json == made.json
    [row] = client.get(P).json["items"]
    assert row.items() <= made.json.items() and made.json["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 422, "domain"),
        ({"domain": "example.com", "depth": 7}, 422, "depth"),
        ({"domain": "no domain"}, 422, "domain"),
        ({"domain": "example.com", "dept": 20}, 422, "did you mean depth"),
        ({"domain": "example.com", "zone": "Mars/Base"}, 422, "zone"),
        ({"domain": "example.com", "device": "fridge"}, 422, "device"),
        ({"domain": "example.com", "id": "../x"}, 422, "id"),
        ({"domain": "example.com", "every_h": 1e999}, 400, "Infinity"),
        ({"domain": "example.com", "hour": 99}, 422, "hour"),
        ([], 422, ""),
    ],
)
def test_a_project_that_cannot_be_meant_is_refused_by_its_field(client: FlaskClient, body: Any, status: int, word: str) -> None:
    reply = client.post(P, json=body)

    assert reply.status_code == status and word in reply.json["detail"] and "--" not in reply.json["detail"]
    assert client.get(P).json == {"items": [], "next": None}


def test_an_id_that_is_taken_is_a_conflict(client: FlaskClient, project: models.Project) -> None:
    reply = client.post(P, json={"domain": "example.com"})

    assert reply.status_code == 409 and "manage.py" not in reply.json["detail"]


@pytest.mark.parametrize("name", ["nosuch", "example.com:due", "EXAMPLE.COM", "%00", "..", "a" * 150])
@pytest.mark.parametrize("verb", ["", "/activate", "/why"])
def test_an_unknown_project_is_not_found(client: FlaskClient, project: models.Project, name: str, verb: str) -> None:
    call = client.post if verb == "/activate" else client.get

    assert call(f"{P}/{name}{verb}").status_code == 404


def test_settings_change_and_say_what_they_were(client: FlaskClient, project: models.Project) -> None:
    reply = client.patch(f"{P}/example.com", json={"depth": 30, "location": None})

    assert reply.status_code == 200 and reply.json["project"]["depth"] == 30 and reply.json["job"] is None
    assert [one["says"] for one in reply.json["changes"]] == ["depth 10 → 30"]


def test_a_project_whose_site_moved_keeps_its_history(client: FlaskClient, project: models.Project) -> None:
    reply = client.patch(f"{P}/example.com", json={"domain": "https://www.example.net/"})

    assert (reply.status_code, reply.json["project"]["domain"]) == (200, "example.net")
    assert reply.json["changes"][0]["says"] == "domain example.com → example.net"


@pytest.mark.parametrize("body", [{}, {"depth": None}, {"depth": 11}, {"domain": "com"}, {"domain": None}, {"id": "x"}])
def test_a_change_that_cannot_be_meant_changes_nothing(client: FlaskClient, project: models.Project, body: Any) -> None:
    before = client.get(f"{P}/example.com").json

    assert client.patch(f"{P}/example.com", json=body).status_code == 422
    assert client.get(f"{P}/example.com").json == before


def test_new_hours_arm_the_keywords_of_a_small_project_at_once(client: FlaskClient, project: models.Project) -> None:
    assert client.patch(f"{P}/example.com", json={"hour": 5}).json["rearmed"] == 0  # none was ever checked


def test_new_hours_of_a_large_project_are_a_jobs_work(
    client: FlaskClient, project: models.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "AT_ONCE", 10)
    job = client.patch(f"{P}/example.com", json={"hour": 5}).json["job"]

    assert queues.Job.fetch(job["id"], connection=connection.client()).func_name == "jobs.tracking.rearm_project"
    assert tracking.rearm_project("example.com") == {"rearmed": 0}


def test_a_project_rests_and_takes_part_again(client: FlaskClient, project: models.Project) -> None:
    assert client.post(f"{P}/example.com/deactivate").json["active"] is False
    [reason] = client.get(f"{P}/example.com/why").json["reasons"]
    assert "inactive" in reason["says"] and f"POST {P}/example.com/activate" in reason["fix"]
    assert f"POST {P}/example.com/activate" in client.get(f"{P}/example.com").json["waits_for"][0]
    assert client.post(f"{P}/example.com/activate").json["active"] is True


def test_a_small_project_is_removed_at_once(client: FlaskClient, project: models.Project) -> None:
    reply = client.delete(f"{P}/example.com")

    assert (reply.status_code, reply.json["removed"], reply.json["job"]) == (200, 30, None)
    assert client.get(f"{P}/example.com").status_code == 404


def test_a_large_project_is_removed_by_one_job_and_rests_at_once(
    client: FlaskClient, project: models.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "AT_ONCE", 10)
    first, again = client.delete(f"{P}/example.com"), client.delete(f"{P}/example.com")

    assert first.status_code == 202 and again.json["job"]["duplicate_of"] == first.json["job"]["id"]
    assert client.get(f"{P}/example.com").json["active"] is False
    assert tracking.remove_project("example.com") == {"removed": 30}
    assert client.get(f"{P}/example.com").status_code == 404 and keywords.count_of("example.com") == 0


def test_a_list_goes_on_where_it_ended_and_costs_no_more_for_a_thousand_projects(client: FlaskClient) -> None:
    for number in range(300):
        projects.add(f"site{number}.com")
    seen, cursor = [], ""
    while True:
        with asked() as found:
            page = client.get(P, query_string={"limit": 70, "cursor": cursor}).json
        assert found.trips <= 8
        seen += [row["id"] for row in page["items"]]
        if not (cursor := page["next"]):
            break
    assert seen == sorted(f"site{number}.com" for number in range(300))


def test_filters_of_the_list(client: FlaskClient) -> None:
    for name in ("alpha.com", "beta.com", "alphabet.com"):
        projects.add(name)
    client.post(f"{P}/alpha.com/deactivate")

    def ids(**query: Any) -> list[str]:
        return [row["id"] for row in client.get(P, query_string=query).json["items"]]

    assert ids(active="false") == ["alpha.com"] and ids(contains="ALPHA") == ["alpha.com", "alphabet.com"]
    assert client.get(P, query_string={"actve": "1"}).status_code == 422
    assert client.get(P, query_string={"limit": 0}).status_code == 422


def test_a_list_tells_the_figures_of_overviews_where_they_are_asked_for(client: FlaskClient, project: models.Project) -> None:
    [before] = client.get(P, query_string={"standing": "true"}).json["items"]
    overview.make(project.id)
    [after] = client.get(P, query_string={"standing": "true"}).json["items"]

    assert (before["late"], before["standing"]) == (0, None)
    assert after["standing"]["distribution"]["unknown"] == 0 and after["standing"]["visibility"] is None
