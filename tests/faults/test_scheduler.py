"""Schedulers killed, frozen, cut off and deployed over each other: each occurrence once, none forgotten, nothing early.

The audit counts ids as they were queued, and the runs of a worker in the ledger. rq-scheduler's own loop is held against the same
audit in test_scheduler_stock.py.
"""

import json
import os
import random
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
import queues
import scheduler
from scheduling import loop, recurrence
from state.budgets import periods
from state.engine import schedule_records
from state.store import connection, keys
from tests import patience
from tests.faults import harness, schedule
from tests.faults.schedule import row
from tests.local.real import until

pytestmark = pytest.mark.real_redis

SCHEDULERS = 3

#: How long the storm lasts: longer by hand (TRAWL_TEST_STORM_S).
STORM_S = float(os.environ.get("TRAWL_TEST_STORM_S", 8))

#: What a real clock and a busy machine add to a moment that is measured.
LEEWAY_S = 1.0


def start(scene: harness.Env, rows: list[dict[str, Any]], step: str = "", **env: str) -> harness.Program:
    """One scheduler program with this table."""
    return scene.program("scheduler", step=step, TRAWL_TEST_TABLE=json.dumps(rows), LOG_LEVEL="INFO", **env)


def up(*programs: harness.Program) -> None:
    for program in programs:
        until(lambda one=program: one.said("Scheduler is up"))


def register(rows: list[dict[str, Any]]) -> int:
    return loop.Scheduler().register(schedule.entries(rows))


def store_now() -> float:
    return connection.now().timestamp()


def queued(name: str) -> list[int]:
    """Due times of an entry's occurrences in the queue."""
    return schedule.occurrences(schedule.queued()).dues[name]


def overdue(name: str, by_s: int) -> int:
    """Let an entry be due so long ago; when that was."""
    due = int(store_now()) - by_s
    connection.client().zadd(keys.RQ_SCHEDULER_JOBS, {f"schedule-{name}": due})
    return due


def go_on(seconds: int) -> None:
    """Wait until everything has been armed for so long from now."""
    until_s = store_now() + seconds
    until(lambda: min(schedule.armed().values()) > until_s)


def drained(scene: harness.Env) -> schedule.Occurrences:
    """Let a worker run what is queued; the audit over what ran."""
    scene.program("worker", "--processes", "1", "--threads", "8", "--burst", "--max-jobs", "0").process.wait(patience.HANG_S)
    return schedule.occurrences(line.job for line in scene.ledger.lines("start"))


# --- 12: the storm --------------------------------------------------------------------------------------------------

STORM = [row(f"all-{number}", 1 + number % 2, missed="all") for number in range(5)] + [row("one", 1, missed="one")]
EVERY_S = {one["name"]: one["every_s"] for one in STORM}


def strike(scene: harness.Env, running: list[harness.Program], dice: random.Random) -> None:
    """One fault, by chance."""
    fault = dice.choice(["kill", "kill", "freeze", "freeze", "pause redis", "kill redis"])
    victim = dice.choice(running)
    if fault == "kill":
        victim.close()
        running.remove(victim)
        running.append(start(scene, STORM))
    elif fault == "freeze":
        victim.send(signal.SIGSTOP)
        clock.wait(dice.uniform(0.2, 2.5))
        victim.send(signal.SIGCONT)
    elif fault == "pause redis":
        scene.server.send(signal.SIGSTOP)
        clock.wait(dice.uniform(0.2, 1.5))
        scene.server.send(signal.SIGCONT)
    else:
        scene.server.send(signal.SIGKILL)
        clock.wait(dice.uniform(0, 0.5))
        scene.server.start()


def test_a_storm_over_three_schedulers_loses_and_doubles_nothing(scene: harness.Env, dice: random.Random) -> None:
    register(STORM)
    first = schedule.armed()
    running = [start(scene, STORM) for _ in range(SCHEDULERS)]
    up(*running)
    begun, strikes = clock.monotonic(), 0
    while harness.seconds_since(begun) < STORM_S:
        strike(scene, running, dice)
        strikes += 1
        clock.wait(dice.uniform(0, 0.4))
    until(lambda: min(schedule.armed().values()) > store_now())
    for program in running:
        program.close()
    found = schedule.occurrences(schedule.queued())
    print(f"{strikes} strikes, {found.ids.total()} occurrences, missed {found.missed}")
    found.verify(EVERY_S, first)
    assert set(found.missed.values()) - {found.missed["one"]} <= {0}, "all: each was made up for"
    assert len(found.dues["all-0"]) >= STORM_S - 1
    ran = drained(scene)
    ran.verify(EVERY_S, first)
    assert ran.ids == found.ids


