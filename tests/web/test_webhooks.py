"""The routes of webhooks: added with a secret that is shown once, listed, tested, switched, removed; deliveries and resend."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

import queues
from tests.topics.webhooks.conftest import receiver as receiver
from tests.topics.webhooks.receiver import Receiver
from topics.webhooks import endpoints
from web import access
from worker import inline

BASE = "/api/v1/webhooks"


@queues.job(queue="low", kind="told", retries=0)
def work() -> str:
    """Ends."""
    return "done"


def add(client: FlaskClient, receiver: Receiver, **fields: Any) -> dict[str, Any]:
    reply = client.post(BASE, json={"url": receiver.url + "/secret-part?token=abc", "name": "mine", **fields})
    assert reply.status_code == 201, reply.get_data(as_text=True)
    assert reply.headers["Location"] == f"{BASE}/{reply.get_json()['id']}"
    return dict(reply.get_json())


def told(client: FlaskClient, webhook: str) -> list[dict[str, Any]]:
    return list(client.get(f"{BASE}/{webhook}/deliveries").get_json()["items"])


def test_its_secrets_are_shown_once_and_never_again(client: FlaskClient, receiver: Receiver) -> None:
    made = add(client, receiver, headers={"Authorization": "Bearer xyzzy"})
    assert made["secret"].startswith("whsec_") and made["created_at"]
    for path in (BASE, f"{BASE}/{made['id']}"):
        text = client.get(path).get_data(as_text=True)
        for hidden in (made["secret"], "xyzzy", "secret-part", "abc"):
            assert hidden not in text
    told_by_audit = client.get("/api/v1/audit").get_data(as_text=True)
    assert BASE in told_by_audit and "name=mine" in told_by_audit
    for hidden in (made["secret"], "xyzzy", "secret-part", "abc"):
        assert hidden not in told_by_audit
    shown = client.get(f"{BASE}/{made['id']}").get_json()
    assert shown["headers"] == ["Authorization"] and shown["url"].endswith("/hook/…?…")
    assert shown["state"] == "on" and shown["signed"] is True


def test_deliveries_say_what_came_of_each_try_and_can_be_sent_again(client: FlaskClient, receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b"oh <script>alert(1)</script>"), (200, {}, b"ok")]
    made = add(client, receiver)
    job = queues.submit(work).job_id
    inline.run_until_idle()
    [first] = told(client, made["id"])
    assert (first["status"], first["tries"], first["job_id"], first["type"]) == ("pending", 1, job, "job.completed")
    assert first["attempts"][0]["status"] == 500 and first["attempts"][0]["reply"].startswith("oh ")
    assert client.get(f"{BASE}/{made['id']}").get_json()["state"] == "failing"

    again = client.post(f"{BASE}/{made['id']}/deliveries/{first['id']}/resend")
    assert again.status_code == 202
    inline.run_until_idle()
    [second] = told(client, made["id"])
    assert (second["id"], second["status"], len(second["attempts"])) == (first["id"], "delivered", 2)
    assert client.get(f"{BASE}/{made['id']}").get_json()["state"] == "on"


def test_the_list_of_deliveries_has_pages(client: FlaskClient, receiver: Receiver) -> None:
    made = add(client, receiver)
    for _ in range(5):
        queues.submit(work)
    inline.run_until_idle()
    seen, cursor = [], ""
    while True:
        page = client.get(f"{BASE}/{made['id']}/deliveries?limit=2&cursor={cursor}").get_json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 5


def test_a_test_says_what_came_of_it(client: FlaskClient, receiver: Receiver) -> None:
    made = add(client, receiver)
    found = client.post(f"{BASE}/{made['id']}/test").get_json()
    assert found["ok"] is True and found["status"] == 200 and found["reply"] == "thanks"
    assert receiver.received[0].json["type"] == "webhook.test"
    receiver.answers = [(404, {}, b"no")]
    found = client.post(f"{BASE}/{made['id']}/test").get_json()
    assert found["ok"] is False and found["message"] == "HTTP 404"


def test_it_is_switched_off_and_on_and_removed(client: FlaskClient, receiver: Receiver) -> None:
    made = add(client, receiver)
    assert client.patch(f"{BASE}/{made['id']}", json={"enabled": False}).get_json()["state"] == "off"
    queues.submit(work)
    inline.run_until_idle()
    assert not receiver.received
    assert client.patch(f"{BASE}/{made['id']}", json={"enabled": True}).get_json()["state"] == "on"
    assert client.delete(f"{BASE}/{made['id']}").get_json() == {"id": made["id"], "removed": True}
    assert client.get(f"{BASE}/{made['id']}").status_code == 404
    assert client.get(BASE).get_json() == {"items": [], "next": None}


def test_a_new_secret_signs_what_is_submitted_from_now_on(client: FlaskClient, receiver: Receiver) -> None:
    from topics import webhooks

    assert client.post(f"{BASE}/secret").get_json()["secret"].startswith("whsec_")
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url)
    [found] = client.get(f"{BASE}?job_id={job}").get_json()["items"]
    assert found["signed"] is True and found["job_id"] == job
    inline.run_until_idle()
    assert receiver.received[0].headers["x-trawl-signature"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"url": "http://10.0.0.1/"}, "FETCH_ALLOW_NETWORKS"),
        ({"url": "file:///etc/passwd"}, "http"),
        ({"url": "http://127.0.0.1:6379/"}, "port"),
        ({"name": "a\r\nb"}, "name"),
        ({"headers": {"Host": "x"}}, "Host"),
        ({"headers": {"X": "a\r\nY: b"}}, "control"),
        ({"headers": {"X": 5}}, "headers"),
        ({"events": ["ended"]}, "events"),
        ({"events": []}, "events"),
        ({"style": "odd"}, "style"),
        ({"nam": "x"}, "name"),
        ({"kinds": ["a b"]}, "kind"),
        ({"metadata": {"a": "x" * 5000}}, "metadata"),
    ],
)
def test_what_is_wrong_is_named(client: FlaskClient, body: dict[str, Any], says: str) -> None:
    reply = client.post(BASE, json={"url": "https://example.com/", "name": "mine", **body})
    assert reply.status_code == 422
    assert says in json.dumps(reply.get_json())
    assert client.get(BASE).get_json()["items"] == []


def test_unknown_and_foreign_ones_are_the_same_404(
    client: FlaskClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add(client, receiver)
    queues.submit(work)
    inline.run_until_idle()
    [delivery] = told(client, made["id"])
    monkeypatch.setattr(access, "may_see", lambda owner: owner == "k1")
    assert client.get(BASE).get_json()["items"] == []
    for id_ in (made["id"], "0123456789abcdef", "..%2f..", "x" * 61):
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("POST", "/test"),
            ("GET", "/deliveries"),
            ("POST", f"/deliveries/{delivery['id']}/resend"),
        ):
            reply = client.open(f"{BASE}/{id_}{path}", method=method)
            assert reply.status_code in (404, 422), (id_, method, path)
    assert client.patch(f"{BASE}/{made['id']}", json={"enabled": False}).status_code == 404
    assert len(receiver.received) == 1


def test_a_delivery_of_another_webhook_is_not_sent_again_by_this_one(client: FlaskClient, receiver: Receiver) -> None:
    first, second = add(client, receiver), add(client, receiver)
    queues.submit(work)
    inline.run_until_idle()
    [delivery] = told(client, first["id"])
    assert client.post(f"{BASE}/{second['id']}/deliveries/{delivery['id']}/resend").status_code == 404


def test_a_key_cannot_take_all_webhooks_that_there_may_be(key_client: Any, receiver: Receiver) -> None:
    greedy, other = key_client(name="greedy"), key_client(name="other")
    for _ in range(endpoints.MOST_OF_A_KEY):
        add(greedy, receiver)
    reply = greedy.post("/api/v1/webhooks", json={"url": receiver.url, "name": "one more"})
    assert reply.status_code == 403 and "this API key" in reply.get_json()["detail"]
    add(other, receiver)
