"""Routes of notes."""

import pytest
from flask.testing import FlaskClient

from topics.tracking import projects

N = "/api/v1/projects/example.com/notes"


@pytest.fixture(autouse=True)
def project() -> None:
    projects.add("example.com")


def test_a_note_is_kept_listed_and_removed(client: FlaskClient) -> None:
    made = client.post(N, json={"text": "A deploy", "day": "2026-03-02"})

    assert made.status_code == 201 and made.json["day"] == "2026-03-02" and made.json["actor"] == "local"
    assert client.get(N).json == {"items": [made.json], "next": None}
    assert client.get(N, query_string={"since": "2026-03-03"}).json["items"] == []
    assert client.delete(f"{N}/{made.json['id']}").status_code == 204
    assert client.delete(f"{N}/{made.json['id']}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "a", "day": "soon"}, {"text": "a", "day": "1999-01-01"}])
def test_a_note_that_cannot_be_meant_is_refused(client: FlaskClient, body: dict[str, str]) -> None:
    assert client.post(N, json=body).status_code == 422 and client.get(N).json["items"] == []


def test_a_project_that_is_not_there_has_none(client: FlaskClient) -> None:
    assert client.get("/api/v1/projects/nosuch/notes").status_code == 404
    assert client.post("/api/v1/projects/nosuch/notes", json={"text": "a"}).status_code == 404