def test_three_schedulers_that_come_back_at_once_make_up_for_all_or_for_one(scene: harness.Env) -> None:
    rows = [row("all", 2, missed="all"), row("one", 2, missed="one"), row("none", 3600, missed="skip")]
    register(rows)
    due = {name: overdue(name, by_s) for name, by_s in (("all", 61), ("one", 61), ("none", 40))}
    running = [start(scene, rows) for _ in range(SCHEDULERS)]
    up(*running)
    until(lambda: min(schedule.armed().values()) > store_now())
    back = store_now()
    for program in running:
        program.close()
    found = schedule.occurrences(schedule.queued())
    found.verify({"all": 2})
    first = found.dues["one"][0]
    assert first >= due["one"] + 60 and found.dues["one"] == list(range(first, first + 2 * len(found.dues["one"]), 2))
    assert found.missed["one"] == (first - due["one"]) // 2, "one late run, the last of those that were missed"
    assert found.dues["all"][0] == due["all"] and len(found.dues["all"]) >= 30
    assert found.dues["none"] == [] and found.missed["none"] == 1
    assert schedule.armed()["none"] > back


# --- 13: killed at each step ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["before_script", "inside_script", "after_script"])
@pytest.mark.parametrize("how", ["KILL", "STOP"])
def test_killed_or_frozen_at_each_step_of_an_occurrence(scene: harness.Env, step: str, how: str) -> None:
    rows = [row(f"n{number}", 2, missed="all") for number in range(40)]
    register(rows)
    dying = start(scene, rows, step=step, TRAWL_TEST_SIGNAL=how, TRAWL_TEST_PAGE="25")
    until(lambda: not (scene.folder / "fuse").exists())
    if how == "KILL":
        assert dying.process.wait(patience.HANG_S) == -signal.SIGKILL
    other = start(scene, rows)
    up(other)
    go_on(2)
    if how == "STOP":
        dying.send(signal.SIGCONT)
        go_on(2)
    until(lambda: min(schedule.armed().values()) > store_now())
    for program in (dying, other):
        program.close()
    found = schedule.occurrences(schedule.queued())
    found.verify({one["name"]: 2 for one in rows})
    assert min(len(dues) for dues in found.dues.values()) >= 2 and len(schedule.armed()) == 40
    assert drained(scene).ids == found.ids


def test_killed_in_the_middle_of_registering_changes_nothing_that_was_right(scene: harness.Env) -> None:
    before = [row(f"n{number}", 3600) for number in range(20)]
    register(before)
    due = overdue("n3", 100)
    hashes = {name: connection.client().hgetall(keys.job(f"schedule-{name}")) for name in schedule.armed()}
    after = [*before[:10], *(row(f"n{number}", 7200) for number in range(10, 20)), row("new", 3600)]
    dying = start(scene, after, step="inside_registration")
    assert dying.process.wait(patience.HANG_S) == -signal.SIGKILL
    assert schedule.armed()["n3"] == due and schedule.queued() == []
    for name in (f"n{number}" for number in range(10)):
        assert connection.client().hgetall(keys.job(f"schedule-{name}")) == hashes[name]
    up(start(scene, after))
    until(lambda: queued("n3") == [due])
    assert set(schedule.armed()) == {one["name"] for one in after}
    intervals = {one.id: recurrence.read(one.fields[b"meta"]).says for one in schedule_records.records()}
    assert intervals["schedule-n0"] == "every 3600 s" and intervals["schedule-n15"] == "every 7200 s"


# --- 14: a month missed ---------------------------------------------------------------------------------------------


