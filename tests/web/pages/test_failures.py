"""/failures: what failed by fingerprint, run again and muted."""

import csv
import html
import io
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

import errors
import queues
from state.store import connection
from tests.topics.operations.test_search import asked
from worker import inline

__all__ = ["asked"]

HOSTILE = "<img src=x onerror=alert(1)>"


@queues.job(queue="low", kind="testfail", retries=0)
def broken(says: str = "") -> None:
    """Fails, and says what it is told."""
    raise errors.DataError(says)


def failed(*messages: str, **labels: str) -> list[str]:
    """Jobs that failed with these messages."""
    ids = [queues.submit(broken, says, labels=labels).job_id for says in messages]
    inline.run_until_idle()
    return ids


def rows(client: FlaskClient, table: str = "failures", **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/failures", query_string={"format": "json", "table": table, **asked}).json  # type: ignore[assignment]
    return found


def test_failures_of_one_shape_are_one_row(client: FlaskClient) -> None:
    ids = failed("page 4 of 'a' is empty", "page 17 of 'b c' is empty", "nothing at https://a.com/x")
    found = {row["message"]: row for row in rows(client)}
    assert {message: row["count"] for message, row in found.items()} == {"page <n> of <text> is empty": 2, "nothing at <url>": 1}
    first = found["page <n> of <text> is empty"]
    assert (first["kind"], first["category"], first["last_day"], first["last_week"]) == ("testfail", "data", 2, 2)
    assert first["job"] in ids[:2] and first["hours"][-1] + first["hours"][-2] == 2
    page = client.get("/failures").text
    assert "page &lt;n&gt; of &lt;text&gt; is empty" in page and f"/jobs/{first['job']}" in page


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        ({"kind": "testfail"}, 2),
        ({"host": "a.com"}, 1),
        ({"category": "data"}, 2),
        ({"category": "network"}, 0),
        ({"text": "EMPTY"}, 1),
        ({"text": "never"}, 0),
    ],
)
def test_filters_of_the_address_choose_rows(client: FlaskClient, filters: dict[str, str], number: int) -> None:
    failed("it is empty", host="a.com")
    failed("it is full")
    assert len(rows(client, **filters)) == number
    assert client.get("/failures", query_string=filters).text.count("/mute") == number


def test_what_a_page_or_a_job_says_is_shown_as_text(client: FlaskClient) -> None:
    failed(HOSTILE, host=HOSTILE)
    page = client.get("/failures", query_string={"text": HOSTILE}).text
    assert "&lt;img" in page and "<img" not in page


def test_a_muted_fingerprint_is_folded_until_its_end(client: FlaskClient, store: Any) -> None:
    failed("it is empty")
    [row] = rows(client)
    name = row["fingerprint"]
    told = client.post(f"/failures/{name}/mute", data={"days": "7", "note": HOSTILE})
    assert told.status_code == 303 and rows(client) == []
    failed("it is empty")
    [muted] = rows(client, "muted")
    assert (muted["fingerprint"], muted["note"], muted["muted_by"], muted["count"]) == (name, HOSTILE, "local", 2)
    page = client.get("/failures").text
    assert "Muted: 1" in page and "&lt;img" in page and "<img" not in page
    assert 6 * 86400 < store.ttl(f"trawl:failures:{name}:muted") <= 7 * 86400 + 1
    store.delete(f"trawl:failures:{name}:muted")  # its time is over
    assert [one["fingerprint"] for one in rows(client)] == [name]
    client.post(f"/failures/{name}/mute", data={"days": "1"})
    client.post(f"/failures/{name}/unmute")
    assert len(rows(client)) == 1


@pytest.mark.parametrize("days", ["", "x", "0", "-1", "1e9", "nan"])
def test_a_wrong_length_of_a_mute_is_refused(client: FlaskClient, days: str) -> None:
    failed("it is empty")
    name = rows(client)[0]["fingerprint"]
    assert client.post(f"/failures/{name}/mute", data={"days": days}).status_code == 422
    assert len(rows(client)) == 1


def test_an_unknown_fingerprint_is_not_found(client: FlaskClient) -> None:
    for name in ("0" * 16, "x", "*"):
        assert client.post(f"/failures/{name}/mute", data={"days": "1"}).status_code == 404


