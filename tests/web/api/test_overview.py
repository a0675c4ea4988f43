"""The overview of a project: counted at once, or by a job for a large one."""

import pytest
from flask.testing import FlaskClient

from jobs import tracking
from topics.tracking import counting, projects

O = "/api/v1/projects/example.com/overview"  # noqa: E741


@pytest.fixture(autouse=True)
def project() -> None:
    projects.add("example.com")
    projects.add_keywords("example.com", [f"keyword {number}" for number in range(30)])


def test_a_small_project_is_counted_at_once_and_kept_for_minutes(client: FlaskClient) -> None:
    first = client.get(O)
    projects.add_keywords("example.com", ["one more"])

    assert first.status_code == 200 and first.json["overview"]["distribution"]["unchecked"] == 30
    assert client.get(O).json == first.json
    assert client.get(O, query_string={"fresh": "true"}).json["overview"]["keywords"] == 31
    assert client.get("/api/v1/projects/nosuch/overview").status_code == 404


def test_a_large_project_is_counted_by_one_job(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "AT_ONCE", 10)
    first, again = client.get(O), client.get(O)

    assert (first.status_code, first.json["overview"]) == (202, None)
    assert again.json["job"]["duplicate_of"] == first.json["job"]["id"]
    assert tracking.make_overview("example.com")["keywords"] == 30
    assert client.get(O).status_code == 200 and client.get(O).json["job"] is None
