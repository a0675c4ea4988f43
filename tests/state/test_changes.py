"""What becomes of jobs: an entry of the stream a script call, counts of the hour; both once, whatever is sent twice or broken."""

import itertools
from collections import Counter
from typing import Any

import pytest

import clock
import errors
import queues
from state.engine import changes, events, hourly, leases, settlements, watched
from state.store import connection, keys
from worker import inline


@queues.job(queue="low", kind="test", retries=1)
def work(what: str = "") -> str:
    """Ends as it is told."""
    if what:
        raise getattr(errors, what)("told to")
    return "done"


def taken(*labels: dict[str, str]) -> list[leases.Leased]:
    """Jobs under a lease, one for each set of labels."""
    for number, one in enumerate(labels):
        queues.submit(work, dedup_key=f"work:{number}", labels=one)
    return leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], len(labels))).taken


def ended(
    job: leases.Leased, outcome: str = "finished", ran_ms: int = 3, category: str = "", ttl: int = 500
) -> leases.Settlement:
    return leases.Settlement(job, outcome, ttl, kind="test", ran_ms=ran_ms, category=category)


def counts() -> dict[str, int]:
    """All counts of the last hours, as `kind|outcome|category`."""
    total = hourly.total(hourly.latest(2))
    found: dict[str, int] = {}
    for (kind, outcome, category, _), number in total.counts.items():
        name = f"{kind}|{outcome}|{category}"
        found[name] = found.get(name, 0) + number
    return found


def test_a_settlement_writes_one_entry_and_counts_each_of_its_jobs(store: Any) -> None:
    first, second, third = taken({}, {"host": "a.com", "tag": "x y"}, {"project": "p"})
    leases.exchange("w1", [ended(first), ended(second, ran_ms=700), ended(third, "failed", category="network")], None)

    assert store.xlen(keys.EVENTS) == 1
    told = events.latest(10)
    assert [(one.job_id, one.outcome, one.ran_ms, one.host, one.tag, one.project) for one in told] == [
        (first.id, "finished", 3, "", "", ""),
        (second.id, "finished", 700, "a.com", "x y", ""),
        (third.id, "failed", 3, "", "", "p"),
    ]
    assert counts() == {"test|finished|": 2, "test|failed|network": 1}
    hour = hourly.total(hourly.latest(1))
    assert hour.ms["test", "finished"] == 703 and hour.average_ms("finished") == 351.5
    assert 0 < store.ttl(next(store.scan_iter(f"{keys.HOUR}*"))) <= 90 * 86400


def test_a_settlement_that_is_sent_twice_counts_once(store: Any) -> None:
    jobs = taken({}, {}, {})
    sent = [ended(job) for job in jobs]
    leases.exchange("w1", sent[:1], None)

    for _ in range(2):  # the whole batch, of which the first is settled already
        assert set(leases.exchange("w1", sent, None).settled) == {leases.Settled.SETTLED}

    assert counts() == {"test|finished|": 3}
    assert sorted(one.job_id for one in events.latest(10)) == sorted(job.id for job in jobs)
    assert hourly.total(hourly.latest(1)).ms["test", "finished"] == 9


def test_an_outcome_that_is_named_twice_in_one_sending_counts_once(store: Any) -> None:
    [job] = taken({})
    assert leases.exchange("w1", [ended(job), ended(job, "failed")], None).settled == [leases.Settled.SETTLED] * 2
    assert counts() == {"test|finished|": 1} and store.hget(keys.job(job.id), "status") == b"finished"


def test_an_outcome_whose_lease_was_lost_is_not_counted(store: Any) -> None:
    lost, held = taken({}, {})
    store.zrem(keys.LEASES, lost.lease)

    assert leases.exchange("w1", [ended(lost), ended(held)], None).settled == [leases.Settled.LOST, leases.Settled.SETTLED]

    assert [one.job_id for one in events.latest(10)] == [held.id] and counts() == {"test|finished|": 1}