def test_the_empty_page_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/failures").text
    assert "No job has failed for good" in page and "manage.py status" in page


def test_a_viewer_sees_no_button(key_client: Callable[..., FlaskClient]) -> None:
    failed("it is empty")
    key_client("admin")
    page = key_client("viewer").get("/failures", headers={"Accept": "text/html"}).text
    assert "Mute" not in page and "Run all again" not in page
    assert key_client("viewer").post("/failures/0123456789abcdef/mute", data={"days": "1"}).status_code == 403


def test_a_key_sees_failures_of_its_own_jobs_only(key_client: Callable[..., Any]) -> None:
    mine, other, admin = key_client("operator"), key_client("operator"), key_client("admin")
    with queues.owned_by(mine.key.id):
        failed("mine is 1 empty", "mine is 2 empty")
    with queues.owned_by(other.key.id):
        failed("theirs is empty")
    assert [(row["message"], row["count"]) for row in rows(mine)] == [("mine is <n> empty", 2)]
    assert len(rows(admin)) == 2
    name = rows(other)[0]["fingerprint"]
    assert "Run all again" in mine.get("/failures").text and ">Mute<" not in mine.get("/failures").text
    assert mine.post(f"/failures/{name}/mute", data={"days": "1"}).status_code == 403


def test_a_file_has_all_rows_and_the_pages_lead_to_the_last(client: FlaskClient) -> None:
    letters = [f"{one}{other} is broken" for one in "abcdefgh" for other in "xyz"]
    failed(*letters)
    told = list(csv.DictReader(io.StringIO(client.get("/failures?format=csv").text.lstrip("\ufeff"))))
    assert sorted(row["message"] for row in told) == sorted(letters)
    seen, address = 0, "/failures?limit=5"
    while address:
        page = client.get(address).text
        seen += page.count("/mute")
        found = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0] if 'rel="next"' in page else ""
        address = found.replace("&amp;", "&")
    assert seen == len(letters)
    assert client.get("/failures?failures-cursor=x").status_code == 422


@pytest.mark.parametrize("order", ["", "day"])
def test_a_page_asks_redis_a_few_times(client: FlaskClient, asked: Counter[str], order: str) -> None:
    failed(*(f"{one}{other} is broken" for one in "abcdefgh" for other in "xyz"))
    client.get("/failures")
    asked.clear()
    client.get("/failures", query_string={"order": order})
    assert asked["round_trips"] <= 10, asked


def test_a_broken_key_keeps_no_job_from_its_end(client: FlaskClient) -> None:
    connection.client().set("trawl:failures", "x", ex=60)
    ids = failed("it is empty")
    assert connection.client().hget(f"rq:job:{ids[0]}", "status") == b"failed"
    assert client.get("/failures").status_code == 200


def test_rows_are_ordered_as_asked_and_new_ones_are_marked(client: FlaskClient, store: Any) -> None:
    failed("it is old", "it is old", "it is old")
    failed("it is many", "it is many")
    failed("it is last")
    [old] = rows(client, text="old")
    store.hset(f"trawl:failures:{old['fingerprint']}", mapping={"first": 1_700_000_000_000, "count": 9})
    number = int(connection.now().timestamp()) // 3600
    for hour in (number, number - 1):  # they failed days ago
        store.hdel(f"trawl:failures:{old['fingerprint']}", f"h{hour % 168}")
    for order, first in (("", "it is last"), ("day", "it is many"), ("count", "it is old")):
        assert rows(client, order=order)[0]["message"] == first
        pages = [client.get("/failures", query_string={"order": order, "limit": "1"}).text]
        while next_ := re.search(r'<a href="([^"]+)" rel="next">', pages[-1]):
            pages.append(client.get(html.unescape(next_[1])).text)
        told = [re.search(r'<th scope="row"[^>]*>([^<]+?) *<', page)[1].strip() for page in pages]  # type: ignore[index]
        assert told == [row["message"] for row in rows(client, order=order)]
    assert client.get("/failures").text.count(">new<") == 2
    assert client.get("/failures?order=odd").status_code == 422
