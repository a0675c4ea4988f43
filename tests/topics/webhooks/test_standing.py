"""Standing endpoints: told of all jobs they ask for, each with a secret that is shown once."""

from typing import Any

import pytest

import queues
from errors import ArgumentError, NotFound
from state.engine import keys as engine_keys
from state.webhooks.endpoints import Endpoint
from tests.topics.webhooks.receiver import Receiver
from topics.webhooks import endpoints
from worker import inline


@queues.job(queue="low", kind="told", retries=0)
def work() -> str:
    """Ends."""
    return "done"


@queues.job(queue="low", kind="maintenance", retries=0)
def tidy() -> None:
    """Ends, and is nobody's news."""


def added(receiver: Receiver, **fields: Any) -> Endpoint:
    return endpoints.add(Endpoint("", receiver.url, "mine", **fields))[0]


def test_it_is_told_of_every_job_and_not_of_its_own_or_what_keeps_order(receiver: Receiver, store: Any) -> None:
    added(receiver)
    jobs = [queues.submit(work).job_id for _ in range(3)]
    queues.submit(tidy)
    inline.run_until_idle()
    assert sorted(one.json["id"] for one in receiver.received) == sorted(jobs)
    assert not store.xlen(engine_keys.OUTBOX)
    assert all("x-trawl-signature" in one.headers for one in receiver.received)


def test_kinds_and_events_choose(receiver: Receiver) -> None:
    added(receiver, kinds=("maintenance",), events=("started", "completed"))
    queues.submit(work)
    queues.submit(tidy)
    inline.run_until_idle()
    assert sorted(receiver.types()) == ["job.completed", "job.started"]
    assert {one.json["job"]["kind"] for one in receiver.received} == {"maintenance"}


def test_an_endpoint_of_a_key_is_told_of_its_own_jobs_only(receiver: Receiver) -> None:
    added(receiver, owner="k1")
    queues.submit(work)
    with queues.owned_by("k1"):
        mine = queues.submit(work).job_id
    with queues.owned_by("k2"):
        queues.submit(work)
    inline.run_until_idle()
    assert [one.json["id"] for one in receiver.received] == [mine]


def test_a_submission_is_signed_with_the_secret_of_its_owner(receiver: Receiver) -> None:
    from topics import webhooks

    endpoints.new_secret_of("k1")
    for owner in ("k1", "k2"):
        with queues.owned_by(owner):
            webhooks.register(queues.submit(work).job_id, f"{receiver.url}/{owner}")
    inline.run_until_idle()
    signed = {one.path: "x-trawl-signature" in one.headers for one in receiver.received}
    assert signed == {"/hook/k1": True, "/hook/k2": False}


def test_without_endpoints_nothing_is_kept_any_more(receiver: Receiver, store: Any) -> None:
    endpoints.remove(added(receiver).id)
    queues.submit(work)
    inline.run_until_idle()
    assert not receiver.received and not store.xlen(engine_keys.OUTBOX)


def test_one_that_is_switched_off_is_told_nothing(receiver: Receiver) -> None:
    made = added(receiver)
    endpoints.switch(made.id, on=False)
    queues.submit(work)
    inline.run_until_idle()
    endpoints.switch(made.id, on=True)
    queues.submit(work)
    inline.run_until_idle()
    assert len(receiver.received) == 1


def test_its_secrets_are_in_no_text_of_it(receiver: Receiver) -> None:
    made, secret = endpoints.add(Endpoint("", receiver.url, "mine", headers={"Authorization": "Bearer abcdef"}))
    assert secret.startswith("whsec_") and len(secret) > 40
    assert secret not in repr(made) and "abcdef" not in repr(made) and receiver.url not in repr(made)


def test_what_is_not_there_is_said(receiver: Receiver) -> None:
    for call in (endpoints.find, endpoints.remove):
        with pytest.raises(NotFound, match="webhook list"):
            call("nobody")
    with pytest.raises(ArgumentError, match="name"):
        endpoints.add(Endpoint("", receiver.url, "a\nb"))
