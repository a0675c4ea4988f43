"""`doctor`: every class of damage, made by hand, is named, repaired in place, and what was stuck goes on."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer

import clock
import config
import models
import queues
import scheduler
from scheduling import loop
from state.access import keys as access_keys
from state.engine import dedup, heartbeats, leases, limits, rescues, schedule_records, schedule_switches
from state.store import keys
from state.tracking import halts, keywords
from state.tracking import projects as stored
from tests.commands.conftest import Run, answers
from tests.state import NOON, project, tick, tracked, words
from worker import inline
from worker.rq import registration

MINUTES_3, MINUTES_4 = timedelta(minutes=3), timedelta(minutes=4)

runs: list[Any] = []

#: Makes the damage; returns what runs afterwards, as it notes itself.
Damage = Callable[[Any], list[Any]]


@queues.job(retries=1)
def note(value: Any) -> None:
    """Remember a call."""
    runs.append(value)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """The clock stands still, on the server too."""
    runs.clear()
    with clock.frozen(NOON):
        yield


@pytest.fixture(autouse=True)
def staffed(noon: None, store: Any) -> None:
    """A worker and a scheduler live: nothing stands still for want of them."""
    registration.WorkerRecord(queues.QUEUES, "living", lambda job: None).register_birth()
    heartbeats.beat("scheduler")


def submit(value: Any, **options: Any) -> str:
    return queues.submit(note, value, **options).job_id


def take(worker: str = "w1") -> leases.Leased:
    return leases.exchange(worker, [], leases.LeaseRequest(1, queues.QUEUES, threads=1)).taken[0]


def found(run: Run, *options: str) -> dict[str, dict[str, Any]]:
    """Classes of which something was found or repaired."""
    result = run("doctor", "--json", *options)
    told = json.loads(result.stdout)
    wrong = {row["class"]: row for row in told["store"] if row["count"]}
    assert (result.exit_code, told["right"]) == ((1, False) if wrong else (0, True))
    return wrong | {row["class"]: row for row in told["store"] if row["repaired"]}


def snapshot(store: Any) -> dict[bytes, Any]:
    """Every key but the audit, in which each repair that was asked for leaves a line."""
    return {key: store.dump(key) for key in store.scan_iter("*") if key != access_keys.AUDIT.encode()}


# --- damage, one kind each ---


def lost_from_its_queue(store: Any) -> list[Any]:
    submit("stays")
    store.lrem(keys.queue("default"), 0, submit("lost"))
    return ["lost", "stays"]


def queue_deleted(store: Any) -> list[Any]:
    for number in range(30):
        with clock.frozen(NOON + timedelta(seconds=number)):
            submit(number)
    store.delete(keys.queue("default"))
    submit("new")
    return [*range(30), "new"]


def started_without_lease(store: Any) -> list[Any]:
    submit("stuck")
    store.zrem(keys.LEASES, take().lease)
    return ["stuck"]


def started_without_any_record(store: Any) -> list[Any]:
    store.hset(keys.job(submit("stuck")), "status", "started")
    store.delete(keys.queue("default"))
    return ["stuck"]


def delayed_in_no_registry(store: Any) -> list[Any]:
    store.zrem(keys.RQ_SCHEDULED + "default", submit("delayed", delay_s=9999))
    return ["delayed"]


def overdue_and_not_moved(store: Any) -> list[Any]:
    submit("late", delay_s=60)
    clock.advance(MINUTES_3)
    return ["late"]


def entry_without_a_job(store: Any) -> list[Any]:
    submit("first")
    store.delete(keys.job(submit("gone")))
    submit("last")
    store.rpush(keys.queue("low"), "nonsense", "\xff")
    return ["first", "last"]


def claim_of_a_job_that_is_gone(store: Any) -> list[Any]:
    store.delete(keys.job(submit("gone", dedup_key="doctor:key")))
    store.delete(keys.queue("default"))
    return []


def claim_of_a_check_that_is_gone(store: Any) -> list[Any]:
    tracked()
    tick()
    [job] = store.lrange(keys.queue("high"), 0, -1)
    store.delete(keys.job(job.decode()), keys.queue("high"))
    return []


def claim_of_a_call_that_broke_off(store: Any) -> list[Any]:
    dedup.take("doctor", "key", dedup.direct_owner())
    clock.advance(timedelta(minutes=16))
    return []


def half_a_claim(store: Any) -> list[Any]:
    store.sadd(keys.CLAIM_NAMESPACES, "doctor")
    store.zadd(keys.claims("doctor"), {"half": NOON.timestamp() * 1000})
    return []


def lease_of_a_job_that_is_gone(store: Any) -> list[Any]:
    submit("gone")
    store.delete(keys.job(take().id))
    return []


def lease_without_an_end(store: Any) -> list[Any]:
    submit("held")
    store.zadd(keys.LEASES, {take().lease: (NOON + timedelta(days=9)).timestamp() * 1000})
    return ["held"]


def lease_nobody_took_back(store: Any) -> list[Any]:
    submit("held")
    take()
    clock.advance(MINUTES_3)
    return ["held"]


def records_of_a_run_that_is_over(store: Any) -> list[Any]:
    registration.WorkerRecord(queues.QUEUES, "w1", lambda job: None).register_birth()
    job = submit("over")
    store.zadd(keys.RQ_STARTED + "default", {f"{job}:old": 1})
    store.zadd(keys.RQ_EXECUTIONS + job, {"old": 1})
    store.hset(keys.RQ_EXECUTION + f"{job}:old", "id", "old")
    store.sadd(f"{keys.RQ_WORKER}w1:executions", f"{job}:old")
    return ["over"]


def worker_that_died(store: Any) -> list[Any]:
    for name in ("alive", "dead"):
        registration.WorkerRecord(queues.QUEUES, name, lambda job: None).register_birth()
    store.delete(f"{keys.RQ_WORKER}dead")
    return []


def parent_not_followed_up(store: Any) -> list[Any]:
    parent = submit("parent")
    queue = rq.Queue("default", connection=store, serializer=JSONSerializer)
    queue.enqueue(f"{__name__}.note", "child", depends_on=queues.Job.fetch(parent, connection=store))
    settled = leases.Settlement(take(), "finished")
    assert leases.exchange("w1", [settled], None).settled == ["follow_up"]
    clock.advance(MINUTES_4)
    return ["child"]


def keyword_in_no_batch(store: Any) -> list[Any]:
    [word] = tracked()
    store.zrem(keys.due("p"), word)
    store.zrem(keys.WAITING, "p")
    return []


def archived_keyword_in_a_batch(store: Any) -> list[Any]:
    one, _ = tracked(2)
    keywords.set_archived(one, True)
    store.zadd(keys.due("p"), {one: 0})
    return []


def due_time_of_no_keyword(store: Any) -> list[Any]:
    one, _ = tracked(2)
    store.delete(keys.keyword(one))
    return []


def project_without_a_turn(store: Any) -> list[Any]:
    tracked()
    store.zrem(keys.WAITING, "p")
    return []


def project_that_is_gone_and_waits(store: Any) -> list[Any]:
    store.zadd(keys.WAITING, {"gone": 0})
    return []


def inactive_project_with_a_turn(store: Any) -> list[Any]:
    words(project(active=False).id, 2)
    store.zadd(keys.RING, {"p": 0})
    return []


def weights_deleted(store: Any) -> list[Any]:
    project(weight=3.0)
    store.delete(keys.WEIGHTS)
    return []


def weight_of_another_kind(store: Any) -> list[Any]:
    project()
    store.hset(keys.WEIGHTS, mapping={"p": 7, "gone": 2})
    return []


def project_off_the_list(store: Any) -> list[Any]:
    tracked()
    store.srem(keys.PROJECTS, "p")
    return []


def listed_and_gone(store: Any) -> list[Any]:
    store.sadd(keys.PROJECTS, "gone")
    return []


def folders_deleted(store: Any) -> list[Any]:
    project()
    store.delete(keys.FOLDERS)
    return []


def folder_of_nobody(store: Any) -> list[Any]:
    store.hset(keys.FOLDERS, "old", "gone")
    return []


def two_projects_with_one_folder(store: Any) -> list[Any]:
    project("old", folder="f")
    store.delete(keys.FOLDERS)
    with clock.frozen(NOON + MINUTES_3):
        project("new", folder="f")
    return []


def broken_entry_of_the_schedule(store: Any) -> list[Any]:
    loop.Scheduler().register(scheduler.table())
    store.hset(keys.job("schedule-clean-up-jobs"), "data", "garbage")
    return []


def entry_of_the_schedule_that_is_gone(store: Any) -> list[Any]:
    loop.Scheduler().register(scheduler.table())
    store.delete(keys.job("schedule-clean-up-jobs"))
    return []


def entry_that_nothing_will_run(store: Any) -> list[Any]:
    loop.Scheduler().register(scheduler.table())
    store.zrem(keys.RQ_SCHEDULER_JOBS, "schedule-begin-budget-month")
    return []


def entry_due_in_thirty_years(store: Any) -> list[Any]:
    loop.Scheduler().register(scheduler.table())
    store.zadd(keys.RQ_SCHEDULER_JOBS, {"schedule-clean-up-jobs": NOON.timestamp() + 1e9, "schedule-compact-store": 1e300})
    return []


DAMAGES: dict[Damage, dict[str, int]] = {
    lost_from_its_queue: {"waiting jobs": 1},
    queue_deleted: {"waiting jobs": 30},
    started_without_lease: {"running jobs": 1, "run records": 1},
    started_without_any_record: {"running jobs": 1},
    delayed_in_no_registry: {"delayed jobs": 1},
    overdue_and_not_moved: {"overdue jobs": 1},
    entry_without_a_job: {"queue entries": 3},
    claim_of_a_job_that_is_gone: {"claims": 1},
    claim_of_a_check_that_is_gone: {"claims": 1},
    claim_of_a_call_that_broke_off: {"claims": 1},
    half_a_claim: {"claims": 1},
    lease_of_a_job_that_is_gone: {"leases": 1},
    lease_without_an_end: {"leases": 1},
    lease_nobody_took_back: {"overdue leases": 1},
    records_of_a_run_that_is_over: {"run records": 1},
    worker_that_died: {"workers": 1},
    parent_not_followed_up: {"follow-ups": 1},
    keyword_in_no_batch: {"keywords": 1},
    archived_keyword_in_a_batch: {"keywords": 1},
    due_time_of_no_keyword: {"due times": 1},
    project_without_a_turn: {"projects": 1},
    project_that_is_gone_and_waits: {"projects": 1},
    inactive_project_with_a_turn: {"projects": 1},
    weights_deleted: {"project records": 1},
    weight_of_another_kind: {"project records": 2},
    project_off_the_list: {"project records": 1},
    listed_and_gone: {"project records": 1},
    folders_deleted: {"project records": 1},
    folder_of_nobody: {"folders": 1},
    two_projects_with_one_folder: {"project records": 1},
    broken_entry_of_the_schedule: {"schedule": 1},
    entry_of_the_schedule_that_is_gone: {"schedule": 1},
    entry_that_nothing_will_run: {"schedule": 1},
    entry_due_in_thirty_years: {"schedule": 2},
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_named_and_looking_changes_nothing(damage: Damage, run: Run, store: Any) -> None:
    damage(store)
    before = snapshot(store)

    seen = found(run)

    assert {name: row["count"] for name, row in seen.items()} == DAMAGES[damage]
    assert all(row["examples"] and row["what"] and row["fix"] for row in seen.values())
    assert run("doctor").exit_code == 1
    assert snapshot(store) == before


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_repaired_once_and_what_was_stuck_goes_on(damage: Damage, run: Run, store: Any) -> None:
    waits = damage(store)

    repaired = found(run, "--fix")

    assert set(repaired) >= set(DAMAGES[damage]) - {"run records"}
    assert {row["count"] for row in repaired.values()} == {0} and {row["repaired"] for row in repaired.values()} <= {1, 2, 3, 30}
    assert found(run) == found(run, "--fix") == {}
    clock.advance(timedelta(seconds=20))  # a lease that had no end has one now
    inline.run_until_idle()
    assert runs == waits
    assert found(run) == {}


def test_of_two_projects_with_one_folder_the_older_keeps_it(run: Run, store: Any) -> None:
    two_projects_with_one_folder(store)
    run("doctor", "--fix")
    assert (stored.get("old").folder, stored.get("new").folder) == ("f", "f--new")
    assert store.hgetall(keys.FOLDERS) == {b"f": b"old", b"f--new": b"new"}


def test_weights_that_were_deleted_share_a_batch_again(run: Run, store: Any) -> None:
    weights_deleted(store)
    run("doctor", "--fix")
    assert store.hgetall(keys.WEIGHTS) == {b"p": b"3.0"}


def test_an_entry_keeps_its_due_time_when_it_is_mended(run: Run, store: Any) -> None:
    entry_that_nothing_will_run(store)
    run("doctor", "--fix")
    record = schedule_records.find("schedule-begin-budget-month")
    assert record and record.next_at and record.next_at.isoformat() == "2026-04-01T00:00:00+00:00"
    assert "broken" not in run("schedule", "list").output


# --- what stops all work ---


def suspended(store: Any) -> None:
    store.set(keys.RQ_SUSPENDED, 1)


def halted(store: Any) -> None:
    halts.halt("sandbox", "no credits")


def no_worker(store: Any) -> None:
    registration.drop_record("living")
    submit("waits")


def no_scheduler(store: Any) -> None:
    store.delete(keys.heartbeat("scheduler"))
    loop.Scheduler().register(scheduler.table())


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (suspended, "✗ suspended: Suspended until somebody ends it"),
        (halted, "✗ halted: Nothing is fetched: no credits"),
        (no_worker, "✗ no worker: No worker runs that serves the queue default"),
        (no_scheduler, "✗ no scheduler: No scheduler runs, and "),
    ],
)
def test_what_stops_all_work_is_wrong_and_named_with_what_ends_it(
    happens: Callable[[Any], None], says: str, run: Run, store: Any
) -> None:
    happens(store)

    result = run("doctor")

    assert result.exit_code == 1 and result.stdout.startswith(says)
    assert result.stdout.splitlines()[1].startswith("    fix: ")
    told = json.loads(run("doctor", "--json").stdout)
    assert told["right"] is False and len(told["stops"]) == 1 and told["stops"][0]["fix"]


def test_what_is_disabled_by_hand_is_told_and_nothing_wrong(run: Run, store: Any) -> None:
    loop.Scheduler().register(scheduler.table())
    schedule_switches.disable("schedule-sweep", schedule_switches.HAND)

    result = run("doctor")

    assert result.exit_code == 0 and "! disabled: The entry sweep of the schedule is disabled." in result.stdout


def test_a_server_that_takes_no_writes_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, used_memory=1 << 31)

    result = run("doctor")

    assert result.exit_code == 1 and "Redis refuses all writes" in result.stdout


def test_a_warning_of_the_server_is_no_more_than_that(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, aof_enabled=0)

    result = run("doctor")

    assert result.exit_code == 0 and "! durability: appendonly is off" in result.stdout


def test_fixes_lead_to_the_server_in_use(run: Run, store: Any) -> None:
    store.set(keys.queue("high"), "x")
    with config.overridden(redis_url="redis://h:7001/2"):
        result = run("doctor")

    assert "fix: redis-cli -h h -p 7001 -n 2 RENAME rq:queue:high rq:queue:high.broken" in result.stdout


def test_jobs_that_a_stock_worker_could_not_read_are_told_of(run: Run, store: Any) -> None:
    job = queues.Job.fetch(submit("unread"), connection=store)
    job.retries_left = None
    registration.WorkerRecord(queues.QUEUES, "stock", lambda job: None).handle_job_failure(
        job, queue=rq.Queue("default", connection=store), exc_string="rq.exceptions.DeserializationError"
    )

    assert "because it reads no JSON (DeserializationError). Start it with `-S rq" in run("doctor").stdout


def test_jobs_that_were_lost_together_run_oldest_first(run: Run, store: Any) -> None:
    waits = queue_deleted(store)
    run("doctor", "--fix")
    inline.run_until_idle()
    assert runs == waits


def test_what_a_dead_job_claimed_can_be_submitted_again(run: Run, store: Any) -> None:
    claim_of_a_job_that_is_gone(store)
    run("doctor", "--fix")
    again = queues.submit(note, "again", dedup_key="doctor:key")
    assert again.duplicate_of is None and dedup.count("doctor") == 1


def test_a_keyword_whose_check_is_gone_is_in_the_next_batch(run: Run, store: Any) -> None:
    claim_of_a_check_that_is_gone(store)
    assert tick().total == 0
    run("doctor", "--fix")
    assert dedup.count() == 0 and tick().total == 1


@pytest.mark.parametrize(
    "damage", [keyword_in_no_batch, project_without_a_turn, archived_keyword_in_a_batch, due_time_of_no_keyword]
)
def test_batches_take_each_keyword_that_is_there_and_not_archived(damage: Damage, run: Run, store: Any) -> None:
    damage(store)
    run("doctor", "--fix")
    assert tick().total == 1


def test_a_holder_who_lives_renews_the_lease_that_had_no_end(run: Run, store: Any) -> None:
    lease_without_an_end(store)
    run("doctor", "--fix")
    [(lease, ends_ms)] = store.zrange(keys.LEASES, 0, -1, withscores=True)
    assert ends_ms == NOON.timestamp() * 1000 + leases.LEASE_MS
    assert leases.renew([lease.decode()]).lost == [] and rescues.rescue().put_back == []


def test_a_run_that_lost_its_lease_is_refused_when_it_ends(run: Run, store: Any) -> None:
    submit("stuck")
    job = take()
    store.zrem(keys.LEASES, job.lease)
    run("doctor", "--fix")
    assert leases.exchange("w1", [leases.Settlement(job, "finished")], None).settled == ["lost"]
    inline.run_until_idle()
    assert runs == ["stuck"]


def test_a_poisoned_job_that_nobody_gave_up_is_given_up(run: Run, store: Any) -> None:
    store.hset(keys.job(submit("poison")), "rescues", rescues.POISON_RESCUES - 1)
    job = take()
    clock.advance(MINUTES_3)

    assert set(found(run, "--fix")) == {"overdue leases"}

    assert store.hget(keys.job(job.id), "status") == b"failed" and store.zcard(keys.LEASES) == 0


def test_more_than_one_portion_of_everything_is_repaired(run: Run, store: Any) -> None:
    queues.submit_many([(note, number) for number in range(1200)])
    late = [one.job_id for one in queues.submit_many([models.Call(note, (number,), delay_s=1) for number in range(600)])]
    leases.exchange("w1", [], leases.LeaseRequest(1, queues.QUEUES, threads=150))
    store.delete(keys.queue("default"))
    clock.advance(MINUTES_3)

    repaired = found(run, "--fix")

    assert {name: row["repaired"] for name, row in repaired.items()} == {
        "waiting jobs": 1050, "overdue leases": 150, "overdue jobs": len(late)
    }  # fmt: skip
    assert len(repaired["waiting jobs"]["examples"]) == 5
    assert sorted(store.lrange(keys.queue("default"), 0, -1)) == sorted(
        name.removeprefix(b"rq:job:") for name in store.scan_iter("rq:job:*")
    )


# --- what is right, what is not ours, and what comes first ---


def test_a_store_in_full_use_shows_nothing(run: Run, store: Any) -> None:
    submit("waits")
    submit("delayed", delay_s=60)
    submit("claimed", dedup_key="doctor:claimed")
    for number in range(4):
        submit(number, queue="high")
    for outcome in ("finished", "failed", "retry", "again"):
        leases.exchange(outcome, [leases.Settlement(take(outcome), outcome, ttl=60_000)], None)
    take("w1")
    queues.cancel(submit("canceled"))
    dedup.take("doctor", "direct", dedup.direct_owner())
    loop.Scheduler().register(scheduler.table())
    registration.WorkerRecord(queues.QUEUES, "w1", lambda job: None).register_birth()
    project("heavy", weight=2.5, domain="other.com")
    parent = queues.Job.fetch(submit("parent"), connection=store)
    rq.Queue("low", connection=store, serializer=JSONSerializer).enqueue(f"{__name__}.note", "child", depends_on=parent)
    one, _, _ = tracked(3)
    keywords.set_archived(one, True)
    words(project("resting", active=False).id, 2)
    project("empty")
    tick(1)

    assert found(run) == found(run, "--fix") == {}


def test_another_programs_queues_are_told_of_and_left_alone(run: Run, store: Any) -> None:
    theirs = rq.Queue("theirs", connection=store)
    theirs.enqueue("os.getpid")
    started, lost = theirs.enqueue("os.getpid"), theirs.enqueue("os.getpid")
    started.set_status(rq.job.JobStatus.STARTED)
    store.zadd(f"{keys.RQ_EXECUTIONS}{started.id}", {"run": 1})
    for job in (started, lost):
        store.lrem(theirs.key, 0, job.id)
    before = snapshot(store)

    result = run("doctor", "--fix")

    assert result.exit_code == 0 and "The queue theirs is not ours and holds 1 job:" in result.stdout
    assert snapshot(store) == before


def test_what_stands_in_rqs_intermediate_list_is_told_of_and_left_to_people(run: Run, store: Any) -> None:
    """A stock RQ worker may have it in hand this very moment: only a person knows whether there is one."""
    submit("in hand")
    store.lmove(keys.queue("default"), f"{keys.queue('default')}:intermediate", "LEFT", "RIGHT")
    before = snapshot(store)

    result = run("doctor", "--fix")

    assert result.exit_code == 0 and snapshot(store) == before
    assert "redis-cli LMOVE rq:queue:default:intermediate rq:queue:default RIGHT LEFT" in result.stdout


def test_what_is_in_quarantine_is_counted_by_reason_and_kept(run: Run, store: Any) -> None:
    for name in ("no", "neither"):
        store.hdel(keys.job(submit(name)), "data")
    leases.exchange("w1", [], leases.LeaseRequest(1, queues.QUEUES, threads=5))
    store.hset(keys.QUARANTINE, "odd", "not json")
    before = snapshot(store)

    result = run("doctor", "--fix")

    assert result.exit_code == 0
    assert "In quarantine, and kept: 3: no data (2), no reason given (1)." in result.stdout
    assert snapshot(store) == before


def test_entries_that_ended_long_ago_are_removed_and_no_damage(run: Run, store: Any) -> None:
    store.zadd(f"{keys.RQ}finished:default", {"old": NOON.timestamp() - 4000, "new": NOON.timestamp() - 60, "kept": -1})

    assert "RQ's registries hold 1 entry of jobs that ended long ago: harmless" in run("doctor").stdout
    assert "held 1 entry" in run("doctor", "--fix").stdout
    assert store.zrange(f"{keys.RQ}finished:default", 0, -1) == [b"kept", b"new"]


def test_a_key_of_another_type_is_named_and_nothing_else_is_touched(run: Run, store: Any) -> None:
    lost_from_its_queue(store)
    store.delete(keys.queue("high"))
    store.set(keys.queue("high"), "x")
    before = snapshot(store)

    result = run("doctor", "--fix")

    assert result.exit_code == 1 and snapshot(store) == before
    assert "✗ rq:queue:high: it is a string" in result.stdout
    assert "    fix: redis-cli RENAME rq:queue:high rq:queue:high.broken" in result.stdout
    assert json.loads(run("doctor", "--json").stdout)["broken_keys"] == {"rq:queue:high": "string"}


def test_a_server_that_is_refused_comes_first(run: Run, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lost_from_its_queue(store)
    before = snapshot(store)
    answers(monkeypatch, maxmemory_policy="allkeys-lru")

    result = run("doctor", "--fix")

    assert result.exit_code == 1 and snapshot(store) == before
    assert "✗ eviction: maxmemory-policy is allkeys-lru: jobs may be evicted without a trace." in result.stdout
    assert "    fix: redis-cli CONFIG SET maxmemory-policy noeviction" in result.stdout
    assert "not looked through" in result.stdout
    with config.overridden(allow_unsafe_redis=True):
        result = run("doctor", "--fix")
    assert result.exit_code == 0 and "! eviction: maxmemory-policy" in result.stdout


def test_people_read_counts_examples_and_the_command(run: Run, store: Any) -> None:
    lost = submit("lost")
    store.delete(keys.queue("default"))

    said = run("doctor").stdout.splitlines()
    mended = run("doctor", "--fix").stdout.splitlines()

    assert f"✗ waiting jobs: 1 queued, and in no queue: {lost}" in said
    assert "    fix: python manage.py doctor --fix (puts them at the front of their queue)" in said
    assert f"✓ waiting jobs: 1 repaired: {lost}" in mended and "✓ claims" in mended
    assert not [line for line in mended if line.startswith("✗")]


def test_jobs_that_wait_for_a_place_of_their_kind_are_no_damage_and_a_lost_one_is_found(run: Run, store: Any) -> None:
    limits.announce(queues.kinds())
    limits.put(queues.spec_of(note).kind, 0)
    ids = [submit(number) for number in range(3)]
    assert leases.exchange("w1", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken == []
    waiting = f"{keys.queue('default')}.{queues.spec_of(note).kind}"
    assert store.llen(waiting) == 3 and found(run) == {} and "is not ours" not in run("doctor").output

    store.lrem(waiting, 0, ids[1])
    assert set(found(run)) == set(found(run, "--fix")) == {"waiting jobs"}

    assert sorted(store.lrange(waiting, 0, -1)) == sorted(one.encode() for one in ids) and found(run) == {}
