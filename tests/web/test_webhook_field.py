"""The field `webhook` of a submit: told of that job alone, once, also where another job does the work."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.topics.webhooks.conftest import receiver as receiver
from tests.topics.webhooks.receiver import Receiver
from topics.webhooks import endpoints
from worker import inline

SUBMIT = "/api/v1/jobs"


def submit(client: FlaskClient, key: str = "", **fields: Any) -> dict[str, Any]:
    body = {"task": "process_content", "arguments": {"content": "<p>Hello</p>"}, **fields}
    reply = client.post(SUBMIT, json=body, headers={"Idempotency-Key": key} if key else {})
    assert reply.status_code == 202, reply.get_data(as_text=True)
    return dict(reply.get_json())


def test_an_address_alone_is_told_of_the_end(client: FlaskClient, receiver: Receiver) -> None:
    endpoints.new_secret_of("")
    made = submit(client, webhook=receiver.url)
    submit(client)
    inline.run_until_idle()
    assert [(one.json["type"], one.json["id"]) for one in receiver.received] == [("job.completed", made["id"])]
    assert not [text for text in made["warnings"] if "signed" in text]


def test_an_object_says_more(client: FlaskClient, receiver: Receiver) -> None:
    webhook = {"url": receiver.url, "events": ["started"], "metadata": {"a": [1]}, "headers": {"X-A": "b"}}
    made = submit(client, webhook=webhook)
    assert any("not signed" in text for text in made["warnings"])
    inline.run_until_idle()
    [got] = receiver.received
    assert got.json["type"] == "job.started" and got.json["metadata"] == {"a": [1]} and got.headers["x-a"] == "b"


def test_a_request_that_is_sent_again_is_told_of_once(client: FlaskClient, receiver: Receiver) -> None:
    first, second = (submit(client, "k1", webhook=receiver.url) for _ in "12")
    assert first["id"] == second["id"]
    inline.run_until_idle()
    submit(client, "k1", webhook=receiver.url)
    inline.run_until_idle()
    assert len(receiver.received) == 1


def test_where_another_job_does_the_work_its_end_is_told(client: FlaskClient, receiver: Receiver) -> None:
    first = submit(client, dedup_key="same")
    second = submit(client, dedup_key="same", webhook=receiver.url)
    assert second["duplicate_of"] == first["id"]
    inline.run_until_idle()
    assert [one.json["id"] for one in receiver.received] == [first["id"]]


@pytest.mark.parametrize(
    ("webhook", "says"),
    [
        ("http://10.0.0.1/", "FETCH_ALLOW_NETWORKS"),
        ("nonsense", "webhook"),
        ("https://example.com/" + "x" * 2000, "webhook.url"),
        ({"url": "https://example.com/", "events": []}, "events"),
        ({"url": "https://example.com/", "headers": {"Host": "x"}}, "Host"),
        ({"url": "https://example.com/", "secret": "x"}, "secret"),
        ({}, "url"),
        (5, "webhook"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_submitted(client: FlaskClient, store: Any, webhook: Any, says: str) -> None:
    body = {"task": "process_content", "arguments": {"content": "x"}, "webhook": webhook}
    reply = client.post(SUBMIT, json=body)
    assert reply.status_code == 422 and says in json.dumps(reply.get_json())
    assert not list(store.scan_iter("trawl:webhook*")) and not list(store.scan_iter("rq:job:*"))
