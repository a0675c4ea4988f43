"""Pages, batches, crawls and maps, as the commands of `scrape` have them."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from models import JobStatus
from state.scraping import keys as scraping_keys
from tests.topics.operations.test_jobs import job_in
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site

API = "/api/v1/scrapes"

QUICK = {"delay_between_requests": 0, "retry_delay": 0}


def post(client: FlaskClient, path: str, status: int = 202, **body: Any) -> Any:
    reply = client.post(API + path, json=body)
    assert reply.status_code == status, reply.text
    return reply.json


def test_one_page_is_scraped_and_fetched(client: FlaskClient, house: Site, work_off: Work) -> None:
    made = post(client, "", url=f"{house.url}/a", config=QUICK, tag="t")
    assert client.get(made["links"]["scrape"]).json["condition"] == "pending"
    assert [job["id"] for job in client.get("/api/v1/jobs?tag=t&host=127.0.0.1").json["items"]] == [made["id"]]
    work_off()
    seen = client.get(f"{API}/{made['id']}").json
    assert (seen["status"], seen["state"], seen["kind"], seen["percent"]) == ("completed", "SUCCESS", "page", 100.0)
    [record] = client.get(f"{API}/{made['id']}/result").json["results"]
    assert (record["title"], record["url"]) == ("A", f"{house.url}/a")


def test_a_page_that_failed_has_no_result_and_says_why(client: FlaskClient, house: Site, work_off: Work) -> None:
    made = post(client, "", url=f"{house.url}/gone", config=QUICK)
    work_off()
    assert client.get(f"{API}/{made['id']}/result").status_code == 409


def test_a_crawl_is_one_scrape_with_sums(client: FlaskClient, house: Site, work_off: Work) -> None:
    """G6: found = done + skipped + failed + pending."""
    made = post(client, "/crawl", url=f"{house.url}/", expected_pages=10, config=QUICK)
    work_off(1)
    assert [one["id"] for one in client.get(API).json["items"]] == [made["id"]]
    work_off()
    seen = client.get(f"{API}/{made['id']}").json
    assert (seen["condition"], seen["found"], seen["done"], seen["failed"], seen["pending"]) == ("complete", 4, 3, {"data": 1}, 0)
    assert client.get(API).json == {"items": [], "next": None}


def test_a_map_names_addresses(client: FlaskClient, house: Site, work_off: Work) -> None:
    made = post(client, "/map", url=f"{house.url}/")
    work_off()
    urls = [one["url"] for one in client.get(f"{API}/{made['id']}/result").json["results"]]
    assert urls == [f"{house.url}{path}" for path in ("/", "/a", "/b", "/gone")]


def test_a_batch_is_stopped_continued_and_its_failed_pages_tried_again(client: FlaskClient, house: Site, work_off: Work) -> None:
    made = post(client, "/batch", urls=[f"{house.url}/a", f"{house.url}/gone"], config=QUICK)
    at = f"/{made['id']}"
    assert post(client, f"{at}/stop", 200)["condition"] == "stopped"
    assert post(client, f"{at}/stop", 200)["condition"] == "stopped"
    work_off()
    assert client.get(API + at).json["pending"] == 2
    assert client.post(f"{API}{at}/continue").status_code == 200  # without a body
    assert client.post(f"{API}{at}/replay").status_code == 409  # it runs
    work_off()
    assert client.get(API + at).json["condition"] == "complete"
    assert client.post(f"{API}{at}/continue").status_code == 409
    assert client.post(f"{API}{at}/replay", json={"categories": ["network"]}).status_code == 409
    child = post(client, f"{at}/replay", categories=["data"])
    work_off()
    seen = client.get(f"{API}/{child['id']}").json
    assert (seen["parent"], seen["found"], seen["condition"]) == (made["id"], 1, "failed")


def test_a_stopped_crawl_goes_on_when_its_job_is_tried_again(client: FlaskClient, house: Site, work_off: Work) -> None:
    made = post(client, "/crawl", url=f"{house.url}/", config=QUICK)
    work_off(1)
    client.delete(f"{API}/{made['id']}")
    again = client.post(f"/api/v1/jobs/{made['id']}/retry")
    assert again.status_code == 202 and again.json["id"] == made["id"] and again.json["status"] == "running"
    work_off()
    assert client.get(f"{API}/{made['id']}").json["condition"] == "complete"


def test_kept_pages_are_read_again_by_a_job_that_says_what_changed(client: FlaskClient, house: Site, work_off: Work) -> None:
    """G10: free re-parse."""
    made = post(client, "/crawl", url=f"{house.url}/", config=QUICK)
    work_off()
    requests = house.requests
    job = post(client, f"/{made['id']}/reparse", config={"extract_links": True})
    assert job["queue"] == "low"
    [done] = [one for one in work_off() if "changes" in one]
    assert (done["read"], done["changed"], done["problems"]) == (3, 3, []) and house.requests == requests
    assert done["changes"][0]["changed"] == ["links"]
    assert post(client, f"/{made['id']}/reparse", 422, config={"x": 1})["errors"][0]["field"] == "config.x"


@pytest.mark.parametrize("verb", ["stop", "continue", "replay", "reparse"])
def test_what_is_done_to_an_unknown_scrape_is_404(client: FlaskClient, verb: str) -> None:
    assert client.post(f"{API}/nobody/{verb}").status_code == 404
    assert client.get(f"{API}/nobody").status_code == 404


def test_a_job_of_another_kind_is_no_scrape(client: FlaskClient) -> None:
    job_id = job_in(JobStatus.COMPLETED)
    assert client.post(f"{API}/{job_id}/stop").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field", "says"),
    [
        ("/batch", {"urls": []}, "urls", "1 item"),
        ("/batch", {"urls": ["https://example.com/", "nope"]}, "urls", "address 2"),
        ("/batch", {"urls": "https://example.com/"}, "urls", "list"),
        ("/batch", {"urls": ["https://example.com/"], "config": {"concurrency": 0}}, "config.concurrency", "greater"),
        ("/crawl", {"url": "https://example.com/", "expected_pages": "many"}, "expected_pages", "integer"),
        ("/map", {"url": "file:///etc/passwd"}, "url", "http"),
        ("", {"url": "https://example.com/", "config": {"render": True, "use_stealth": True}}, "config", "exclude"),
        ("", {"url": "https://example.com/", "config": {"custom_selectors": {"title": "h1["}}}, "config", "custom_selectors"),
    ],
)
def test_a_wrong_field_is_named(client: FlaskClient, path: str, body: dict[str, Any], field: str, says: str) -> None:
    told = post(client, path, 422, **body)
    assert [(error["field"], says in error["message"]) for error in told["errors"]] == [(field, True)]


def test_an_option_whose_extra_is_missing_says_what_installs_it(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import errors

    def missing(mode: str) -> None:
        raise errors.ConfigError("render needs `pip install -r requirements-browser.txt`.")

    monkeypatch.setattr("clients.fetch.check_mode", missing)
    told = post(client, "", 503, url="https://example.com/", config={"render": True})
    assert "requirements-browser.txt" in told["detail"]


def test_a_list_of_scrapes_goes_on_where_it_ended(client: FlaskClient, store: Any) -> None:
    made = [post(client, "/crawl", url=f"https://example.com/{number}")["id"] for number in range(3)]
    for number, one in enumerate(made):
        store.hset(scraping_keys.ledger(one), "state", "running")
        store.zadd(scraping_keys.LEDGERS, {one: number})
    first = client.get(f"{API}?limit=2").json
    second = client.get(f"{API}?limit=2&cursor={first['next']}").json
    assert [one["id"] for one in [*first["items"], *second["items"]]] == made[::-1] and second["next"] is None
    assert client.get(f"{API}?cursor=x").status_code == 422


def test_pages_are_read_part_by_part_also_while_the_crawl_goes_on(client: FlaskClient, house: Site, work_off: Work) -> None:
    """firecrawl#4374: looking at a crawl that goes on never waits for it."""
    made = post(client, "/crawl", url=f"{house.url}/", config=QUICK)["id"]
    early = client.get(f"{API}/{made}/pages").json
    assert (early["items"], early["next"], early["total"], early["status"]) == ([], None, 0, "pending")
    work_off()
    first = client.get(f"{API}/{made}/pages?limit=2").json
    second = client.get(f"{API}/{made}/pages?limit=2&cursor={first['next']}").json
    assert {page["title"] for page in [*first["items"], *second["items"]]} == {"Home", "A", "B"}
    assert (first["total"], second["next"], second["state"]) == (3, None, "SUCCESS")
    [failed] = client.get(f"{API}/{made}/problems").json["items"]
    assert failed["outcome"] == "failed" and failed["url"].endswith("/gone")
    assert client.get(f"{API}/nobody/pages").status_code == 404
    assert client.get(f"{API}/{job_in(JobStatus.COMPLETED)}/pages").status_code == 404
    assert client.get(f"{API}/{made}/pages?cursor=x").status_code == 422
