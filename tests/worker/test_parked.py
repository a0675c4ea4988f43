"""Jobs that may not run yet: parked until a moment, for a reason, with nothing spent; a host delay, a breaker and a budget so."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer

import clock
import queues
from errors import ArgumentError, NetworkError, NotNow
from state.engine import dedup, jobs, leases, parked, registries
from state.store import connection, keys
from tests.state import NOON
from worker import execution as executions
from worker import inline, outcomes, raised, zygote

HERE = "tests.worker.test_parked"
HOUR = timedelta(hours=1)
LONGEST = timedelta(seconds=parked.LONGEST_S)

ran: list[str] = []
free_at: dict[str, datetime] = {}


def ask(what: str) -> None:
    """Go on, or wait for what is asked for."""
    ran.append(what)
    if clock.now() < free_at.get(what, clock.now()):
        raise NotNow(free_at[what], f"{what} is closed")


@queues.job(retries=2, dedup_key="wait:{what}")
def wait(what: str) -> str:
    """A job in a thread."""
    ask(what)
    return "done"


@queues.job(retries=2, dedup_key="wait:{what}")
async def wait_on_loop(what: str) -> str:
    """A job on the loop."""
    await asyncio.sleep(0)
    ask(what)
    return "done"


@queues.job(isolated=True, retries=2, dedup_key="wait:{what}")
def wait_apart(what: str) -> str:
    """A job in a process of its own."""
    ask(what)
    return "done"


@queues.job(retries=2)
def break_once(what: str) -> None:
    """Fail at the second run, and ask to wait at the others."""
    if ran.count(what) == 1:
        ran.append(what)
        raise NetworkError("down")
    ask(what)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    ran.clear()
    free_at.clear()
    with clock.frozen(NOON):
        yield


def record(job_id: str) -> dict[str, str]:
    found = connection.client().hgetall(keys.job(job_id))
    return {name.decode(): value.decode(errors="replace") for name, value in found.items()}


def closed(what: str, until: timedelta = HOUR) -> None:
    free_at[what] = NOON + until


@pytest.mark.parametrize("job", [wait, wait_on_loop, wait_apart])
def test_a_job_that_may_not_run_yet_waits_for_its_moment_and_spends_nothing(job: Any) -> None:
    closed("bank")
    job_id = queues.submit(job, "bank").job_id
    assert inline.run_until_idle() == 1 and inline.run_until_idle() == 0
    seen = record(job_id)
    assert (seen["status"], seen["parked"], seen["parked_until"]) == (
        "scheduled",
        "bank is closed",
        "2026-03-01T13:00:00.000000Z",
    )
    assert seen["retries_left"] == "2" and not {"attempt", "error_message", "cancel"} & set(seen)
    assert parked.counts() == {"bank is closed": 1} and dedup.count("wait") == 1
    assert queues.submit(job, "bank").duplicate_of == job_id, "it keeps its dedup claim"
    assert not connection.client().exists(keys.results(job_id))
    clock.advance(HOUR)
    assert inline.run_until_idle() == 1 and record(job_id)["status"] == "finished"
    assert parked.counts() == {} and dedup.count("wait") == 0
    assert not {"parked", "parked_until", "parked_since"} & set(record(job_id))


def test_who_may_still_not_run_is_parked_again_and_the_first_time_counts() -> None:
    closed("bank")
    job_id = queues.submit(wait, "bank").job_id
    inline.run_until_idle()
    closed("bank", 3 * HOUR)
    clock.advance(HOUR)
    assert inline.run_until_idle() == 1 and parked.counts() == {"bank is closed": 1}
    seen = record(job_id)
    assert seen["parked_until"] == "2026-03-01T15:00:00.000000Z" and int(seen["parked_since"]) == NOON.timestamp()


def test_a_job_that_was_parked_too_long_runs_once_more_and_fails_with_the_reason() -> None:
    closed("bank", timedelta(days=400))
    job_id = queues.submit(wait, "bank").job_id
    inline.run_until_idle()
    clock.advance(LONGEST - timedelta(seconds=1))
    assert inline.run_until_idle() == 0 and record(job_id)["status"] == "scheduled"
    clock.advance(timedelta(seconds=1))
    assert inline.run_until_idle() == 1
    seen = record(job_id)
    assert seen["status"] == "failed" and "35 days" in seen["error_message"] and "bank is closed" in seen["error_message"]
    assert parked.counts() == {} and dedup.count("wait") == 0 and "parked_since" not in seen


def test_a_failure_in_between_begins_the_time_anew() -> None:
    closed("bank", timedelta(days=400))
    job_id = queues.submit(break_once, "bank").job_id
    inline.run_until_idle()
    clock.advance(LONGEST)
    inline.run_until_idle()
    assert record(job_id)["status"] == "scheduled" and "parked_since" not in record(job_id)
    clock.advance(HOUR)
    assert inline.run_until_idle() == 1 and parked.counts() == {"bank is closed": 1}


def test_a_parked_job_is_cancelled_at_once() -> None:
    closed("bank")
    job_id = queues.submit(wait, "bank").job_id
    inline.run_until_idle()
    assert queues.cancel(job_id) == "scheduled" and record(job_id)["status"] == "canceled"
    assert parked.counts() == {} and dedup.count("wait") == 0
    clock.advance(HOUR)
    assert inline.run_until_idle() == 0


def test_a_job_that_was_asked_to_stop_is_cancelled_and_not_parked() -> None:
    job_id = queues.submit(wait, "bank").job_id
    [job] = leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    assert queues.cancel(job_id) == "started"
    settlement = outcomes.of_error(job, "path", NotNow(NOON + HOUR, "bank is closed"))
    assert leases.exchange("w", [settlement], None).settled == ["settled"] and record(job_id)["status"] == "canceled"
    assert parked.counts() == {} and dedup.count("wait") == 0 and connection.client().ttl(keys.job(job_id)) > 0


def test_a_parking_that_is_sent_twice_is_one_and_a_lost_lease_parks_nothing() -> None:
    job_id = queues.submit(wait, "bank").job_id
    [job] = leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    settlement = outcomes.of_error(job, "path", NotNow(NOON + HOUR, "bank is closed"))
    for _ in range(2):
        assert leases.exchange("w", [settlement], None).settled == ["settled"]
    assert parked.counts() == {"bank is closed": 1}
    late = settlement._replace(job=job._replace(execution="another-1-1"))
    assert leases.exchange("w", [late], None).settled == ["lost"] and record(job_id)["status"] == "scheduled"


@pytest.mark.parametrize("how", ["cancel", "delete", "queue"])
def test_what_rqs_tools_do_to_a_parked_job_is_not_counted_as_parked(how: str, store: Any) -> None:
    closed("bank")
    job_id = queues.submit(wait, "bank").job_id
    inline.run_until_idle()
    job = rq.job.Job.fetch(job_id, connection=store, serializer=JSONSerializer)
    if how == "queue":
        store.zrem(keys.RQ_SCHEDULED + "default", job_id)
        store.hset(keys.job(job_id), "status", "queued")  # as RQ's own scheduler does
        store.rpush(keys.queue("default"), job_id)
    else:
        getattr(job, how)()
    assert parked.counts() == {}
    free_at.clear()
    assert inline.run_until_idle() == (how == "queue")
    registries.prune(queues.QUEUES)
    assert not store.exists(keys.PARKED)


def test_a_time_that_is_past_parks_for_no_time_and_one_without_a_zone_is_refused() -> None:
    job_id = queues.submit(wait, "bank").job_id
    [job] = leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    settlement = outcomes.of_error(job, "path", NotNow(NOON - HOUR, "two\nlines"))
    assert (settlement.outcome, settlement.ttl, settlement.error) == ("parked", 0, "two lines")
    leases.exchange("w", [settlement], None)
    assert jobs.promote(*queues.QUEUES) == 1 and record(job_id)["status"] == "queued"
    with pytest.raises(ArgumentError, match="zone"):
        NotNow(datetime(2026, 1, 1), "no zone")


def test_the_moment_crosses_the_border_of_a_process() -> None:
    error = raised.read(NotNow(NOON + HOUR, "bank is closed"))
    assert (
        zygote._error_of(json.loads(json.dumps(zygote._error_reply(error)))) == error
        and error.until_s == (NOON + HOUR).timestamp()
    )


@pytest.mark.real_redis
def test_a_job_in_a_process_of_its_own_is_parked_too() -> None:
    free_at["bank"] = clock.now() + HOUR
    job = leases.Leased("j", "w-1-1", "low", {b"data": f'["{HERE}.wait_apart", null, ["bank"], {{}}]'.encode()})
    execution = executions.Execution(job, executions.read(job))
    apart = zygote.Zygote()
    try:
        apart.run(execution)
    finally:
        apart.close()
    settlement = outcomes.of(execution)
    assert settlement.outcome == "parked" and settlement.error == "bank is closed"


# --- what is a few lines by it -------------------------------------------------------------------------------------


class Delay:
    """A host is asked once in `every`: who comes sooner comes again."""

    next_at: datetime | None = None

    def ask(self, host: str, every: timedelta) -> None:
        """Take the turn, or wait for the next one."""
        if self.next_at and clock.now() < self.next_at:
            raise NotNow(self.next_at, f"host {host}")
        self.next_at = clock.now() + every


class Breaker:
    """After three failures in a row nothing is asked for an hour."""

    failures, open_until = 0, NOON

    def call(self, work: Any) -> None:
        """Do it, unless the breaker is open."""
        if clock.now() < self.open_until:
            raise NotNow(self.open_until, "the breaker of the provider is open")
        try:
            work()
        except NetworkError:
            self.failures += 1
            if self.failures == 3:
                self.failures, self.open_until = 0, clock.now() + HOUR
            raise


class Budget:
    """So much may be spent in a month; what is more waits for the next one."""

    left = 2

    def spend(self) -> None:
        """Take one, or wait."""
        if not self.left:
            raise NotNow(NOON.replace(month=4, day=1, hour=0), "budget of March")
        self.left -= 1


delay, breaker, budget = Delay(), Breaker(), Budget()
asked: list[str] = []


@queues.job(retries=0)
def fetch(url: str) -> None:
    """Fetch from a host that wants ten seconds between two requests."""
    delay.ask("example.com", timedelta(seconds=10))
    asked.append(url)


@queues.job(retries=3)
def call_provider() -> None:
    """Call somebody who is down."""

    def work() -> None:
        asked.append("provider")
        raise NetworkError("down")

    breaker.call(work)


@queues.job(retries=0)
def buy(what: str) -> None:
    """Buy something."""
    budget.spend()
    asked.append(what)


@pytest.fixture
def afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, made in (("delay", Delay()), ("breaker", Breaker()), ("budget", Budget()), ("asked", [])):
        monkeypatch.setattr(f"{HERE}.{name}", made)


def test_a_host_delay_is_a_few_lines(afresh: None) -> None:
    for number in range(3):
        queues.submit(fetch, f"/{number}")
    for expected in (1, 2, 3):
        inline.run_until_idle()
        assert len(asked) == expected and parked.counts().total() == 3 - expected
        clock.advance(timedelta(seconds=10))


def test_a_breaker_is_a_few_lines(afresh: None) -> None:
    ids = [queues.submit(call_provider).job_id for _ in range(5)]
    inline.run_until_idle()
    assert asked == ["provider"] * 3 and parked.counts() == {"the breaker of the provider is open": 2}
    assert [record(job_id)["retries_left"] for job_id in ids] == ["2", "2", "2", "3", "3"]


def test_a_budget_is_a_few_lines(afresh: None) -> None:
    for number in range(4):
        queues.submit(buy, f"page {number}")
    inline.run_until_idle()
    assert len(asked) == 2 and parked.counts() == {"budget of March": 2}
    budget.left = 5
    clock.advance(timedelta(days=31))
    inline.run_until_idle()
    assert len(asked) == 4 and parked.counts() == {}
