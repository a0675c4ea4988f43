"""Reports: bounded, kept of what failed too, readable beside broken ones; and what each kind of upkeep writes into them."""

from datetime import timedelta
from typing import Any

import pytest
import redis

import errors
import queues
from jobs import maintenance
from state.engine import keys as engine_keys
from state.engine import upkeep_reports
from state.store import connection, key_sizes, keys, script_text, scripts, server, slow_commands
from state.store.slow_commands import Slow, Slowlog
from tests.state import NOON
from topics.upkeep import big_keys, checking, cleaning, optimizing, reports, slow_log
from worker import inline


@queues.job(queue="low", kind="upheld", retries=0)
def upheld(what: str = "") -> None:
    """End as told."""
    if what:
        raise errors.DataError(what)


def slow(second: int, number: int, command: str = "EVALSHA engine/settle", ms: float = 12.5) -> Slow:
    return Slow(NOON + timedelta(seconds=second), number, ms, command)


def told(kind: str, work: Any) -> list[str]:
    return list(reports.made(kind, work).lines)


def test_of_each_kind_the_last_ones_are_kept_and_broken_ones_are_passed_over(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep_reports, "MOST", 3)
    for number in range(5):
        reports.made(reports.CLEANUP, lambda draft, number=number: draft.say(f"run {number}"))
    store.lset(engine_keys.upkeep(reports.CLEANUP), 1, "no JSON")
    store.lset(engine_keys.upkeep(reports.CLEANUP), 2, '{"kind": "cleanup", "of": "another version"}')
    reports.made(reports.HEALTH, lambda draft: draft.say("well"))
    assert [one.lines[0] for one in reports.latest()] == ["well", "run 4"] and store.llen(engine_keys.upkeep("cleanup")) == 3
    assert 0 < store.ttl(engine_keys.upkeep("cleanup")) <= upkeep_reports.TTL_S
    assert [one.kind for one in reports.latest(reports.HEALTH)] == ["health-check"] and reports.last(reports.OPTIMIZE) is None
    with pytest.raises(errors.ArgumentError, match="cleanup, statistics"):
        reports.latest("sweeping")


def test_work_that_breaks_off_leaves_its_report_and_its_error(store: Any) -> None:
    def work(draft: reports.Draft) -> None:
        draft.say("began")
        raise ValueError("broke")

    with pytest.raises(ValueError, match="broke"):
        reports.made(reports.CLEANUP, work)
    [kept] = reports.latest()
    assert (kept.failed, list(kept.lines)) == ("ValueError: broke", ["began"])


def test_a_broken_key_of_reports_stops_no_work(store: Any) -> None:
    store.set(engine_keys.upkeep(reports.CLEANUP), "x", ex=60)
    assert told(reports.CLEANUP, lambda draft: draft.say("done")) == ["done"] and reports.latest() == []


def test_the_clean_up_says_what_went_and_by_an_age_which_jobs(store: Any) -> None:
    queues.submit(upheld)
    failed = queues.submit(upheld, "x").job_id
    inline.run_until_idle()
    assert list(cleaning.clean_up().lines) == ["Nothing had expired."] and store.exists(keys.job(failed))
    done: list[int] = []
    found = cleaning.clean_up(0, done.append)
    assert found.lines[0] == "Removed jobs that ended 0 days ago or earlier: 1 completed, 1 failed." and done[-1] == 2
    assert found.facts["jobs"] == {"completed": 1, "failed": 1} and not store.exists(keys.job(failed))
    assert list(cleaning.clean_up(0).lines) == ["Removed jobs that ended 0 days ago or earlier: none."]
    for wrong in (-1.0, float("nan"), 1e9):
        with pytest.raises(errors.ArgumentError):
            cleaning.clean_up(wrong)
    assert len(reports.latest(reports.CLEANUP)) == 3, "an age that is none was refused before anything was done"


def test_a_job_says_in_its_report_which_job_it_was(store: Any) -> None:
    job_id = queues.submit(maintenance.clean_up, 30.0).job_id
    inline.run_until_idle()
    assert [one.job for one in reports.latest(reports.CLEANUP)] == [job_id]


def test_slow_commands_are_told_once_also_after_a_restart(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [slow(0, 7), slow(1, 8, ms=40), slow(1, 9, "BLPOP trawl:wake")]
    monkeypatch.setattr(slow_commands, "slow_log", lambda: Slowlog(entries, ""))

    def lines() -> list[str]:
        return told(reports.HEALTH, lambda draft: slow_log.tell(draft, reports.HEALTH))

    first = lines()
    assert first[0] == "3 slow commands since the last report:" and "EVALSHA engine/settle: 2 ×, 40 ms at most" in first[1]
    assert lines() == ["No slow command since the last report."]
    entries[:] = [slow(90, 0, "KEYS *")]  # the server started anew, and counts from 0
    assert "KEYS *: 1 ×" in lines()[1] and lines() == ["No slow command since the last report."]
    other = told(reports.OPTIMIZE, lambda draft: slow_log.tell(draft, reports.OPTIMIZE))
    assert other[0].startswith("1 slow"), "each kind for itself"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (b"evalsha %s 2 a b secret" % scripts.sha("engine/settle").encode(), "EVALSHA engine/settle"),
        (b"EVALSHA 0123456789abcdef 0", "EVALSHA 01234567…"),
        (b"SET trawl:key secret", "SET trawl:key"),
        (b"ECHO secret", "ECHO"),
        (b"keys rq:job:*", "KEYS rq:job:*"),
        (b"EVAL return(secret) 0", "EVAL of others"),
        (b"", ""),
    ],
)
def test_a_slow_command_is_named_without_its_data(words: bytes, shown: str) -> None:
    names = {scripts.sha(name): name for name in script_text.names()}
    entry = {"id": 1, "start_time": 1_700_000_000, "duration": 12_345, "command": words}
    found = slow_commands._slow(entry, names)
    assert found.command == shown and found.took_ms == 12.345


