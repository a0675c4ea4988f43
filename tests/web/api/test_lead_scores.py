"""Routes of scores and enrichment: exactly as they are promised, and each key sees its own companies alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import config
from state.leads import companies
from tests.topics.leads import test_enriching as enriching
from tests.topics.leads.scored import stored
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site

polite, site, work_off, acme = enriching.polite, enriching.site, enriching.work_off, enriching.acme

JOBS = "/api/v1/jobs/process"


def test_companies_are_scored_and_explained(client: FlaskClient, work_off: Work) -> None:
    first, second = stored(1, emails=["a@a1.example"]), stored(2)
    made = client.post(f"{JOBS}/scores", json={"company_ids": [first, second], "priority": "high"})
    assert made.status_code == 202 and made.get_json()["queue"] == "high" and made.get_json()["status"] == "pending"
    [told] = work_off()
    assert told["scored"] == 2
    top = client.get("/api/v1/companies/top?limit=1").get_json()["items"]
    assert [one["id"] for one in top] == [first] and top[0]["reachability"] == 30
    found = client.get(f"/api/v1/companies/{first}/score").get_json()
    mail = next(one for one in found["rules"] if one["rule"] == "e-mail")
    assert (mail["points"], mail["reason"], mail["evidence"]) == (15, "emails: a@a1.example", ["https://a.example/contact"])
    assert found["is_stored"] and [one["total"] for one in found["history"]] == [found["total"]]
    assert client.get("/api/v1/companies/score-model").get_json()["version"] == found["model"]
    assert client.post("/api/v1/companies/rescore").status_code == 202
    assert work_off()[0]["outcome"] == "scored"


def test_companies_are_enriched(client: FlaskClient, acme: Site, work_off: Work) -> None:
    one = enriching.added(acme.url + "/")
    made = client.post(f"{JOBS}/enrich", json={"company_ids": [one]}).get_json()
    assert made["queue"] == "default"
    work_off()
    [item] = client.get(made["links"]["companies"]).get_json()["items"]
    assert (item["company"], item["status"]) == (one, "completed")
    [found] = companies.get([one], None)
    assert found and found.facts["hiring"].value == 2 and found.score


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("scores", {}, 422),
        ("scores", {"company_ids": []}, 422),
        ("scores", {"company_ids": "all"}, 422),
        ("scores", {"company_ids": ["co_nothere"]}, 404),
        ("scores", {"company_ids": ["co_x"], "priority": "urgent"}, 422),
        ("enrich", {"company_ids": ["co_nothere"]}, 404),
        ("enrich", {"company_ids": ["co_x"], "llm": True}, 422),
        ("enrich", {"company_ids": ["co_x"], "llm": "perhaps"}, 422),
    ],
)
def test_wrong_input_is_refused(client: FlaskClient, path: str, body: dict[str, Any], status: int) -> None:
    assert client.post(f"{JOBS}/{path}", json=body).status_code == status


def test_each_key_sees_its_own(client: FlaskClient, key_client: Callable[..., Any]) -> None:
    mine, theirs = key_client(), key_client()
    one = stored(1, owner=mine.key.id, emails=["x"])
    for method, path, body in (
        ("get", f"/api/v1/companies/{one}/score", None),
        ("post", f"{JOBS}/scores", {"company_ids": [one]}),
        ("post", f"{JOBS}/enrich", {"company_ids": [one]}),
    ):
        assert getattr(theirs, method)(path, json=body).status_code == 404
        assert getattr(mine, method)(path, json=body).status_code in (200, 202)
    assert mine.post("/api/v1/companies/rescore").status_code == 403 and theirs.get("/api/v1/companies/top").get_json() == {
        "items": []
    }


def test_a_model_that_is_wrong_is_told_with_its_line(client: FlaskClient, tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text("[[rules]]\n")
    with config.overridden(score_model=file):
        reply = client.get("/api/v1/companies/score-model")
        assert reply.status_code == 503 and "line 1, rule 1" in reply.text
        assert client.post(f"{JOBS}/scores", json={"company_ids": [stored(1)]}).status_code == 503