def test_what_the_script_makes_of_an_outcome_is_what_is_told(store: Any) -> None:
    asked, other = taken({"host": "a.com"}, {})
    store.hset(keys.job(asked.id), "cancel", 1)  # somebody asked it to stop before it could be parked

    leases.exchange("w1", [ended(asked, "parked", ttl=60_000), ended(other)], None)

    assert [(one.job_id, one.outcome, one.host) for one in events.latest(10)] == [
        (asked.id, "canceled", "a.com"),
        (other.id, "finished", ""),
    ]
    assert counts() == {"test|canceled|": 1, "test|finished|": 1}


def test_a_job_that_goes_back_untouched_is_no_news(store: Any) -> None:
    back, done = taken({}, {})
    leases.exchange("w1", [leases.Settlement(back, "again"), ended(done)], None)
    assert [one.job_id for one in events.latest(10)] == [done.id]
    [back] = leases.exchange("w1", [], leases.LeaseRequest(2, ["low"], 1)).taken
    leases.exchange("w1", [leases.Settlement(back, "again")], None)
    assert store.xlen(keys.EVENTS) == 1 and counts() == {"test|finished|": 1}


@pytest.mark.parametrize("broken", ["events", "hour", "history"])
def test_a_broken_key_holds_up_no_job_and_is_named(store: Any, broken: str) -> None:
    now_s = int(connection.now().timestamp())
    key = {"events": keys.EVENTS, "hour": keys.hour(now_s // 3600), "history": keys.HISTORY}[broken]
    store.set(key, "broken", ex=60)
    jobs = taken({}, {})

    assert leases.exchange("w1", [ended(job) for job in jobs], None).settled == [leases.Settled.SETTLED] * 2

    assert all(store.hget(keys.job(job.id), "status") == b"finished" for job in jobs)
    assert [name for name, _ in watched.broken()] == [key]
    assert counts() == ({} if broken == "hour" else {"test|finished|": 2})


def test_every_end_of_a_job_is_told_by_the_worker(store: Any) -> None:
    for what in ("", "NetworkError", "DataError"):
        queues.submit(work, what)
    inline.run_until_idle()
    assert counts() == {"test|finished|": 1, "test|retry|network": 1, "test|failed|data": 1}
    [failed] = [one for one in events.latest(10) if one.outcome == "failed"]
    assert failed.kind == "test" and failed.attempts == 1


def test_what_is_no_job_of_this_version_is_told_without_a_kind(store: Any) -> None:
    job_id = queues.submit(work).job_id
    store.hset(keys.job(job_id), "data", '["no.such.function",null,[],{}]')
    inline.run_until_idle()
    assert counts() == {"|failed|data": 1}


def test_cancels_of_waiting_jobs_are_told_and_counted(store: Any) -> None:
    queued, delayed = queues.submit(work, labels={"host": "a.com"}).job_id, queues.submit(work, delay_s=60).job_id
    store.hset(keys.KINDS, mapping=queues.kinds())
    queues.cancel(queued)
    queues.cancel(delayed)
    queues.cancel(queued)
    assert [(one.job_id, one.outcome, one.kind, one.host) for one in events.latest(10)] == [
        (queued, "canceled", "test", "a.com"),
        (delayed, "canceled", "test", ""),
    ]
    assert counts() == {"test|canceled|": 2}


def test_rescues_are_told_and_counted(store: Any) -> None:
    from state.engine import rescues

    job, poisoned = taken({}, {})
    store.hset(keys.job(poisoned.id), "rescues", rescues.POISON_RESCUES - 1)
    rescues.rescue("w1")
    assert {(one.job_id, one.outcome) for one in events.latest(10)} == {(job.id, "rescued"), (poisoned.id, "poisoned")}
    assert counts() == {"|rescued|": 1, "|poisoned|": 1}


def test_what_others_tell_is_told_once_however_often_it_is_sent(store: Any) -> None:
    for _ in range(2):
        events._tell(told=keys.told("x"), events=keys.EVENTS, now_ms="", hours=keys.HOUR, rows="k|finished||0\t0\tid\n")
    assert store.xlen(keys.EVENTS) == 1 and counts() == {"k|finished|": 1}


def test_submits_are_told_while_somebody_follows(store: Any) -> None:
    queues.submit(work, dedup_key="work:1")
    assert store.exists(keys.EVENTS) == 0
    follower = events.follow("0")
    store.set(keys.FOLLOWED, "1", ex=60)
    job = queues.submit(work, dedup_key="work:2").job_id
    queues.submit(work, dedup_key="work:2")
    assert [(one.outcome, one.job_id) for one in next(follower)] == [("submitted", job)]
    follower.close()
    assert 0 < store.ttl(keys.FOLLOWED) <= 60


def test_a_follower_goes_on_where_the_stream_begins_anew(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count(0, 100)
    monkeypatch.setattr(clock, "wait", lambda seconds: None)
    monkeypatch.setattr(events.clock, "monotonic", lambda: next(ticks))
    store.xadd(keys.EVENTS, {"r": "k|finished||0\t0\told\n"}, id="9999999999999-5")
    follower = events.follow()
    assert next(follower) == []
    store.delete(keys.EVENTS)
    job = queues.submit(work).job_id
    assert [one.job_id for one in next(follower)] == [job] and next(follower) == []


def test_a_reader_goes_on_where_it_was(store: Any) -> None:
    first, second = taken({}, {})
    leases.exchange("w1", [ended(first)], None)
    found, entry = events.after("0")
    assert [one.job_id for one in found] == [first.id]
    leases.exchange("w1", [ended(second)], None)
    found, entry = events.after(entry)
    assert [one.job_id for one in found] == [second.id] and events.after(entry) == ([], entry)


@pytest.mark.parametrize(
    "labels",
    [{"colour": "red"}, {"host": ""}, {"host": "x" * 201}, {"host": "a\nb"}, {"tag": "a\tb"}, {"tag": 5}, "host", ["host"]],
)
def test_a_label_that_could_not_be_found_again_is_refused_before_redis(store: Any, labels: Any) -> None:
    with pytest.raises(errors.ArgumentError, match="label"):
        queues.submit(work, labels=labels)
    assert store.keys("*") == []


def test_a_record_that_others_labelled_breaks_no_row(store: Any) -> None:
    [job] = taken({})
    wild = {b"host": b"a\tb\nc|d", b"tag": b"\xff\xfe", b"project": b"p" * 5000, b"attempt": b"9" * 50}
    leases.exchange("w1", [ended(job._replace(fields={**job.fields, **wild}))], None)
    [told] = events.latest(5)
    assert (told.job_id, told.host, told.attempts) == (job.id, "a b c|d", 1) and len(told.project) == changes.MAX_LABEL


@pytest.mark.parametrize("row", ["", "x", "a|b|c|1", "a|b|c|1\tx\tid", "a|b\t1\tid", "\t\t\t"])
def test_a_row_that_is_none_is_left_out(row: str) -> None:
    assert changes.read((1, 0, 0), 1, row) is None


def test_rqs_records_of_a_long_execution_go_with_it_and_those_of_a_short_one_never_were(store: Any) -> None:
    [long] = taken({})
    store.hset(keys.RQ_EXECUTION + long.lease, "id", long.execution)
    leases.exchange("w1", [ended(long, ran_ms=int(settlements.RECORD_AFTER_S * 1000))], None)
    assert store.exists(keys.RQ_EXECUTION + long.lease) == 0


@pytest.mark.parametrize("ran_ms", [-1, 0, 499, 500])
def test_a_job_of_a_rate_limit_leaves_no_record_of_its_execution(store: Any, ran_ms: int) -> None:
    job_id = queues.submit(work).job_id
    store.hset(keys.job(job_id), "rate_limit_key", "limit")
    [job] = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
    assert store.exists(keys.RQ_EXECUTION + job.lease)
    leases.exchange("w1", [ended(job, ran_ms=ran_ms)], None)
    assert not store.exists(keys.RQ_EXECUTION + job.lease)


def test_no_more_hours_are_read_than_are_kept() -> None:
    assert len(hourly.latest(10**6)) == hourly.MOST_HOURS


def test_a_bucket_that_holds_nothing_has_no_percentile() -> None:
    assert hourly.percentile_ms(Counter({5: 0, 10: 4}), 0.0) == 512.0
