"""Webhooks that come with a submission: told once, signed, in either shape; whenever they were registered."""

import hashlib
import hmac
from typing import Any

import pytest

import clock
import queues
from errors import ArgumentError, BadUrl, NetworkError, RefusedAddress
from state.engine import cancelling, keys, outbox
from state.scraping import frontier, ledgers
from state.webhooks import logs as deliveries_log
from tests.topics.webhooks.receiver import Receiver
from topics import webhooks
from topics.webhooks import endpoints
from worker import inline


@queues.job(queue="low", kind="told", retries=0)
def work(what: str = "done") -> str:
    """Ends as it is told."""
    if what == "fail":
        raise NetworkError("no route")
    return what


def run() -> None:
    """Run all jobs, those of the webhooks too."""
    inline.run_until_idle()


def test_the_end_of_a_job_is_told_once(receiver: Receiver) -> None:
    job = queues.submit(work, "fine").job_id
    webhooks.register(job, receiver.url, metadata={"order": 7})
    run()
    [got] = receiver.received
    assert got.json["type"] == "job.completed"
    assert got.json["id"] == job and got.json["success"] is True and got.json["metadata"] == {"order": 7}
    assert got.json["job"]["result"] == "fine" and got.json["job"]["status"] == "completed"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-trawl-webhook-id"] == got.json["webhook_id"]


def test_a_failure_and_a_cancellation_say_so(receiver: Receiver) -> None:
    failed, cancelled = queues.submit(work, "fail").job_id, queues.submit(work).job_id
    for job in (failed, cancelled):
        webhooks.register(job, receiver.url)
    cancelling.cancel(cancelled)
    run()
    told = {one.json["id"]: one.json for one in receiver.received}
    assert told[failed]["type"] == "job.failed" and told[failed]["success"] is False
    assert told[failed]["error"] == "no route" and told[failed]["job"]["category"] == "network"
    assert told[cancelled]["type"] == "job.cancelled"


def test_other_jobs_are_nobodys_news(receiver: Receiver, store: Any) -> None:
    webhooks.register(queues.submit(work).job_id, receiver.url)
    queues.submit(work)
    run()
    assert len(receiver.received) == 1
    assert not store.xlen(keys.OUTBOX)


def test_nothing_is_put_into_the_outbox_where_nobody_asked(store: Any) -> None:
    queues.submit(work)
    run()
    assert not store.exists(keys.OUTBOX, keys.WANTED)


def test_a_start_is_told_where_it_is_asked_for(receiver: Receiver) -> None:
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url, events=["started", "completed"])
    run()
    assert sorted(receiver.types()) == ["job.completed", "job.started"]


def test_it_can_be_registered_before_the_job_is_there(receiver: Receiver) -> None:
    webhooks.register("job-1", receiver.url)
    queues.submit_many([queues_call("job-1")])
    run()
    assert receiver.types() == ["job.completed"]


def queues_call(job_id: str) -> Any:
    import models

    return models.Call(work, job_id=job_id)


def test_it_can_be_registered_after_the_job_has_ended(receiver: Receiver) -> None:
    job = queues.submit(work).job_id
    run()
    webhooks.register(job, receiver.url, events=["started", "completed"])
    run()
    assert sorted(receiver.types()) == ["job.completed", "job.started"]


def test_an_end_at_the_moment_of_its_registration_is_told_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    job = queues.submit(work).job_id
    add = endpoints.missed.add

    def ends_first(*args: Any) -> None:
        monkeypatch.setattr(endpoints.missed, "add", add)
        from state.engine import leases

        [taken] = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
        ended = leases.Settlement(taken, "finished", kind="told", ran_ms=1)
        leases.exchange("w1", [ended], None)
        add(*args)

    monkeypatch.setattr(endpoints.missed, "add", ends_first)
    webhooks.register(job, receiver.url)
    assert outbox.length() == 2
    run()
    assert receiver.types() == ["job.completed"]


def test_the_same_address_twice_is_told_once(receiver: Receiver) -> None:
    job = queues.submit(work).job_id
    for _ in range(2):
        webhooks.register(job, receiver.url)
    run()
    assert len(receiver.received) == 1


