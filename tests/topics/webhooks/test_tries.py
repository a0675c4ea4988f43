"""Tries: what fails is tried again and given up in the end; an endpoint that fails is left in peace, then switched off."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
import queues
from errors import NotNow
from state.webhooks import endpoints as stored
from state.webhooks import keys, logs, rousing
from state.webhooks.deliveries import Delivery
from tests import patience
from tests.local.real import until
from tests.topics.webhooks.receiver import Receiver
from topics import webhooks
from topics.operations import webhook_work
from topics.webhooks import endpoints, tries
from worker import inline


@queues.job(queue="low", kind="told", retries=0)
def work() -> str:
    """Ends."""
    return "done"


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    """The clock stands; tests move it."""
    with clock.frozen(datetime(2026, 11, 29, 8, 0, tzinfo=UTC)):
        yield


def told(receiver: Receiver, **options: Any) -> str:
    """A job that ended, and whose webhook was tried once; the id of its endpoint."""
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url, **options)
    inline.run_until_idle()
    return stored.of_targets([job])[0][0].id


def deliver(endpoint: str) -> float | None:
    """Send what is due; returns in how many seconds the job comes back."""
    try:
        webhook_work.deliver(endpoint)
    except NotNow as exc:
        return (exc.until - clock.now()).total_seconds()
    return None


def newest() -> Delivery:
    return logs.latest(1)[0]


def wait(seconds: float) -> None:
    clock.advance(timedelta(seconds=seconds))


@pytest.mark.parametrize(("style", "waits"), [("firecrawl", [60, 300, 900]), ("trawl", [60, 300, 900, 3600, 21600])])
def test_it_is_tried_again_after_a_minute_and_more_with_the_same_id_and_then_given_up(
    receiver: Receiver, style: str, waits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "PATIENCE", 1000)
    receiver.answers = [(500, {}, b"broken")]
    endpoint = told(receiver, style=style, events=["completed"])
    for wait_s in waits:
        assert newest().status == "pending"
        assert wait_s <= newest().next_ms / 1000 - clock.now().timestamp() <= 1.1 * wait_s + 1
        wait(1.1 * wait_s + 1)
        deliver(endpoint)
    assert newest().status == "given_up"
    assert len(receiver.received) == 1 + len(waits)
    assert len({one.headers["x-trawl-webhook-id"] for one in receiver.received}) == 1
    assert len({one.body for one in receiver.received}) == 1
    assert [one["status"] for one in newest().attempts] == [500] * (1 + len(waits))
    wait(86400)
    assert deliver(endpoint) is None
    assert len(receiver.received) == 1 + len(waits)


def test_a_second_try_that_succeeds_ends_it(receiver: Receiver) -> None:
    receiver.answers = [(503, {}, b""), (204, {}, b"")]
    endpoint = told(receiver)
    wait(70)
    assert deliver(endpoint) is None
    assert newest().status == "delivered" and newest().tries == 2
    found = stored.find(endpoint)
    assert found and found.number("failures") == 0 and found.number("delivered") == 1


def test_nothing_is_sent_before_its_time(receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b"")]
    endpoint = told(receiver)
    wait(30)
    assert deliver(endpoint) is None  # the job of before comes back: it is parked
    assert len(receiver.received) == 1


def test_the_job_that_sends_is_parked_until_the_next_try(receiver: Receiver, store: Any) -> None:
    receiver.answers = [(500, {}, b""), (200, {}, b"")]
    told(receiver)
    assert b"its webhook is tried again later" in store.hvals("trawl:parked")
    wait(70)
    inline.run_until_idle()
    assert newest().status == "delivered"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {"Location": receiver.url}, b"")]
    told(receiver)
    assert len(receiver.received) == 1
    assert newest().status == "pending" and "redirects are not followed" in newest().attempts[0]["says"]


def test_an_endpoint_that_is_not_there_is_a_failure_with_its_reason(receiver: Receiver) -> None:
    with socket.socket() as bound:  # so that nobody else can listen there
        bound.bind(("127.0.0.1", 0))
        job = queues.submit(work).job_id
        webhooks.register(job, f"http://127.0.0.1:{bound.getsockname()[1]}/hook")
        inline.run_until_idle()
    [attempt] = newest().attempts
    assert newest().status == "pending" and attempt["status"] is None and "cannot be reached" in attempt["says"]


def test_the_log_keeps_status_time_and_the_beginning_of_the_answer_and_no_secret(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, b"hi Bearer-of-bad-news\x00\x1b[31m\n" + b"x" * 5000)]
    told(receiver, headers={"Authorization": "Bearer-of-bad-news"})
    [attempt] = newest().attempts
    assert attempt["ok"] and attempt["status"] == 200 and attempt["ms"] >= 0
    assert attempt["reply"].startswith("hi *** [31m x") and len(attempt["reply"]) <= 500


def test_an_endpoint_that_fails_in_a_row_is_left_in_peace_for_longer_and_longer(receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b"")]
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url)
    [endpoint] = stored.of_targets([job])[0]
    made = [webhook_work.deliveries.New(f"d{n}", endpoint.id, "job.completed", job, "{}") for n in range(8)]
    webhook_work.deliveries.accept(made)
    assert 60 <= (deliver(endpoint.id) or 0) <= 61
    assert len(receiver.received) == tries.PATIENCE
    wait(61)
    assert 120 <= (deliver(endpoint.id) or 0) <= 121
    assert len(receiver.received) == tries.PATIENCE + 1
    receiver.answers = [(200, {}, b"")]
    wait(121)
    deliver(endpoint.id)
    assert len(receiver.received) >= 8


def test_it_waits_as_long_as_the_endpoint_asks_but_not_for_ever(receiver: Receiver) -> None:
    receiver.answers = [(429, {"Retry-After": "500"}, b"")]
    endpoint = stored.find(told(receiver))
    now_ms = clock.now().timestamp() * 1000
    assert endpoint and endpoint.number("cool_until_ms") == now_ms + 500_000
    receiver.answers = [(503, {"Retry-After": "999999"}, b"")]
    endpoint = stored.find(told(receiver))
    assert endpoint and endpoint.number("cool_until_ms") == now_ms + 3_600_000


def test_an_endpoint_that_is_gone_is_switched_off_at_once(receiver: Receiver) -> None:
    receiver.answers = [(410, {}, b"")]
    endpoint = told(receiver)
    found = stored.find(endpoint)
    assert found and found.off == "it answered 410 Gone"
    wait(86400)
    assert deliver(endpoint) is None
    assert len(receiver.received) == 1


def test_an_endpoint_that_fails_for_a_day_is_switched_off_and_told_all_when_it_is_switched_on(receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b"")]
    made, _ = endpoints.add(stored.Endpoint("", receiver.url, "mine"))
    for _ in range(30):
        queues.submit(work)
        inline.run_until_idle()
        wait(3600)
    found = stored.find(made.id)
    assert found and "tries in" in found.off and "HTTP 500" in found.off
    tried = len(receiver.received)
    assert tried >= tries.OFF_TRIES
    queues.submit(work)
    inline.run_until_idle()
    assert len(receiver.received) == tried  # it is not hammered

    receiver.answers = [(200, {}, b"")]
    waiting = logs.waiting(made.id)
    assert waiting
    endpoints.switch(made.id, on=True)
    wait(90000)
    inline.run_until_idle()
    assert len(receiver.received) == tried + waiting
    assert logs.waiting(made.id) == 0


def test_a_delivery_can_be_sent_again_with_the_same_id_and_body(receiver: Receiver) -> None:
    told(receiver)
    assert rousing.again(newest())
    inline.run_until_idle()
    first, second = receiver.received
    assert first.body == second.body and first.headers["x-trawl-webhook-id"] == second.headers["x-trawl-webhook-id"]
    assert newest().status == "delivered" and len(newest().attempts) == 2


def test_a_delivery_whose_sender_died_is_due_again_after_a_minute(receiver: Receiver) -> None:
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url)
    [endpoint] = stored.of_targets([job])[0]
    webhook_work.deliveries.accept([webhook_work.deliveries.New("d1", endpoint.id, "job.completed", job, "{}")])
    taken = webhook_work.deliveries.take(endpoint.id, "dead")
    assert isinstance(taken, webhook_work.deliveries.Taken)
    assert deliver(endpoint.id) == 60
    assert not receiver.received
    wait(60)
    assert deliver(endpoint.id) is None
    assert len(receiver.received) == 1
    assert not webhook_work.deliveries.settle(taken, tries.outcome_of(taken, {"ok": False, "says": "late"}))
    assert newest().status == "delivered"


def test_what_nobody_comes_for_is_found(receiver: Receiver, store: Any) -> None:
    receiver.answers = [(500, {}, b""), (200, {}, b"")]
    told(receiver)
    store.delete("rq:scheduled:high", "trawl:parked")  # the job that was to come back is lost
    wait(60)
    assert webhook_work.tend() == {"roused": 0}
    wait(3600)
    assert webhook_work.tend() == {"roused": 1}
    inline.run_until_idle()
    assert newest().status == "delivered"
    assert not store.zcard(keys.PENDING)


def test_an_outbox_whose_reader_is_lost_is_read(receiver: Receiver, store: Any) -> None:
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url)
    from state.engine import leases

    [taken] = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
    leases.exchange("w1", [leases.Settlement(taken, "finished", kind="told", ran_ms=1)], None)
    store.delete("rq:queue:high")
    assert webhook_work.tend() == {"roused": 0}  # the job is believed to be on its way
    store.delete("trawl:events:roused")
    assert webhook_work.tend() == {"roused": 1}
    inline.run_until_idle()
    assert receiver.types() == ["job.completed"]


def test_the_backlog_of_an_endpoint_is_bounded_and_what_it_is_not_told_is_counted(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_work.deliveries, "MOST_DUE", 3)
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url)
    [endpoint] = stored.of_targets([job])[0]
    made = [webhook_work.deliveries.New(f"d{n}", endpoint.id, "t", job, "{}") for n in range(5)]
    assert webhook_work.deliveries.accept(made) == 3
    found = stored.find(endpoint.id)
    assert found and found.number("dropped") == 2


def test_few_are_sent_one_after_the_other_and_many_four_at_a_time(receiver: Receiver) -> None:
    job = queues.submit(work).job_id
    webhooks.register(job, receiver.url)
    [endpoint] = stored.of_targets([job])[0]
    made = [webhook_work.deliveries.New(f"d{n}", endpoint.id, "t", job, "{}") for n in range(12)]
    webhook_work.deliveries.accept(made)
    receiver.open.clear()
    sending_ = threading.Thread(target=webhook_work.deliver, args=(endpoint.id,), daemon=True)
    sending_.start()
    until(lambda: len(receiver.received) == 4)
    receiver.open.set()
    sending_.join(patience.HANG_S)
    assert len(receiver.received) == 12 and receiver.most_at_once == 4
    receiver.most_at_once = 0
    webhook_work.deliveries.accept([webhook_work.deliveries.New(f"e{n}", endpoint.id, "t", job, "{}") for n in range(8)])
    webhook_work.deliver(endpoint.id)
    assert len(receiver.received) == 20 and receiver.most_at_once == 1


def test_a_removed_endpoint_is_told_nothing_more(receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b"")]
    endpoint = told(receiver)
    endpoints.remove(endpoint)
    wait(3600)
    assert deliver(endpoint) is None
    assert len(receiver.received) == 1
