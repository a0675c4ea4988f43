"""The status of a crawl or batch: its four words, documents page by page, and `next` only where a further document is."""

import gzip
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

import config
from state.scraping.frontier import Told
from tests.web.conftest import shared_app
from tests.web.firecrawl.conftest import Batch, step
from topics.scraping import crawl, finished, stored
from web.app import create_app
from web.firecrawl import full_pages


def asked(client: FlaskClient, job_id: str, query: str = "", version: str = "v2", kind: str = "batch/scrape") -> dict[str, Any]:
    reply = client.get(f"/{version}/{kind}/{job_id}{query}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.get_json()
    assert found["success"] is True
    return found


def pages(client: FlaskClient, job_id: str, query: str = "") -> Iterator[dict[str, Any]]:
    """All pages of a status, as a client follows them."""
    page = asked(client, job_id, query)
    yield page
    while "next" in page:
        assert page["next"].startswith("http://localhost/v2/")
        page = client.get(page["next"].removeprefix("http://localhost")).get_json()
        yield page


def test_a_batch_without_a_document_yet_is_scraping_and_has_no_next(client: FlaskClient, batch: Batch) -> None:
    found = asked(client, batch(3, 0))
    assert (found["status"], found["completed"], found["total"], found["data"]) == ("scraping", 0, 3, [])
    assert "next" not in found and isinstance(found["creditsUsed"], int) and found["expiresAt"].endswith("Z")


@pytest.mark.parametrize(("count", "sizes"), [(100, [100]), (101, [100, 1]), (205, [100, 100, 5])])
@pytest.mark.parametrize("packed", [False, True])
def test_every_document_comes_once_over_the_pages(
    client: FlaskClient, batch: Batch, count: int, sizes: list[int], packed: bool
) -> None:
    found = list(pages(client, batch(count, packed=packed)))
    assert [len(page["data"]) for page in found] == sizes
    urls = [document["metadata"]["sourceURL"] for page in found for document in page["data"]]
    assert len(set(urls)) == count
    assert {(page["status"], page["completed"], page["total"]) for page in found} == {("completed", count, count)}


def test_a_page_has_ten_megabytes_of_documents_or_one_that_is_larger(client: FlaskClient, batch: Batch) -> None:
    large = batch(2, markdown="x" * (12 * 2**20))
    assert [len(page["data"]) for page in pages(client, large)] == [1, 1]
    assert [len(page["data"]) for page in pages(client, batch(5, markdown="x" * (4 * 2**20)))] == [2, 2, 1]


def test_while_it_runs_next_is_there_only_where_a_further_document_is(client: FlaskClient, batch: Batch) -> None:
    running = batch(300, 150)
    first, second = pages(client, running)
    assert (len(first["data"]), len(second["data"])) == (100, 50) and "next" not in second
    assert first["status"] == "scraping" and first["completed"] == 150 < first["total"]


def test_what_was_read_keeps_its_place_while_the_batch_goes_on(client: FlaskClient, batch: Batch) -> None:
    running = batch(250, 120)
    before = [one["metadata"]["sourceURL"] for one in asked(client, running)["data"]]
    again = [one["metadata"]["sourceURL"] for one in asked(client, running, "?skip=20&limit=30")["data"]]
    assert again == before[20:50]


def test_a_limit_of_nothing_gives_no_document_and_no_next(client: FlaskClient, batch: Batch) -> None:
    found = asked(client, batch(5), "?limit=0")
    assert found["data"] == [] and "next" not in found and found["total"] == 5


def test_a_cancel_while_paging_ends_the_pages(client: FlaskClient, batch: Batch) -> None:
    running = batch(300, 150)
    first = asked(client, running)
    assert client.delete(f"/v2/batch/scrape/{running}").get_json()["status"] == "cancelled"
    second = client.get(first["next"].removeprefix("http://localhost")).get_json()
    assert (second["status"], len(second["data"])) == ("cancelled", 50) and "next" not in second
    assert client.delete(f"/v2/batch/scrape/{running}").status_code == 200


def test_what_is_over_cannot_be_cancelled(client: FlaskClient, batch: Batch) -> None:
    reply = client.delete(f"/v2/batch/scrape/{batch(2)}")
    assert (reply.status_code, reply.get_json()["success"]) == (409, False)


def test_next_behind_a_proxy_has_its_scheme_and_host(batch: Batch, key_client: Any) -> None:
    key = {"Authorization": f"Bearer {key_client('admin').secret}"}
    with config.overridden(trusted_proxies=1):
        client = create_app().test_client()
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "trawl.example", "X-Forwarded-For": "192.0.2.1", **key}
        found = client.get(f"/v2/batch/scrape/{batch(101)}", headers=headers).get_json()
        below = client.get(f"/v2/crawl/{batch(101)}", headers={**headers, "X-Forwarded-Prefix": "/tools/trawl"}).get_json()
    assert found["next"].startswith("https://trawl.example/v2/batch/scrape/")
    assert below["next"].startswith("https://trawl.example/tools/trawl/v2/crawl/")
    with config.overridden(public_url="https://public.example"):
        found = shared_app().test_client().get(f"/v1/crawl/{batch(101)}", headers=key).get_json()
    assert found["next"].startswith("https://public.example/v1/crawl/")


