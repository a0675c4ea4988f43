"""/webhooks: added with a secret that is shown once, listed with how it goes, tested, switched, sent again, removed."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

import queues
from state.webhooks import deliveries as stored_deliveries
from state.webhooks import endpoints as stored
from state.webhooks import keys
from state.webhooks.deliveries import New
from state.webhooks.endpoints import Endpoint
from tests.topics.webhooks.conftest import receiver as receiver
from tests.topics.webhooks.receiver import Receiver
from tests.web.pages.people import HOSTILE, Browser, is_escaped, pages_of, quick_hashes, round_trips
from topics.webhooks import endpoints
from worker import inline


@queues.job(queue="low", kind="told", retries=0)
def work() -> str:
    """Ends."""
    return "done"


def add(client: FlaskClient, url: str = "https://example.com/hook/s3cret?k=t0ken", **fields: Any) -> tuple[str, str]:
    """A webhook: its id and its secret."""
    page = client.post("/webhooks", data={"url": url, "name": "mine", "events": ["completed"], **fields})
    assert page.status_code == 201, page.text
    [secret] = re.findall(r"whsec_[\w-]+", page.text)
    return endpoints.standing()[-1].id, secret


def delivery(webhook: str, number: int) -> str:
    name = f"{number:08x}-0000-0000-0000-000000000000"
    stored_deliveries.accept([New(name, webhook, HOSTILE, f"job{number}", "{}")])
    return name


def test_a_first_visit_says_what_to_do(client: FlaskClient) -> None:
    assert "webhook add URL" in client.get("/webhooks").text


def test_the_secret_is_shown_once_and_is_in_no_address_cookie_cache_or_audit(client: FlaskClient) -> None:
    page = client.post("/webhooks", data={"url": "https://example.com/h", "name": "mine", "events": "failed"})
    [secret] = set(re.findall(r"whsec_[\w-]+", page.text))
    assert page.status_code == 201 and page.headers["Cache-Control"] == "no-store" and "Location" not in page.headers
    assert "Set-Cookie" not in page.headers
    webhook = endpoints.standing()[0].id
    for path in ("/webhooks", f"/webhooks/{webhook}", "/webhooks?format=json", "/webhooks?format=csv", "/audit"):
        assert secret not in client.get(path).text
    assert "https://example.com/h" not in client.get("/audit").text  # an address is often a secret itself


def test_a_webhook_says_how_it_goes_without_what_is_secret_in_its_address(client: FlaskClient) -> None:
    webhook, _ = add(client)
    stored.write(webhook, failures=3, delivered=5, failing_since_ms=1_800_000_000_000)
    delivery(webhook, 1)
    page = client.get("/webhooks").text
    assert "failing" in page and "failed, 3 in a row" in page and "s3cret" not in page and "t0ken" not in page
    [row] = json.loads(client.get("/webhooks?format=json").text)
    assert (row["state"], row["waiting"], row["delivered"]) == ("failing", 1, 5)
    assert webhook in client.get("/webhooks?state=failing").text and webhook not in client.get("/webhooks?state=off").text


def test_a_delivery_is_shown_with_what_was_answered_and_is_sent_again(client: FlaskClient, receiver: Receiver) -> None:
    webhook, _ = add(client, receiver.url)
    queues.submit(work)
    inline.run_until_idle()
    page = client.get(f"/webhooks/{webhook}").text
    assert "delivered" in page and "HTTP 200" in page and "/jobs/" in page
    [name] = set(re.findall(r'name="delivery" value="([\w-]+)"', page))
    assert client.post(f"/webhooks/{webhook}/resend", data={"delivery": name}).status_code == 303
    inline.run_until_idle()
    assert len(receiver.received) == 2
    assert client.post(f"/webhooks/{webhook}/resend", data={"delivery": "x"}).status_code == 404


def test_a_test_says_what_was_answered_as_text(client: FlaskClient, receiver: Receiver) -> None:
    webhook, _ = add(client, receiver.url)
    sent = client.post(f"/webhooks/{webhook}/test")
    assert sent.status_code == 303
    assert "The test was delivered" in client.get(f"/webhooks/{webhook}").text


def test_it_is_switched_off_and_on_and_removed_after_a_question(client: FlaskClient) -> None:
    webhook, _ = add(client)
    client.post(f"/webhooks/{webhook}/off")
    assert "switched off by local" in client.get(f"/webhooks/{webhook}").text
    client.post(f"/webhooks/{webhook}/on")
    assert endpoints.find(webhook).off == ""
    delivery(webhook, 1)
    asked = client.post(f"/webhooks/{webhook}/remove")
    assert "its 1 deliveries" in asked.text or "1 delivery" in asked.text
    assert endpoints.standing()
    client.post(f"/webhooks/{webhook}/remove", data={"confirmed": "1"})
    assert endpoints.standing() == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"url": "ftp://example.com"}, "http"),
        ({"url": "http://127.0.0.1/x"}, "127.0.0.1"),
        ({"name": HOSTILE}, "the name of a webhook"),
        ({"events": "nonsense"}, "there is no"),
        ({"kinds": "a b"}, "no kind"),
        ({"style": "x"}, "no style"),
    ],
)
def test_a_form_that_is_wrong_says_why_and_keeps_what_was_typed(client: FlaskClient, fields: dict[str, str], says: str) -> None:
    page = client.post("/webhooks", data={"url": "https://example.com/", "name": "mine", "events": "failed", **fields})
    assert page.status_code == 422 and says in page.text and "<img" not in page.text and endpoints.standing() == []


def test_hostile_text_is_text(client: FlaskClient, store: Any) -> None:
    parts = (HOSTILE, "trawl", ("failed",), ("told",), "", {HOSTILE: "x"}, {}, "", "", HOSTILE)
    stored.put(Endpoint("abcd" * 4, "https://example.com/", *parts), 1, 0)
    webhook, _ = add(client)
    attempt = {"at": "now", "ok": False, "status": 500, "ms": 3, "says": HOSTILE, "reply": HOSTILE}
    store.hset(keys.delivery(delivery(webhook, 1)), "attempts", json.dumps([attempt]))
    for page in ("/webhooks", "/webhooks/" + "abcd" * 4, f"/webhooks/{webhook}"):
        assert is_escaped(client.get(page).text)


def test_webhooks_that_came_with_a_job_are_found_by_it(client: FlaskClient) -> None:
    endpoints.register("job1", "https://example.com/of-job")
    assert "https://example.com/of-job" in client.get("/webhooks?job=job1").text
    assert "of-job" not in client.get("/webhooks").text and "No webhook fits" in client.get("/webhooks?job=other").text
    webhook = endpoints.of_job("job1")[0].id
    assert 'href="/jobs/job1"' in client.get(f"/webhooks/{webhook}").text


def test_deliveries_go_on_to_the_last_page(client: FlaskClient) -> None:
    webhook, _ = add(client)
    names = {delivery(webhook, number) for number in range(7)}
    pages = pages_of(client, f"/webhooks/{webhook}?limit=3")
    assert len(pages) == 3 and {name for page in pages for name in re.findall(r"<code>([\w-]+)</code>", page)} == names
    assert len(json.loads(client.get(f"/webhooks/{webhook}?format=json").text)) == 7


def test_a_key_sees_its_own_only_and_a_viewer_has_no_buttons(key_client: Any) -> None:
    mine, other, viewer = key_client(), key_client(), key_client("viewer")
    webhook, _ = add(mine)
    assert endpoints.find(webhook).owner == mine.key.id
    assert webhook in mine.get("/webhooks").text and webhook not in other.get("/webhooks").text
    assert other.get(f"/webhooks/{webhook}").status_code == 404
    for action in ("test", "on", "off", "remove", "resend"):
        assert other.post(f"/webhooks/{webhook}/{action}").status_code == 404
        assert viewer.post(f"/webhooks/{webhook}/{action}").status_code == 403
    assert 'method="post"' not in viewer.get("/webhooks").text


def test_a_person_needs_the_token_of_the_session(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_hashes(monkeypatch)
    ada = Browser(app, "ada", "operator")
    fields = {"url": "https://example.com/", "name": "mine", "events": "failed"}
    assert ada.client.post("/webhooks", data=fields).status_code == 403
    foreign = ada.client.post("/webhooks", data={**fields, "csrf_token": ada.token}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403 and endpoints.standing() == []
    assert ada.post("/webhooks", **fields).status_code == 201


def test_many_webhooks_take_few_round_trips(client: FlaskClient, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(12):
        add(client)
    client.get("/webhooks")
    counted = round_trips(store, monkeypatch)
    assert client.get("/webhooks").status_code == 200 and len(counted) <= 10
