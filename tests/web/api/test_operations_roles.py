"""Who may do what: everybody sees projects, operators work with them, admins remove and set limits."""

from collections.abc import Callable
from typing import Any

import pytest

from state.engine import limits
from tests.web.conftest import KeyClient
from topics.tracking import projects

V1 = "/api/v1"

P = f"{V1}/projects/example.com"

#: What only an admin may do.
OF_ADMINS: list[tuple[str, str, Any]] = [
    ("DELETE", P, None),
    ("POST", f"{P}/keywords/remove", {"names": ["blue shoes"]}),
    ("PUT", f"{V1}/limits/serp", {"most": 1}),
    ("DELETE", f"{V1}/limits/serp", None),
    ("PUT", f"{V1}/host-limits/host:a.example", {"per_minute": 1}),
    ("DELETE", f"{V1}/host-limits/host:a.example", None),
    ("POST", f"{V1}/schedule/sweep/disable", None),
    ("POST", f"{V1}/schedule/sweep/enable", None),
    ("POST", f"{V1}/claims/reset", {"all": True}),
    ("POST", f"{V1}/jobs/cleanup", {"days": 0}),
]

#: What an operator may do, too.
OF_OPERATORS: list[tuple[str, str, Any]] = [
    ("POST", f"{V1}/projects", {"domain": "other.com"}),
    ("PATCH", P, {"depth": 20}),
    ("POST", f"{P}/deactivate", None),
    ("POST", f"{P}/keywords", {"keywords": ["red shoes"]}),
    ("PATCH", f"{P}/keywords", {"names": ["blue shoes"], "tag": ["a"]}),
    ("POST", f"{P}/keywords/archive", {"names": ["blue shoes"]}),
    ("POST", f"{P}/keywords/check", {"names": ["blue shoes"]}),
    ("POST", f"{V1}/serp/batch", None),
    ("POST", f"{V1}/serp/resume", None),
    ("PUT", f"{V1}/pauses/queue:low", {"reason": "x"}),
    ("POST", f"{V1}/claims/reset", {"stuck": True}),
]


@pytest.fixture(autouse=True)
def project() -> None:
    projects.add("example.com")
    projects.add_keywords("example.com", ["blue shoes"])


@pytest.mark.parametrize(("method", "path", "body"), OF_ADMINS)
def test_what_cannot_be_undone_is_for_admins(key_client: Callable[..., KeyClient], method: str, path: str, body: Any) -> None:
    limits.put("serp", 5)
    for role in ("viewer", "operator"):
        assert key_client(role).open(path, method=method, json=body).status_code == 403
    assert projects.find_keyword("blue shoes", "example.com") and limits.every(["default"])[0].most == 5
    assert key_client("admin").open(path, method=method, json=body).status_code in (200, 202, 204, 404)


@pytest.mark.parametrize(("method", "path", "body"), OF_OPERATORS)
def test_work_is_for_operators_and_not_for_viewers(
    key_client: Callable[..., KeyClient], method: str, path: str, body: Any
) -> None:
    assert key_client("viewer").open(path, method=method, json=body).status_code == 403
    assert key_client("operator").open(path, method=method, json=body).status_code in (200, 201, 202)


def test_every_key_sees_the_projects_and_only_its_own_jobs(key_client: Callable[..., KeyClient]) -> None:
    one, other = key_client("operator"), key_client("operator")
    job = one.post(f"{P}/keywords/check", json={"names": ["blue shoes"]}).json["checks"][0]["job_id"]

    assert other.get(P).json["keywords"] == 1 and len(other.get(f"{P}/keywords").json["items"]) == 1
    assert one.get(f"{V1}/jobs/{job}").status_code == 200 and other.get(f"{V1}/jobs/{job}").status_code == 404


def test_a_pause_names_the_key_that_made_it(key_client: Callable[..., KeyClient]) -> None:
    made = key_client("operator", name="ci").put(f"{V1}/pauses/queue:low", json={"reason": "x"})

    assert made.json["actor"] == "ci"


def test_asking_outside_is_for_operators(key_client: Callable[..., KeyClient]) -> None:
    assert key_client("viewer").get(f"{V1}/check", query_string={"outside": "true"}).status_code == 403


def test_checks_that_a_key_asks_for_are_taken_from_its_pages(key_client: Callable[..., KeyClient]) -> None:
    poor = key_client("operator", pages_a_month=5)
    poor.patch(P, json={"depth": 30})
    projects.add_keywords("example.com", ["red shoes"])

    assert poor.post(f"{P}/keywords/check", json={"names": ["blue shoes", "red shoes"]}).status_code == 402
    assert poor.post(f"{P}/keywords/check", json={"names": ["blue shoes"]}).status_code == 202