def test_ids_of_one_version_are_known_to_the_other(client: FlaskClient, batch: Batch) -> None:
    job = batch(2)
    for version in ("v1", "v2"):
        for kind in ("crawl", "batch/scrape"):
            assert asked(client, job, version=version, kind=kind)["completed"] == 2


def test_a_job_of_another_key_is_unknown(key_client: Any, polite: None) -> None:
    ours, theirs, admin = key_client(), key_client(), key_client("admin")
    job = theirs.post("/v2/batch/scrape", json={"urls": ["https://a.example/"]}).get_json()["id"]
    crawl_id = theirs.post("/v2/crawl", json={"url": "https://a.example/"}).get_json()["id"]
    for method, path in (("get", ""), ("get", "/errors"), ("delete", "")):
        reply = getattr(ours, method)(f"/v2/crawl/{job}{path}")
        assert (reply.status_code, reply.get_json()) == (404, ours.get("/v2/crawl/none").get_json())
    assert ours.get("/v2/crawl/none").get_json()["error"] == "Job not found"
    seen = {who: [one["id"] for one in who.get("/v2/crawl/active").get_json()["crawls"]] for who in (ours, theirs, admin)}
    assert list(seen.values()) == [[], [crawl_id], [crawl_id]]
    assert asked(theirs, job)["total"] == 1 == asked(admin, job)["total"]


def test_a_viewer_reads_and_starts_nothing(key_client: Any, batch: Batch) -> None:
    viewer = key_client("viewer")
    assert viewer.get("/v2/team/queue-status").status_code == 200
    for path in ("scrape", "crawl", "batch/scrape", "map", "search"):
        reply = viewer.post(f"/v2/{path}", json={"url": "https://a.example/"})
        assert (reply.status_code, reply.get_json()["success"]) == (403, False)


def test_without_a_key_and_with_a_wrong_one_it_is_401_in_their_form(key_client: Any, client: FlaskClient) -> None:
    key_client()
    for headers in ({}, {"Authorization": "Bearer fc-wrong"}):
        reply = client.post("/v2/scrape", json={"url": "https://a.example/"}, headers=headers)
        assert (reply.status_code, reply.get_json()["success"]) == (401, False) and reply.get_json()["error"]


def test_a_crawl_of_a_key_with_few_pages_left_is_shorter_and_says_so(key_client: Any, polite: None) -> None:
    poor = key_client(pages_a_month=20)
    assert poor.get("/v2/team/credit-usage").get_json()["data"]["remainingCredits"] == 20
    job = poor.post("/v2/crawl", json={"url": "https://a.example/", "limit": 50}).get_json()["id"]
    assert "20 pages" in asked(poor, job)["warning"]
    none_left = poor.post("/v2/crawl", json={"url": "https://a.example/"})
    assert (none_left.status_code, none_left.get_json()["success"]) == (402, False)


def test_who_asks_again_with_the_etag_is_answered_without_documents(client: FlaskClient, batch: Batch) -> None:
    job = batch(10, 5)
    first = client.get(f"/v2/crawl/{job}")
    same = {"If-None-Match": first.headers["ETag"]}
    assert (client.get(f"/v2/crawl/{job}", headers=same).status_code, client.get(f"/v2/crawl/{job}").status_code) == (304, 200)
    crawl.stop(job)
    assert client.get(f"/v2/crawl/{job}", headers=same).status_code == 200