def test_the_largest_keys_are_told_and_a_walk_goes_on_where_the_last_ended(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {f"rq:job:{number}": 100 for number in range(299)} | {"trawl:keyword:1:ranks": 5000, keys.EVENTS: 20 << 20}
    sizes |= {"x.reply.celery.pidbox": 112 << 20}
    store.mset({"x.reply.celery.pidbox": "somebody else's", keys.EVENTS: ""})
    pages = [list(sizes)[at : at + 100] for at in range(0, 400, 100)]
    monkeypatch.setattr(key_sizes, "of", lambda names: {name: sizes[name] for name in names if name in sizes})
    monkeypatch.setattr(key_sizes, "count", lambda: len(sizes))

    def walk(cursor: int, most: int) -> Any:
        for number in (cursor + 1, cursor + 2):
            yield number % 4, {name: sizes[name] for name in pages[number - 1]}

    monkeypatch.setattr(key_sizes, "walk", walk)
    first = reports.made(reports.OPTIMIZE, lambda draft: big_keys.tell(draft, reports.OPTIMIZE))
    assert first.facts["keys"]["cursor"] == 2 and first.facts["keys"]["kinds"][0]["count"] == 302, "estimated from 200 of them"
    assert first.lines[0].startswith("200 of 302 keys were measured; the next time")
    assert first.lines[1] == "Large: trawl:events takes 20 MiB."
    second = reports.made(reports.OPTIMIZE, lambda draft: big_keys.tell(draft, reports.OPTIMIZE))
    assert second.facts["keys"]["cursor"] == 0 and [one["keys"] for one in second.facts["keys"]["kinds"]] == [
        "*", "trawl:events", "rq:job:*", "trawl:keyword:*:ranks",
    ]  # fmt: skip


@pytest.mark.real_redis
def test_what_our_least_user_may_not_do_is_said_and_the_rest_is_done(store: Any, real_server: str) -> None:
    rights = f"{server.COMMANDS_RULE} {server.KEYS_RULE} {server.CHANNELS_RULE}"
    store.execute_command("ACL", "SETUSER", "least", "reset", "on", ">pw", *rights.split())
    path = real_server.removeprefix("unix://").partition("?")[0]
    connection.use(redis.Redis(unix_socket_path=path, username="least", password="pw"))
    try:
        queues.submit(upheld)
        health, week = checking.check(), optimizing.optimize()
    finally:
        connection.use(store)
        store.execute_command("ACL", "DELUSER", "least")
    assert [line.partition(":")[0] for line in health.refused] == ["SLOWLOG"] and health.facts["status"]
    assert [line.partition(":")[0] for line in week.refused] == ["BGREWRITEAOF", "SLOWLOG"]
    assert week.facts["repaired"] == {} and week.facts["keys"]["seen"] >= 2 and week.memory_after


def test_a_server_that_measures_no_keys_is_no_fault(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(names: Any) -> Any:
        raise key_sizes.NotTold("MEMORY USAGE: NOPERM")

    monkeypatch.setattr(key_sizes, "of", refuses)
    found = reports.made(reports.OPTIMIZE, lambda draft: big_keys.tell(draft, reports.OPTIMIZE))
    assert list(found.refused) == ["MEMORY USAGE: NOPERM"] and "keys" not in found.facts and not found.failed


@pytest.mark.real_redis
def test_the_optimisation_repairs_rewrites_and_measures_on_a_real_server(store: Any) -> None:
    job_id = queues.submit(upheld).job_id
    store.lrem(keys.queue("low"), 0, job_id)  # a lost write
    store.zadd(keys.RQ_FINISHED + "low", {"gone": 1})
    found = optimizing.optimize()
    assert found.facts["repaired"] == {"waiting jobs": 1} and found.facts["expired"] == 1 and not found.refused
    assert store.lrange(keys.queue("low"), 0, -1) == [job_id.encode()]
    assert found.facts["log"]["outcome"] == "done" and found.facts["log"]["after"] > 0
    assert found.memory_before and found.memory_after and found.facts["keys"]["seen"] >= 3
    assert "is not known" in found.lines[-1], "no hour has figures yet"
    assert optimizing.optimize().facts["repaired"] == {}
