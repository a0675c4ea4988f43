"""The route that changes all keywords a filter takes."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from state.engine import job_results
from topics.tracking import projects
from worker import inline

B = "/api/v1/projects/example.com/keywords/bulk"


@pytest.fixture(autouse=True)
def keywords() -> None:
    projects.add("example.com", projects.Options(depth=20))
    projects.add_keywords("example.com", ["blue a", "blue b", "red"])


def done(client: FlaskClient, **body: object) -> object:
    """What the result of the job says."""
    reply = client.post(B, json=body)
    assert reply.status_code == 202, reply.text
    inline.run_until_idle()
    found = job_results.of(reply.json["job"]["id"])
    assert found
    return found.value


def test_a_dry_run_says_the_price_and_the_job_does_it(client: FlaskClient) -> None:
    where = {"contains": "blue"}

    assert done(client, action="check", where=where, dry_run=True) == {"keywords": 2, "pages_at_most": 4}
    assert done(client, action="tag", value="sea", where=where) == {"changed": 2, "of": 2}
    assert done(client, action="archive", where={"tag": "sea"}, most=1) == {"changed": 1, "of": 1}
    assert done(client, action="remove", where={}) == {"changed": 2, "of": 2}


@pytest.mark.parametrize(
    "body",
    [
        {"action": "burn", "where": {}},
        {"action": "archive"},
        {"action": "tag", "where": {}},
        {"action": "archive", "where": {"x": 1}},
    ],
)
def test_what_cannot_be_meant_is_refused(client: FlaskClient, body: dict[str, object]) -> None:
    assert client.post(B, json=body).status_code == 422


def test_removing_needs_an_admin(key_client: Callable[..., FlaskClient]) -> None:
    operator = key_client("operator")

    assert operator.post(B, json={"action": "remove", "where": {}}).status_code == 403
    assert operator.post(B, json={"action": "archive", "where": {}}).status_code == 202