def test_a_page_is_packed_for_who_takes_that(client: FlaskClient, batch: Batch) -> None:
    job = batch(100)
    packed = client.get(f"/v2/crawl/{job}", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    plain = client.get(f"/v2/crawl/{job}", headers={"Accept-Encoding": "gzip;q=0"})
    assert json.loads(gzip.decompress(packed.data))["data"] == plain.get_json()["data"]


def test_twenty_clients_that_poll_one_crawl_get_the_same(batch: Batch) -> None:
    job = batch(205, packed=True)
    found: list[list[str]] = []

    def poll() -> None:
        with shared_app().test_client() as client:
            found.append([one["metadata"]["sourceURL"] for page in pages(client, job) for one in page["data"]])

    threads = [threading.Thread(target=poll) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and all(one == found[0] and len(one) == 205 for one in found)


def test_a_page_of_a_long_batch_reads_only_the_objects_that_hold_it(
    client: FlaskClient, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, read = batch(650, packed=True), list[str]()
    monkeypatch.setattr(finished, "_kept", kept := finished.Kept())
    lines = kept.lines
    monkeypatch.setattr(kept, "lines", lambda key: read.append(key) or lines(key))
    assert len(asked(client, job, "?skip=600")["data"]) == 50
    assert len(read) == 1


def test_pages_that_failed_count_as_completed_and_stand_in_errors(client: FlaskClient, batch: Batch) -> None:
    job = batch(2, 0)
    page = step(job)
    record = {"n": page.n, "url": page.url, "outcome": "failed", "category": "blocked", "error": "answered with a captcha page"}
    failed = told_of(record)
    page = step(job, failed, page.token)
    robots = {"n": page.n, "url": page.url, "outcome": "skipped", "reason": "robots"}
    step(job, told_of(robots, "skipped:robots"), page.token)
    found = asked(client, job)
    assert (found["status"], found["completed"], found["total"], found["data"]) == ("failed", 1, 1, [])
    assert found["creditsUsed"] == 0 and "First: https://a.example/p0: answered with a captcha page." in found["warning"]
    told = client.get(f"/v2/crawl/{job}/errors").get_json()
    assert told["robotsBlocked"] == ["https://a.example/p1"]
    assert [(one["url"], one["code"], one["error"]) for one in told["errors"]] == [
        ("https://a.example/p0", "BLOCKED", "answered with a captcha page")
    ]


def told_of(record: dict[str, Any], outcome: str = "failed:blocked") -> Told:
    """What a lane tells of a page."""
    return Told(outcome, stored.pack(record))


def test_pages_of_a_status_do_not_count_against_the_rate_of_a_key(key_client: Any, batch: Batch) -> None:
    """Python's SDK takes a 429 between two pages for the end of the documents, and says nothing."""
    busy, job = key_client("admin", rate=2), batch(205)
    assert sum(len(page["data"]) for page in pages(busy, job)) == 205
    assert [busy.get("/v2/team/queue-status").status_code for _ in range(3)] == [200, 200, 429]


def test_a_page_that_is_full_is_written_once(client: FlaskClient, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    job, read = batch(150, packed=True), list[int]()
    done = finished.done
    monkeypatch.setattr(finished, "done", lambda *asked: read.append(asked[1]) or done(*asked))
    first, again = list(pages(client, job)), list(pages(client, job))
    assert [page["data"] for page in first] == [page["data"] for page in again] and read == [0, 100, 100]


def test_kept_pages_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_pages, "MOST_BYTES", 100)
    full_pages.forget()
    for number in range(10):
        full_pages.keep(("job", number, 1), ["x" * 20])
    assert [number for number in range(10) if full_pages.find(("job", number, 1))] == [5, 6, 7, 8, 9]
    full_pages.keep(("job", 11, 1), ["x" * 30])
    assert full_pages.find(("job", 11, 1)) is None
    full_pages.forget()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_status_has_the_addresses_of_their_guides_too(client: FlaskClient, batch: Batch, version: str) -> None:
    made = batch(2)
    for kind in ("crawl/status", "batch/scrape/status"):
        assert len(asked(client, made, version=version, kind=kind)["data"]) == 2


def test_problems_come_by_delete_too_and_nothing_is_deleted(client: FlaskClient, batch: Batch) -> None:
    made = batch(2, 1)
    by_get, by_delete = (call(f"/v1/batch/scrape/{made}/errors") for call in (client.get, client.delete))
    assert by_delete.status_code == 200 and by_delete.get_json() == by_get.get_json()
    assert asked(client, made)["status"] == "scraping"
