"""Upkeep and the policy over HTTP: begun as jobs under the names that S4 spells, reports listed, admins only."""

from typing import Any

import pytest
from flask.testing import FlaskClient

import queues
from state.store import keys
from tests.web.conftest import KeyClient
from topics.upkeep import reports
from worker import inline

HERE = "/api/v1/jobs/maintenance"


@queues.job(kind="failing", retries=0)
def failing() -> None:
    """Break."""
    raise ValueError("broken")


@pytest.mark.parametrize(
    ("path", "function", "argument"),
    [
        ("/cleanup?older_than_days=90", "clean_up", 90.0),
        ("/cleanup", "clean_up", None),
        ("/statistics", "record_statistics", None),
        ("/health-check", "check_health", None),
        ("/optimize-db", "compact_store", None),
    ],
)
def test_each_kind_of_upkeep_is_begun_as_a_job(client: FlaskClient, path: str, function: str, argument: float | None) -> None:
    made = client.post(HERE + path)
    assert made.status_code == 202 and made.headers["Location"].endswith(made.json["job_id"])
    told = client.get(f"/api/v1/jobs/{made.json['job_id']}").json
    assert (told["task"], told["kind"]) == (function, "maintenance")
    given = (told["arguments"] or {}).values()
    assert [value for value in given if value is not None] == ([] if argument is None else [argument])


@pytest.mark.parametrize("age", ["-1", "nan", "inf", "x", "1e9", ""])
def test_an_age_that_is_none_is_refused(client: FlaskClient, store: Any, age: str) -> None:
    assert client.post(f"{HERE}/cleanup?older_than_days={age}").status_code == 422 and not store.exists(keys.queue("low"))


def test_reports_are_listed_with_routes_in_place_of_commands(client: FlaskClient) -> None:
    reports.made(reports.CLEANUP, lambda draft: draft.say("See `python manage.py status`."))
    reports.made(reports.HEALTH, lambda draft: draft.refuse("SLOWLOG: NOPERM"))
    health, cleanup = client.get(f"{HERE}/reports").json["items"]
    assert (health["kind"], health["refused"]) == ("health-check", ["SLOWLOG: NOPERM"])
    assert cleanup["lines"] == ["See `GET /api/v1/status`."] and cleanup["at"].endswith("Z")
    assert len(client.get(f"{HERE}/reports?kind=cleanup").json["items"]) == 1
    assert client.get(f"{HERE}/reports?kind=sweeping").status_code == 422 == client.get(f"{HERE}/reports?limit=0").status_code


def test_upkeep_is_for_admins_and_its_reports_for_operators(key_client: Any) -> None:
    viewer, operator = key_client("viewer"), key_client("operator")
    for path in ("/cleanup", "/statistics", "/health-check", "/optimize-db"):
        assert operator.post(HERE + path).status_code == 403
    assert viewer.get(f"{HERE}/reports").status_code == 403 and operator.get(f"{HERE}/reports").status_code == 200
    assert viewer.get("/api/v1/policy").status_code == 200


def test_the_policy_is_listed(client: FlaskClient) -> None:
    first, *others = client.get("/api/v1/policy").json["items"]
    assert first == {"kind": "", "error": "", "retries": 3, "first_wait_s": 60, "factor": 2, "cap_s": 3600, "jitter": 1}
    assert {**first, "error": "ProviderBusy", "first_wait_s": 15} in others


def test_a_failed_job_says_what_to_do_and_where_to_look_on(key_client: Any, store: Any) -> None:
    asker: KeyClient = key_client("operator")
    job_id = queues.submit(failing).job_id
    store.hset(keys.job(job_id), mapping={"owner": asker.key.id, "host": "a.com"})
    inline.run_until_idle()
    told = asker.get(f"/api/v1/jobs/{job_id}").json
    assert (told["error_category"], told["error_class"], told["attempts"]) == ("system", "ValueError", 1)
    assert told["advice"].startswith("The code of the job broke") and f"`GET /api/v1/jobs/{job_id}`" in told["advice"]
    assert told["links"]["host"].endswith("/api/v1/hosts/a.com") and "provider" not in told["links"]