def test_it_is_signed_with_the_time(receiver: Receiver) -> None:
    secret = endpoints.new_secret_of("")
    job = queues.submit(work, "grüße 😀 \u2028").job_id
    assert webhooks.register(job, receiver.url, metadata={"говорит": "да"}) == ()
    run()
    [got] = receiver.received
    parts = dict(part.split("=", 1) for part in got.headers["x-trawl-signature"].split(","))
    assert abs(int(parts["t"]) - clock.now().timestamp()) < 3600
    assert parts["v1"] == hmac.new(secret.encode(), parts["t"].encode() + b"." + got.body, hashlib.sha256).hexdigest()
    assert "x-firecrawl-signature" not in got.headers


def test_without_a_secret_it_warns_and_is_sent_all_the_same(receiver: Receiver) -> None:
    job = queues.submit(work).job_id
    [warning] = webhooks.register(job, receiver.url)
    assert "not signed" in warning and "secret" in warning
    run()
    assert "x-trawl-signature" not in receiver.received[0].headers


def test_headers_of_the_user_go_with_it(receiver: Receiver) -> None:
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url, headers={"Authorization": "Bearer abc", "X-Mine": "1"})
    run()
    assert receiver.received[0].headers["authorization"] == "Bearer abc"
    assert receiver.received[0].headers["x-mine"] == "1"


# --- Firecrawl's shape ---


def crawl(ledger_id: str, pages: int = 2) -> list[frontier.Page]:
    """A crawl whose pages are taken one by one."""
    fields = {"kind": "crawl", "url": "https://example.com/", "config": "{}", "queue": "low", "lanes": 1}
    ledgers.open_new(ledger_id, {**fields, "max_pages": 10, "deadline_s": 600, "state": "opening"})
    ledgers.add(
        ledger_id,
        [ledgers.Offer(bytes([n]) * 12, "example.com", "", "", f"https://example.com/{n}") for n in range(pages)],
    )
    return []


WORK = ledgers.Work("jobs.scrape.crawl_pages", 60)


def walk(ledger_id: str, outcomes: list[frontier.Told]) -> None:
    """Take the pages of a ledger, and tell these outcomes."""
    from state.store import scripts

    lane, told, held = frontier.Lane(ledger_id, 1, 1), frontier.NOTHING, ""
    for outcome in [*outcomes, None]:
        call = frontier.step_call(lane, WORK, told, held)
        page = frontier.answer_of(call, scripts.run_together([call])[0])
        if outcome is None:
            assert isinstance(page, frontier.End) and page.reason == "over", page
            return
        assert isinstance(page, frontier.Page), page
        told, held = outcome, page.token


def page_done(n: int, title: str) -> frontier.Told:
    from topics.scraping import stored

    record = {
        "n": n,
        "url": f"https://example.com/{n}",
        "outcome": "done",
        "status": 200,
        "title": title,
        "markdown": f"# {title}",
    }
    return frontier.Told("done", stored.pack(record))


def page_failed(n: int) -> frontier.Told:
    from topics.scraping import stored

    record = {"n": n, "url": f"https://example.com/{n}", "outcome": "failed", "category": "blocked", "error": "a captcha came"}
    return frontier.Told("failed:blocked", stored.pack(record))


def test_a_crawl_is_told_in_the_shape_of_firecrawl(receiver: Receiver, store: Any) -> None:
    secret = endpoints.new_secret_of("")
    webhooks.register("a1", receiver.url, metadata={"k": "v"}, style="firecrawl")
    crawl("a1")
    assert ledgers.run("a1", WORK) == 1
    walk("a1", [page_done(1, "One"), page_failed(2)])
    store.delete("rq:queue:low")  # the lane's own job: this test walked for it
    run()
    bodies = {body["type"] + str(body["success"]): body for body in (one.json for one in receiver.received)}
    assert set(bodies) == {"crawl.startedTrue", "crawl.pageTrue", "crawl.pageFalse", "crawl.completedTrue"}
    for body in bodies.values():
        assert set(body) - {"error"} == {"success", "type", "id", "webhookId", "data", "metadata"}
        assert body["id"] == "a1" and body["metadata"] == {"k": "v"}
    [document] = bodies["crawl.pageTrue"]["data"]
    assert document["markdown"] == "# One" and document["metadata"]["sourceURL"] == "https://example.com/1"
    assert bodies["crawl.pageFalse"]["error"] == "a captcha came"
    assert bodies["crawl.pageFalse"]["data"][0]["metadata"]["sourceURL"] == "https://example.com/2"
    assert bodies["crawl.completedTrue"]["data"] == []
    got = receiver.received[0]
    assert got.headers["x-firecrawl-signature"] == "sha256=" + hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-trawl-signature"]