def test_a_month_that_began_while_no_scheduler_ran_is_begun_once_by_its_own_due_time(scene: harness.Env) -> None:
    loop.Scheduler().register(scheduler.table())
    now = datetime.fromtimestamp(store_now(), UTC)
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    entry = "schedule-begin-budget-month"
    connection.client().zadd(keys.RQ_SCHEDULER_JOBS, {entry: int(first.timestamp())})
    running = [scene.program("scheduler") for _ in range(SCHEDULERS)]
    up(*running)
    job = f"{entry}-{int(first.timestamp())}"
    until(lambda: harness.status(job) == "queued")
    month = (first + timedelta(days=32)).replace(day=1)
    assert schedule.armed()["begin-budget-month"] == month.timestamp()
    scene.worker(1, 4)
    scene.settled([job]).verify()
    assert periods.began(first.strftime("%Y-%m")) and (schedule_records.find(entry) or pytest.fail("gone")).counts["missed"] == 0


# --- 15: a deploy ---------------------------------------------------------------------------------------------------


def test_deploys_change_what_changed_and_nothing_else(scene: harness.Env) -> None:
    busy = row("busy", 3600, "occupy", kwargs={"seconds": 6.0}, overlap="skip")
    old = [row("kept", 3600), busy, row("changed", 3600), row("left", 3600)]
    register(old)
    up(start(scene, old))
    until(lambda: len(schedule.queued()) == 4)
    scene.worker(1, 8)
    until(lambda: scene.ledger.count("end") >= 3 and not schedule.queued())
    scene.programs[0].stop()

    due = overdue("kept", 50)
    kept = connection.client().dump(keys.job("schedule-kept"))
    new = [row("kept", 3600), busy, row("changed", None, cron="0 0 1 1 *"), row("new", 3600)]
    for _ in range(3):
        pair = [start(scene, new) for _ in range(2)]
        up(*pair)
        for program in pair:
            program.process.terminate()
        assert [program.process.wait(patience.HANG_S) for program in pair] == [0, 0]
    up(start(scene, new))

    until(lambda: harness.status(f"schedule-kept-{due}") == "finished")
    assert connection.client().dump(keys.job("schedule-kept")) == kept
    runs = schedule.occurrences(line.job for line in scene.ledger.lines("start"))
    assert runs.doubled == [] and {name: len(dues) for name, dues in runs.dues.items()} == {
        "kept": 2, "busy": 1, "changed": 1, "left": 1, "new": 1,
    }  # fmt: skip
    gone = schedule_records.find("schedule-left")
    assert gone and gone.off == "removed" and gone.next_at is None and gone.fields
    january = datetime.fromtimestamp(schedule.armed()["changed"], UTC)
    assert (january.month, january.day, january.hour) == (1, 1, 0)


# --- 16: overlap ----------------------------------------------------------------------------------------------------


def test_runs_longer_than_their_interval_keep_to_their_rule(scene: harness.Env) -> None:
    runs_s, rules = 2.4, ("skip", "queue_one", "allow")
    rows = [row(name.replace("_", "-"), 1, "occupy", kwargs={"seconds": runs_s}, overlap=name) for name in rules]
    for _ in range(2):
        scene.worker(1, 20)
    running = [start(scene, rows) for _ in range(2)]
    up(*running)
    waiting: dict[str, int] = dict.fromkeys(("skip", "queue-one", "allow"), 0)
    begun = clock.monotonic()
    while harness.seconds_since(begun) < 10 or counts("skip")["skipped"] < 4 or counts("queue-one")["skipped"] < 2:
        assert harness.seconds_since(begun) < patience.HANG_S
        for name in waiting:
            waiting[name] = max(waiting[name], backlog(scene, name))
        clock.wait(0.05)
    for program in running:
        program.stop()
    jobs = sorted({line.job for line in scene.ledger.lines("start")})
    scene.settled(jobs).verify()
    assert {harness.status(job) for job in jobs} == {"finished"}
    assert max_at_once(scene, "skip") == max_at_once(scene, "queue-one") == 1 < max_at_once(scene, "allow")
    assert waiting["skip"] <= 1 and waiting["queue-one"] <= 1
    assert counts("allow")["skipped"] == 0
    pauses = between(scene, "queue-one")
    longest_s = loop.POLL_S + patience.leeway(LEEWAY_S)
    assert pauses and max(pauses) <= longest_s, "the one that waits begins when the earlier one is over"


def counts(name: str) -> dict[str, int]:
    record = schedule_records.find(f"schedule-{name}")
    return record.counts if record else dict.fromkeys(schedule_records.COUNTS, 0)


def lines_of(scene: harness.Env, name: str) -> list[harness.Line]:
    return [line for line in scene.ledger.lines() if line.job.startswith(f"schedule-{name}-")]


