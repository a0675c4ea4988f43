"""`webhook`: the secret once, lists without secrets, a test with its exit code, deliveries and resend."""

import json
from typing import Any

import queues
from tests.commands.conftest import Run
from tests.topics.webhooks.conftest import receiver as receiver
from tests.topics.webhooks.receiver import Receiver
from worker import inline


@queues.job(queue="low", kind="told", retries=0)
def work() -> str:
    """Ends."""
    return "done"


def add(run: Run, receiver: Receiver, *options: str) -> dict[str, Any]:
    """A webhook, as --json says it."""
    found = run("webhook", "add", f"{receiver.url}/hidden?token=abc", "--name", "mine", "--json", *options)
    assert found.exit_code == 0, found.output
    return dict(json.loads(found.stdout))


def listed(run: Run, *options: str) -> list[dict[str, Any]]:
    return list(json.loads(run("webhook", *options, "--json").stdout))


def test_the_secret_is_shown_once(run: Run, receiver: Receiver) -> None:
    found = run("webhook", "add", receiver.url, "--name", "mine", "--header", "Authorization: Bearer xyzzy")
    secret = found.stdout.strip()
    assert secret.startswith("whsec_") and "not shown again" in found.stderr
    shown = run("webhook", "list").stdout + run("webhook", "list", "--json").stdout
    assert "mine" in shown and secret not in shown and "xyzzy" not in shown
    audit = run("audit", "--json").stdout
    assert "webhook add" in audit and secret not in audit and "xyzzy" not in audit and receiver.url not in audit


def test_without_webhooks_it_says_how_to_add_one(run: Run) -> None:
    assert "webhook add" in run("webhook", "list").stdout


def test_a_test_ends_with_1_where_it_does_not_arrive(run: Run, receiver: Receiver) -> None:
    made = add(run, receiver)
    found = run("webhook", "test", made["id"])
    assert found.exit_code == 0 and found.stdout.startswith("It arrived: HTTP 200")
    receiver.answers = [(500, {}, b"broken")]
    found = run("webhook", "test", made["id"])
    assert found.exit_code == 1 and "HTTP 500" in found.stdout and "broken" in found.stdout


def test_deliveries_are_listed_and_sent_again(run: Run, receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b""), (200, {}, b"")]
    made = add(run, receiver)
    job = queues.submit(work).job_id
    inline.run_until_idle()
    [found] = listed(run, "deliveries", made["id"])
    assert (found["status"], found["job_id"]) == ("pending", job)
    assert "sent again" in run("webhook", "resend", found["id"]).stdout
    inline.run_until_idle()
    [found] = listed(run, "deliveries")
    assert found["status"] == "delivered"
    assert "job.completed\t" in run("webhook", "deliveries").stdout


def test_it_is_switched_and_removed(run: Run, receiver: Receiver) -> None:
    made = add(run, receiver)
    run("webhook", "off", made["id"])
    assert listed(run, "list")[0]["state"] == "off"
    run("webhook", "on", made["id"])
    assert listed(run, "list")[0]["state"] == "on"
    run("webhook", "remove", made["id"])
    assert listed(run, "list") == []


def test_a_secret_of_submissions_is_made_and_shown_once(run: Run) -> None:
    first, second = (run("webhook", "secret").stdout.strip() for _ in "12")
    assert first.startswith("whsec_") and second.startswith("whsec_") and first != second


def test_what_is_wrong_is_said_on_one_line(run: Run) -> None:
    for arguments, says in (
        (("add", "http://10.0.0.1/", "--name", "x"), "FETCH_ALLOW_NETWORKS"),
        (("add", "https://example.com/", "--name", "x", "--header", "nonsense"), "NAME:VALUE"),
        (("add", "https://example.com/", "--name", "x", "--event", "odd"), "completed"),
        (("add", "https://example.com/", "--name", "x", "--style", "odd"), "firecrawl"),
        (("remove", "nobody"), "webhook list"),
        (("test", "nobody"), "webhook list"),
        (("deliveries", "nobody"), "webhook list"),
        (("resend", "nobody"), "webhook deliveries"),
    ):
        found = run("webhook", *arguments)
        assert found.exit_code and says in found.stderr and len(found.stderr.strip().splitlines()) == 1, found.stderr
