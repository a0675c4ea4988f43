"""Routes of companies: exactly as they are promised, checked, and each key sees its own."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from state.leads import companies
from tests import fakes
from tests.topics.leads import conftest as leads
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site, served
from topics.leads import adding

polite, site, work_off, bakery, quick = leads.polite, leads.site, leads.work_off, leads.bakery, leads.quick

JOBS = "/api/v1/jobs"


def posted(client: FlaskClient, path: str, **fields: Any) -> dict[str, Any]:
    reply = client.post(path, json=fields)
    assert reply.status_code == 202, reply.text
    return dict(reply.get_json())


def test_from_the_scrape_to_the_report(client: FlaskClient, bakery: Site, work_off: Work) -> None:
    made = posted(client, f"{JOBS}/scrape/company", company_url=bakery.url, priority="normal", tags=["a"])
    assert (
        made["queue"] == "default" and made["links"]["companies"] == f"http://localhost/api/v1/companies/results/{made['job_id']}"
    )
    assert client.get(made["links"]["companies"]).status_code == 410
    work_off()
    [row] = client.get("/api/v1/companies?tag=a&text=huber").get_json()["items"]
    assert (row["name"], row["city"], row["tags"], row["score"]) == ("Bäckerei Huber", "Ulm", ["a"], None)
    company = client.get(f"/api/v1/companies/{row['id']}").get_json()
    assert company["facts"]["phones"]["source"] == f"{bakery.url}/kontakt" and company["former"] == []
    assert client.get(made["links"]["companies"]).get_json()["company"] == row["id"]
    processed = posted(client, f"{JOBS}/process/data", company_ids=[row["id"]])
    assert processed["queue"] == "default"
    work_off()
    report = client.get(processed["links"]["companies"]).get_json()
    assert report["companies"] == 1 and set(report["reports"]) == {row["id"]}


def test_batches_and_searches(client: FlaskClient, bakery: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.use(monkeypatch, fakes.serp([bakery.url, "https://www.facebook.com/x"]))
    made = posted(client, f"{JOBS}/scrape/companies", company_urls=[bakery.url], priority="high")
    found = posted(client, f"{JOBS}/scrape/batch", search_queries=["bakery ulm"], max_results_per_query=5)
    assert made["queue"] == found["queue"] == "high"
    work_off()
    [item] = client.get(made["links"]["companies"]).get_json()["items"]
    assert item["status"] == "completed" and item["url"] == f"{bakery.url}/"
    told = client.get(found["links"]["companies"]).get_json()
    assert told["left_out"] == {"social": 1} and told["searches"][0]["hits"] == 2 and told["companies"] == 1
    assert companies.count(None) == 1


def test_what_became_of_companies_is_said_by_the_job_its_list_and_its_page(
    client: FlaskClient, bakery: Site, work_off: Work
) -> None:
    with served() as empty:
        lost = posted(client, f"{JOBS}/scrape/companies", company_urls=[empty.url.replace("127.0.0.1", "localhost")])
        some = posted(client, f"{JOBS}/scrape/companies", company_urls=[bakery.url, empty.url.replace("127.0.0.1", "localhost")])
        work_off()
    job = client.get(f"{JOBS}/{lost['job_id']}").get_json()
    assert job["status"] == "failed" and "No company was scraped" in str(job)
    assert client.get(lost["links"]["companies"]).get_json()["outcome"] == "failed"
    told = client.get(some["links"]["companies"]).get_json()
    assert (told["outcome"], told["companies"], told["failed"]) == ("partial", 1, 1)
    shown = client.get(f"/jobs/{lost['job_id']}", headers={"Accept": "text/html"}).text
    assert "No company was scraped" in shown


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("scrape/company", {"company_url": "ftp://example.com"}),
        ("scrape/company", {"company_url": "https://facebook.com/acme"}),
        ("scrape/company", {"company_url": "http://169.254.169.254/"}),
        ("scrape/company", {"company_url": "https://example.com/", "tags": ["x" * 61]}),
        ("scrape/company", {"company_url": "https://example.com/", "priority": "urgent"}),
        ("scrape/company", {}),
        ("scrape/companies", {"company_urls": []}),
        ("scrape/companies", {"company_urls": ["https://example.com/", "nonsense"]}),
        ("scrape/companies", {"company_urls": "https://example.com/"}),
        ("scrape/batch", {"search_queries": []}),
        ("scrape/batch", {"search_queries": ["  "]}),
        ("scrape/batch", {"search_queries": ["x"], "max_results_per_query": 101}),
        ("scrape/batch", {"search_queries": ["x"], "country": "germany"}),
        ("process/data", {"company_ids": []}),
        ("process/data", {"company_ids": "all"}),
    ],
)
def test_wrong_input_is_refused(client: FlaskClient, path: str, body: dict[str, Any]) -> None:
    assert client.post(f"{JOBS}/{path}", json=body).status_code == 422


def test_typed_tagged_imported_removed(client: FlaskClient) -> None:
    made = client.post("/api/v1/companies", json={"facts": {"site": "acme.de", "phones": "030 901820"}, "tags": ["x"]})
    where = made.headers["Location"]
    assert made.status_code == 201 and client.get(where).get_json()["facts"]["phones"]["value"] == ["+4930901820"]
    changed = client.patch(where, json={"facts": {"name": "Acme"}}).get_json()
    assert changed["changed"] == ["name"] and not changed["was_new"]
    for facts in ({"colour": 1}, {"country": "Atlantis"}):
        refused = client.patch(where, json={"facts": facts})
        assert refused.status_code == 422, refused.text
    ids = [where.rpartition("/")[2]]
    assert client.post("/api/v1/companies/tags", json={"company_ids": ids, "add": ["y"], "take": ["x"]}).get_json() == {
        "changed": 1
    }
    assert client.get(where).get_json()["tags"] == ["y"]
    body = "name,website\nBeta,beta.de\nX,a@b.example\n,facebook.com/x\n"
    told = client.post("/api/v1/companies/import?tag=crm&name=my.csv", data=body, content_type="text/csv").get_json()["result"]
    assert (told["added"], [one["line"] for one in told["bad"]]) == (2, [4])
    rows = client.get("/api/v1/companies?tag=crm").get_json()["items"]
    assert {row["name"]: row["site"] for row in rows} == {"Beta": "https://beta.de/", "X": ""}
    beta = next(row["id"] for row in rows if row["name"] == "Beta")
    assert client.get(f"/api/v1/companies/{beta}").get_json()["facts"]["site"]["source"] == "import: my.csv"
    assert client.delete(where).get_json()["name"] == "Acme"
    assert client.get(where).status_code == 404 == client.delete(where).status_code


def test_an_unknown_company_is_404_with_the_route_that_lists_them(client: FlaskClient) -> None:
    for path in ("data", "enrich", "scores"):
        told = client.post(f"{JOBS}/process/{path}", json={"company_ids": ["comp_123", "comp_456"]})
        assert told.status_code == 404 and "`GET /api/v1/companies` shows them" in told.get_json()["detail"]


def test_a_large_file_is_a_jobs_work(key_client: Callable[..., FlaskClient], work_off: Work) -> None:
    mine = key_client("operator", name="a")
    body = "name,website\n" + "".join(f"Company {n},c{n}.example.de\n" for n in range(10)) + "," * 70_000 + "\n"
    made = mine.post("/api/v1/companies/import?tag=t", data=body, content_type="text/csv")
    assert made.status_code == 202 and made.get_json()["result"] is None, made.text
    [told] = work_off()
    assert (told["added"], told["bad_count"]) == (1, 0), "all are hosts of one domain"
    assert mine.get("/api/v1/companies?tag=t").get_json()["items"][0]["domain"] == "example.de"


def test_a_key_sees_its_own(key_client: Callable[..., FlaskClient]) -> None:
    mine, theirs, admin = key_client("operator", name="a"), key_client("operator", name="b"), key_client("admin", name="c")
    viewer = key_client("viewer", name="d")
    where = mine.post("/api/v1/companies", json={"facts": {"name": "Acme"}}).headers["Location"]
    company = where.rpartition("/")[2]
    assert mine.get(where).status_code == 200 == admin.get(where).status_code
    assert theirs.get("/api/v1/companies").get_json()["items"] == []
    for reply in (
        theirs.get(where),
        theirs.delete(where),
        theirs.patch(where, json={"facts": {"name": "x"}}),
        theirs.post("/api/v1/companies/tags", json={"company_ids": [company], "add": ["y"]}),
        theirs.post(f"{JOBS}/process/data", json={"company_ids": [company]}),
        theirs.get(f"/leads/{company}"),
    ):
        assert reply.status_code == 404, reply.text
    assert theirs.post("/api/v1/companies", json={"facts": {"name": "Acme"}}).get_json()["was_new"], "two owners, two companies"
    assert viewer.post("/api/v1/companies", json={"facts": {"name": "x"}}).status_code == 403
    assert admin.get("/api/v1/audit?what=companies").get_json()["items"]


def test_the_pages(client: FlaskClient) -> None:
    assert "lead import FILE" in client.get("/leads").text
    made = adding.add({"name": "Acme", "site": "acme.de", "country": "DE"}, ["a"])
    assert f"/leads/{made.id}" in client.get("/leads?tag=a").text and made.id not in client.get("/leads?tag=b").text
    assert client.get("/leads?score=x").status_code == 422
    shown = client.get(f"/leads/{made.id}").text
    assert "no way to reach it" in shown and "typed" in shown
    token = shown.split('name="csrf_token" value="')[1].split('"')[0]

    def press(path: str, **fields: str) -> str:
        return str(client.post(path, data={"csrf_token": token, **fields}, follow_redirects=True).text)

    assert "Its tags are changed" in press(f"/leads/{made.id}/tags", add="b, c", take="a")
    assert companies.get([made.id], None)[0].tags == ("b", "c")  # type: ignore[union-attr]
    assert "works on it" in press(f"/leads/{made.id}/process") and "works on it" in press(f"/leads/{made.id}/scrape")
    assert "Nothing was submitted" in press("/leads", urls="facebook.com/acme")
    assert "This job works on it" in press("/leads", urls="example.com example.org", tags="x")
    assert "This job works on it" in press("/leads", queries="bakery", most="10", country="de", language="de")
    file = (io.BytesIO(b"name,website\nGamma,gamma.de\n,\n,facebook.com/x\n"), "my.csv")
    said = client.post("/leads/import", data={"csrf_token": token, "file": file, "tags": "t"}, follow_redirects=True).text
    assert "1 added, 0 were there, 1 lines left out. Line 4" in said and "gamma.de" in client.get("/leads?tag=t").text
    companies.remove(companies.by_domain("", ["gamma.de"])[0] or "")
    assert "cannot be taken back" in press(f"/leads/{made.id}/remove") and companies.count(None) == 1
    assert "Acme is removed" in press(f"/leads/{made.id}/remove", confirmed="1") and companies.count(None) == 0


def test_a_company_is_typed_as_other_services_send_one(client: FlaskClient) -> None:
    made = client.post("/api/v1/companies", json={"name": "Acme", "domain": "acme.de", "email": "a@acme.de", "tags": ["x"]})
    assert made.status_code == 201 and set(made.get_json()["changed"]) == {"name", "site", "emails"}
    told = client.get(made.headers["Location"]).get_json()
    assert (told["site"], told["facts"]["emails"]["value"], told["tags"]) == ("https://acme.de/", ["a@acme.de"], ["x"])
    both = client.post("/api/v1/companies", json={"name": "No", "facts": {"name": "Acme GmbH", "site": "acme.de"}})
    assert both.status_code == 201 and client.get(both.headers["Location"]).get_json()["name"] == "Acme GmbH"
    wrong = client.post("/api/v1/companies", json={"name": "Acme", "colour": "red"}).get_json()["errors"]
    assert [one["field"] for one in wrong] == ["colour"]
    assert client.post("/api/v1/companies", json={}).status_code == 422
    assert client.post("/api/v1/companies", json={"facts": 3}).status_code == 422


def test_companies_come_as_json_and_a_wrong_file_is_called_by_its_own_name(client: FlaskClient) -> None:
    told = client.post("/api/v1/companies/import", json=[{"name": "Acme", "website": "acme.de"}, {"name": "Beta"}])
    assert told.status_code == 200 and told.get_json()["result"]["added"] == 2
    packed = client.post("/api/v1/companies/import", data={"file": (io.BytesIO(b"\x1f\x8b\x08" + b"\0" * 50), "crm.csv.gz")})
    assert packed.status_code == 422 and packed.get_json()["detail"].startswith("crm.csv.gz is a gzip archive: unpack it first.")