def backlog(scene: harness.Env, name: str) -> int:
    """Occurrences in the queue that nobody has begun, and one that waits."""
    record = schedule_records.find(f"schedule-{name}")
    begun = {line.job for line in lines_of(scene, name)}
    queue = [job for job in schedule.queued() if job.startswith(f"schedule-{name}-") and job not in begun]
    return len(queue) + bool(record and record.waits)


def max_at_once(scene: harness.Env, name: str) -> int:
    depth = deepest = 0
    for line in sorted(lines_of(scene, name), key=lambda one: (one.at, one.what == "start")):
        depth += 1 if line.what == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def between(scene: harness.Env, name: str) -> list[float]:
    """Seconds from each end to the next start."""
    starts, ends = ([line.at for line in lines_of(scene, name) if line.what == what] for what in ("start", "end"))
    return [start - end for end, start in zip(ends, starts[1:], strict=False)]


# --- 17: drift ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", [5, pytest.param(21, marks=pytest.mark.long)])
def test_an_interval_is_neither_rounded_to_the_poll_nor_drifts(scene: harness.Env, runs: int) -> None:
    scene.worker(1, 4)
    up(start(scene, [row("three", 3)], TRAWL_TEST_POLL_S="5"))
    until(lambda: scene.ledger.count("start") >= runs)
    lines = scene.ledger.lines("start")[:runs]
    dues = [int(line.job.rpartition("-")[2]) for line in lines]
    assert [due - dues[0] for due in dues] == [3 * number for number in range(runs)]
    first = lines[1].at  # the very first is due when it is registered
    leeway_s = patience.leeway(LEEWAY_S)
    assert all(abs(line.at - first - 3 * number) <= leeway_s for number, line in enumerate(lines[1:]))


# --- 18: one broken entry -------------------------------------------------------------------------------------------


def test_broken_entries_stop_no_other_and_end_no_scheduler(scene: harness.Env) -> None:
    rows = [row("good", 1, missed="all"), *(row(f"bad-{number}", 1) for number in range(4))]
    program = start(scene, rows)
    up(program)
    redis = connection.client()
    redis.hset(keys.job("schedule-bad-0"), "data", b"\x80\x04pickle")
    redis.hset(keys.job("schedule-bad-1"), "data", '["os.system", null, ["touch canary"], {}]')
    redis.hset(keys.job("schedule-bad-2"), "meta", "[1")
    redis.delete(keys.job("schedule-bad-3"))
    redis.set(keys.job("schedule-bad-3"), "x")
    redis.zadd(keys.RQ_SCHEDULER_JOBS, {b"\xff\x00": 1, "no-such-job": 1})
    now = int(store_now())
    until(lambda: (queued("good") or [0])[-1] >= now + 4)
    dues = queued("good")
    assert dues == list(range(dues[0], dues[0] + len(dues))) and program.process.poll() is None
    records = {one.id: one.counts["late"] for one in schedule_records.records()}
    assert records["schedule-good"] == 0 or patience.slowness() > 1
    for number in range(4):
        assert program.said(f"schedule-bad-{number} is broken") == 1


# --- 28: clocks -----------------------------------------------------------------------------------------------------


def test_schedulers_whose_clocks_are_wrong_queue_nothing_early_late_or_twice(scene: harness.Env) -> None:
    rows = [row("often", 1, missed="all"), row("hourly", 3600), row("cron", None, cron="* * * * *", missed="all")]
    running = [start(scene, rows, TRAWL_TEST_CLOCK_S=wrong, ALLOW_UNSAFE_REDIS="1") for wrong in ("-120", "120")]
    up(*running)
    delayed = queues.submit(schedule.occur, 1, delay_s=100).job_id
    until(lambda: len(queued("often")) >= 6)
    now = store_now()
    found = schedule.occurrences(schedule.queued())
    found.verify({"often": 1})
    assert max(found.dues["often"]) <= now and len(found.dues["hourly"]) == 1 and set(found.missed.values()) == {0}
    assert all(due <= now for due in found.dues["cron"]) and len(found.dues["cron"]) <= 1
    assert harness.status(delayed) == "scheduled"
    record = schedule_records.find("schedule-often")
    assert record and record.last_began_at and record.last_due_at
    assert timedelta(0) <= record.last_began_at - record.last_due_at <= timedelta(seconds=patience.leeway(LEEWAY_S))