def test_a_crawl_of_which_no_page_was_read_has_failed(receiver: Receiver, store: Any) -> None:
    webhooks.register("a1", receiver.url, style="firecrawl", events=["completed", "failed"])
    crawl("a1", 1)
    ledgers.run("a1", WORK)
    walk("a1", [page_failed(1)])
    store.delete("rq:queue:low")
    run()
    [body] = [one.json for one in receiver.received]
    assert body["type"] == "crawl.failed" and body["success"] is False and body["error"]


def test_a_crawl_that_was_stopped_is_cancelled_and_for_firecrawl_it_failed(receiver: Receiver) -> None:
    for style in ("trawl", "firecrawl"):
        webhooks.register("a1", receiver.url, style=style, events=["failed", "cancelled"] if style == "trawl" else ["failed"])
    crawl("a1")
    ledgers.stop("a1", "stopped by hand")
    run()
    assert sorted(receiver.types()) == ["crawl.cancelled", "crawl.failed"]
    assert {one.json["error"] for one in receiver.received} == {"stopped by hand"}


def test_a_batch_that_is_over_already_is_told_when_it_is_registered(receiver: Receiver, store: Any) -> None:
    crawl("a1", 1)
    ledgers.run("a1", WORK)
    walk("a1", [page_done(1, "One")])
    store.delete("rq:queue:low")
    webhooks.register("a1", receiver.url, events=["started", "completed"])
    run()
    assert sorted(receiver.types()) == ["crawl.completed", "crawl.started"]


def test_a_page_that_was_packed_meanwhile_is_read_from_its_object(receiver: Receiver, store: Any) -> None:
    from topics.scraping import stored

    webhooks.register("a1", receiver.url, events=["page"])
    crawl("a1", 1)
    ledgers.run("a1", WORK)
    walk("a1", [page_done(1, "One")])
    store.delete("rq:queue:low")
    assert stored.pack_records("a1") == 1
    run()
    assert receiver.received[0].json["data"][0]["title"] == "One"


# --- what is refused ---


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"url": "ftp://example.com/"}, BadUrl, "http"),
        ({"url": "http://u:p@example.com/"}, BadUrl, "password"),
        ({"url": "http://10.0.0.1/"}, RefusedAddress, "FETCH_ALLOW_NETWORKS"),
        ({"url": "http://localhost/"}, RefusedAddress, "FETCH_ALLOW_NETWORKS"),
        ({"url": "http://169.254.169.254/"}, RefusedAddress, "public"),
        ({"url": "http://example.com:6379/"}, RefusedAddress, "port"),
        ({"headers": {"Host": "evil"}}, ArgumentError, "Host"),
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, ArgumentError, "control"),
        ({"headers": {"X-A\r\n": "1"}}, ArgumentError, "name"),
        ({"headers": {"X-Trawl-Signature": "t=1"}}, ArgumentError, "X-Trawl-Signature"),
        ({"headers": {"Content-Length": "1"}}, ArgumentError, "Content-Length"),
        ({"headers": {f"X-{n}": "1" for n in range(60)}}, ArgumentError, "at most"),
        ({"metadata": {"a": "x" * 5000}}, ArgumentError, "metadata"),
        ({"metadata": {"a": float("nan")}}, ArgumentError, "metadata"),
        ({"events": ["done"]}, ArgumentError, "completed"),
        ({"events": []}, ArgumentError, "completed"),
        ({"events": "completed"}, ArgumentError, "list"),
        ({"style": "other"}, ArgumentError, "firecrawl"),
    ],
)
def test_what_is_wrong_is_named(store: Any, given: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        webhooks.register("job-1", **{"url": "https://example.com/hook", **given})
    assert not list(store.scan_iter("trawl:webhook*"))


def test_a_name_that_leads_into_a_private_network_is_refused_when_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    from clients.fetch import lookup

    monkeypatch.setattr(lookup, "system", lambda host: ["10.1.2.3"])
    job = queues.submit(work).job_id
    webhooks.register(job, "http://rebound.example.com/")
    run()
    [found] = deliveries_log.latest(10)
    assert found.status == "given_up"
    assert "not a public address" in found.attempts[0]["says"]


def test_one_submission_takes_few_webhooks() -> None:
    for number in range(endpoints.MOST_OF_ONE):
        webhooks.register("job-1", f"https://example.com/{number}")
    with pytest.raises(ArgumentError, match="at most"):
        webhooks.register("job-1", "https://example.com/more")
