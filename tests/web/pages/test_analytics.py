"""Analytics by routes and pages: from the form to the report as a page and as files; hostile texts stay texts."""

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from lead_models import Fact
from state.leads import companies as state
from tests.topics.analytics import companies
from worker import inline

BAD = "<img src=x onerror=alert(1)>"

REPORT, ANALYZE = "/api/v1/jobs/analytics/report", "/api/v1/jobs/analytics/analyze"


def asked(client: FlaskClient, path: str, **fields: object) -> str:
    reply = client.post(path, json=fields)
    assert reply.status_code == 202, reply.text
    inline.run_until_idle()
    return str(reply.get_json()["job_id"])


def result(client: FlaskClient, job: str, format_: str = "json") -> str:
    reply = client.get(f"/api/v1/jobs/{job}/result?format={format_}")
    assert reply.status_code == 200, reply.text
    return reply.text


class Looked(HTMLParser):
    """Elements and addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.addresses, self.ids = set[str](), list[str](), set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]
        self.ids |= {value or "" for name, value in attrs if name == "id"}


def test_from_the_route_to_all_files(client: FlaskClient) -> None:
    ids = companies.stored(companies.some(40))
    job = asked(client, REPORT, report_type="comprehensive", priority="high")
    report = json.loads(result(client, job))["result"]
    assert report["companies"] == 40 and {one["name"] for one in report["sections"]} >= {"gaps", "months", "sources", "top"}
    rows = list(csv.DictReader(io.StringIO(result(client, job, "csv").removeprefix("\ufeff"))))
    told = sum(len(line["figures"]) for section in report["sections"] for line in section["lines"])
    assert len(rows) == told and not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values() if cell)
    page = result(client, job, "html")
    looked = Looked(page)
    assert "svg" in looked.tags and looked.tags.isdisjoint({"script", "img", "link", "iframe", "b", "form"})
    assert {one.removeprefix("#") for one in looked.addresses} <= looked.ids and "@import" not in page and "url(" not in page
    shown = client.get(f"/analytics/{job}").text
    assert "Industries" in shown and 'class="figures"' in shown and "<b>Bold</b>" not in shown + page
    assert client.get(f"/analytics/{job}?table=gaps&format=csv").text.count("where phones missing") > 1
    assert f'href="/analytics/{job}"' in client.get("/analytics").text
    one = asked(client, REPORT, company_ids=ids[:3], report_type="summary")
    assert json.loads(result(client, one))["result"]["companies"] == 3
    assert client.get(f"/api/v1/jobs/{job}/result?format=md").status_code == 422


def test_an_analysis_by_query_and_by_parts_is_the_same(client: FlaskClient) -> None:
    companies.stored(companies.some(40))
    by_query = asked(client, ANALYZE, query='mean of score by country where country in ("DE", "US") top 5')
    parts = {"measure": "mean", "field": "score", "group_by": "country", "where": 'country in ("DE", "US")', "top": 5}
    by_parts = asked(client, ANALYZE, **parts)
    one, other = (json.loads(result(client, job))["result"] for job in (by_query, by_parts))
    assert one["rows"] == other["rows"] and len(one["rows"]) == 2 and one["query"] == other["query"]
    assert "Answer" in client.get(f"/analytics/{by_query}").text and "country" in result(client, by_query, "html")


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        (REPORT, {"report_type": "whole"}, "comprehensive"),
        (REPORT, {"company_ids": []}, "company_ids"),
        (REPORT, {"since": "yesterday"}, "since"),
        (REPORT, {"since": "2026-02-31"}, "no day"),
        (REPORT, {"report_type": "comparison", "compare": {"by": "tag", "a": "x", "b": "x"}}, "two different"),
        (REPORT, {"report_type": "comparison", "compare": {"by": "day", "a": "x", "b": "2026-01-01"}}, "no day"),
        (REPORT, {"compare": {"by": "tag", "a": "x", "b": "y"}}, "comparison"),
        (ANALYZE, {"query": "count where industy known"}, "did you mean industry"),
        (ANALYZE, {"query": "count where industry = 'Software"}, "quotes, which end"),
        (ANALYZE, {"measure": "mean"}, "of FIELD"),
        (ANALYZE, {"measure": "count", "group_by": "industry by country"}, "each once"),
        (ANALYZE, {"query": "count where " + "not (" * 60 + "phones known"}, "not more than"),
    ],
)
def test_wrong_input_is_refused(client: FlaskClient, path: str, body: dict[str, object], says: str) -> None:
    reply = client.post(path, json=body)
    assert reply.status_code == 422 and says in reply.text, reply.text


def test_the_forms_lead_to_the_report(client: FlaskClient) -> None:
    empty = client.get("/analytics").text
    assert "Nothing was made yet" in empty
    token = empty.split('name="csrf_token" value="')[1].split('"')[0]

    def send(**fields: str) -> str:
        return client.post("/analytics", data={"csrf_token": token, **fields}, follow_redirects=True).text

    companies.stored(companies.some(5))
    waiting = send(report_type="comparison", by="tag", a="vip", b="cold")
    assert "Load this page again" in waiting
    inline.run_until_idle()
    job = re.search(r'href="/jobs/([^"]+)"', waiting)
    assert job and "Companies with tags" in client.get(f"/analytics/{job[1]}").text
    assert "Nothing was asked" in send(query="count where x = 1")
    assert client.get("/analytics/unknown").status_code == 404


def test_hostile_texts_and_other_owners(key_client: Callable[..., FlaskClient]) -> None:
    mine, theirs, viewer = key_client("operator", name="a"), key_client("operator", name="b"), key_client("viewer", name="c")
    owner, at = mine.key.id, companies.NOW_MS  # type: ignore[attr-defined]
    facts = {name: Fact(value=f"{BAD}{name}", source=f"import: {BAD}", at_ms=at) for name in ("industry", "country", "phones")}
    state.put([state.Update(owner, "", "a.example", BAD, "a", ("+1",), facts, (BAD,))])
    job = asked(mine, REPORT)
    for text in (mine.get(f"/analytics/{job}").text, result(mine, job, "html"), mine.get("/analytics").text):
        assert "<img" not in text and "Analytics" in text + "Analytics"
    assert "&lt;img" in result(mine, job, "html")
    assert theirs.get(f"/analytics/{job}").status_code == 404 == theirs.get(f"/api/v1/jobs/{job}/result").status_code
    assert theirs.post(ANALYZE, json={"query": f'count within "{job}"'}).status_code == 404
    assert f"/analytics/{job}" not in theirs.get("/analytics").text
    assert viewer.post(REPORT, json={}).status_code == 403 and "<form class" not in viewer.get("/analytics").text
    theirs_job = asked(theirs, ANALYZE, query="count")
    assert json.loads(result(theirs, theirs_job))["result"]["value"] == 0
