"""Figures, health and clean-up: what they add up to, what they say where something is wrong, and that reading changes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import fakeredis
import pytest

import clock
import errors
import queues
from models import JobStatus
from state.engine import hourly, leases, old_jobs
from state.store import keys, server
from state.webhooks.endpoints import Endpoint
from tests.commands.conftest import SAFE
from tests.state import contents
from topics.operations import health, history, job_cleaning, metrics, status, workers
from topics.operations.health import Health
from topics.webhooks import endpoints
from worker import inline

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@queues.job(queue="low", kind="test", retries=1)
def work(what: str = "") -> str:
    """Ends as it is told."""
    if what:
        raise getattr(errors, what)("told to")
    return "done"


@pytest.fixture(autouse=True)
def info(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """fakeredis knows no INFO: it answers like a safe server."""
    if isinstance(store, fakeredis.FakeRedis):
        monkeypatch.setattr(server, "ask", lambda client: server.Answers(info=SAFE))


def worker(store: Any, queue_names: str = "high,default,low") -> None:
    """A worker as RQ's records show one that lives."""
    key = keys.RQ_WORKER + "w1"
    store.sadd(keys.RQ_WORKERS, key)
    store.hset(key, mapping={"queues": queue_names, "state": "busy", "birth": "x", "last_heartbeat": "2026-03-01T12:00:00Z"})
    store.expire(key, 60)


def settle(outcomes: Sequence[str], ran_ms: int = 1000, category: str = "network") -> None:
    for _ in outcomes:
        queues.submit(work)
    jobs = leases.exchange("w1", [], leases.LeaseRequest(clock.monotonic(), ["low"], len(outcomes))).taken  # type: ignore[arg-type]
    ended = [
        leases.Settlement(job, outcome, kind="test", ran_ms=ran_ms, category=category if outcome == "failed" else "")
        for job, outcome in zip(jobs, outcomes, strict=True)
    ]
    leases.exchange("w1", ended, None)


def test_the_figures_of_an_hour_add_up() -> None:
    with clock.frozen(NOON):
        settle(["finished"] * 3 + ["failed"], ran_ms=1000)
        clock.advance(timedelta(hours=1))
        settle(["finished"], ran_ms=64_000)
        first, second = metrics.get_performance_history(2)
        day = metrics.get_queue_stats()
    assert (first["timestamp"], first["jobs_processed"], first["success_rate"], first["errors"]) == (
        NOON,
        4,
        0.75,
        {"network": 1},
    )
    assert first["average_s"] == 1.0 and 0.5 <= first["p50_s"] <= 1.024
    assert (second["jobs_processed"], second["average_s"]) == (1, 64.0)
    assert (day["kinds"]["test"]["completed"], day["kinds"]["test"]["average_s"]) == (4, 16.75)
    assert day["success_rate"] == 0.8 and day["total_jobs"] == 5


def test_hours_without_work_have_no_rates() -> None:
    [hour] = metrics.get_performance_history(1)
    assert (hour["jobs_processed"], hour["success_rate"], hour["average_s"], hour["p95_s"]) == (0, None, None, None)


@pytest.mark.parametrize("hours", [0, -1, 2161])
def test_hours_out_of_bounds_are_refused(hours: int) -> None:
    with pytest.raises(errors.ArgumentError, match="2160"):
        metrics.get_performance_history(hours)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.95, 1.0])
def test_a_percentile_is_within_a_factor_of_two(share: float) -> None:
    times = sorted(int(1.01**number) for number in range(1000))
    buckets = hourly.Counter(ms.bit_length() for ms in times)
    exact = times[min(999, round(share * 1000))]
    assert exact / 2 <= (hourly.percentile_ms(buckets, share) or 0) <= max(1, exact * 2)


def test_jobs_of_other_systems_are_counted_once_and_kept() -> None:
    assert metrics.record_job_completion("x1", True, 2.5) and metrics.record_job_completion("x2", False, 0)
    assert [metrics.record_error("x2", word, "m") for word in ("Network", "ValueError")] == ["network", "system"]
    [hour] = metrics.get_performance_history(1)
    assert (hour["completed"], hour["failed"], hour["average_s"], hour["errors"]) == (1, 1, 2.5, {"system": 2, "network": 1})
    found = history.get_job_history(kind="external").jobs
    assert [(job.id, job.status) for job in found] == [("x2", JobStatus.FAILED), ("x1", JobStatus.COMPLETED)]


@pytest.mark.parametrize(
    "call", [("a\nb", True, 1.0), ("", True, 1.0), ("a", True, -1.0), ("a", True, float("nan")), ("a", True, 1.0, "k|k")]
)
def test_what_could_not_be_counted_is_refused(call: Any, store: Any) -> None:
    with pytest.raises(errors.ArgumentError):
        metrics.record_job_completion(*call)
    assert store.keys("*") == []


def test_a_system_at_work_is_healthy(store: Any) -> None:
    worker(store)
    settle(["finished"] * 30 + ["failed"] * 2)
    found = health.get_health()
    assert (found.status, found.reasons, found.exit_code) == (Health.HEALTHY, [], 0)


@pytest.mark.parametrize(
    ("failed", "status"), [(19, Health.HEALTHY), (20, Health.DEGRADED), (49, Health.DEGRADED), (50, Health.UNHEALTHY)]
)
def test_failures_make_it_worse_by_their_share(store: Any, failed: int, status: Health) -> None:
    worker(store)
    settle(["failed"] * failed + ["finished"] * (100 - failed))
    found = health.get_health()
    assert found.status is status and len(found.reasons) == (status is not Health.HEALTHY)


def test_ten_jobs_that_fail_are_too_few_to_judge(store: Any) -> None:
    worker(store)
    settle(["failed"] * 10)
    assert health.get_health().status is Health.HEALTHY


def test_each_cause_has_its_grade_and_its_remedy(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(one.grade, "worker" in one.fix) for one in health.get_health().reasons] == [(Health.DEGRADED, True)]
    queues.submit(work)
    assert [(one.grade, "worker" in one.fix) for one in health.get_health().reasons] == [(Health.UNHEALTHY, True)]
    worker(store)
    assert health.get_health().status is Health.HEALTHY
    store.set(keys.EVENTS, "broken", ex=60)
    [reason] = health.get_health().reasons
    assert reason.grade is Health.DEGRADED and f"DEL {keys.EVENTS}" in reason.fix
    store.set(keys.RQ_SUSPENDED, 1, ex=60)
    assert health.get_health().status is Health.UNHEALTHY and health.get_health().exit_code == 2
    monkeypatch.setattr(server, "ask", lambda client: (_ for _ in ()).throw(errors.StoreUnreachable("Redis is away.")))
    assert [one.says for one in health.get_health().reasons] == ["Redis is away."]


def test_the_gravest_reason_comes_first_and_decides(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs, which is no more than DEGRADED while nothing waits; that most jobs failed is found after it."""
    settle(["failed"] * 20)
    report = health.get_health()
    grades = [reason.grade for reason in report.reasons]
    assert report.status is Health.UNHEALTHY and grades == sorted(grades, key=lambda grade: -health.EXIT_CODES[grade])
    assert Health.DEGRADED in grades


def test_workers_and_queues_are_shown(store: Any) -> None:
    worker(store, "low")
    queues.submit(work)
    assert [(one["worker"], one["busy"]) for one in workers.living()] == [("w1", True)]
    assert {one["queue"]: (one["jobs"], one["workers"]) for one in workers.of_queues()} == {
        "high": (0, 0),
        "default": (0, 0),
        "low": (1, 1),
    }
    seen = metrics.get_system_metrics()
    assert seen["health_status"] == "HEALTHY" and seen["worker_stats"]["active_workers"] == 1


def test_the_summary_names_what_runs_longest(store: Any) -> None:
    with clock.frozen(NOON):
        first = queues.submit(work).job_id
        leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1))
        clock.advance(timedelta(seconds=60))
        queues.submit(work)
        leases.exchange("w1", [], leases.LeaseRequest(2, ["low"], 1))
        found = metrics.get_active_jobs_summary()
    assert (found["running"], found["by_kind"], found["longest"][0]["id"]) == (2, {"test": 2}, first)
    assert found["longest"][0]["for_s"] == 60.0


def test_old_jobs_go_from_every_registry_with_their_results_and_what_hooks_remove(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[str] = []
    monkeypatch.setattr(job_cleaning, "_hooks", [removed.extend])
    done, failed, cancelled = (queues.submit(work, what).job_id for what in ("", "DataError", ""))
    queues.cancel(cancelled)
    inline.run_until_idle()
    waits, runs = queues.submit(work, delay_s=60).job_id, queues.submit(work).job_id
    leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1))

    assert job_cleaning.cleanup_old_jobs(1).records == {} and removed == []
    cleaned = job_cleaning.cleanup_old_jobs(0)

    assert cleaned.records == {"completed": 1, "failed": 1, "cancelled": 1} and sorted(removed) == sorted(
        [done, failed, cancelled]
    )
    for job_id in (done, failed, cancelled):
        assert not store.exists(keys.job(job_id), keys.results(job_id))
    assert all(store.exists(keys.job(job_id)) for job_id in (waits, runs))
    assert [store.zcard(prefix + "low") for prefix in (keys.RQ_FINISHED, keys.RQ_FAILED, keys.RQ_CANCELED)] == [0, 0, 0]
    assert history.get_job_history().jobs == [] and job_cleaning.cleanup_old_jobs(0).records == {}


def test_a_job_that_was_queued_again_is_not_cleaned_up(store: Any) -> None:
    job_id = queues.submit(work, "DataError").job_id
    inline.run_until_idle()
    store.hset(keys.job(job_id), "status", "queued")  # as RQ's requeue, halfway
    assert job_cleaning.cleanup_old_jobs(0).records == {} and store.exists(keys.job(job_id))


def test_a_job_that_was_queued_again_in_that_moment_is_not_deleted(store: Any) -> None:
    waits, gone = queues.submit(work).job_id, "gone"
    store.zadd(keys.RQ_FAILED + "low", {waits: 1, gone: 1})
    assert old_jobs.delete(keys.RQ_FAILED + "low", [waits, gone]) == 0
    assert store.exists(keys.job(waits)) and store.zrange(keys.RQ_FAILED + "low", 0, -1) == [waits.encode()]


@pytest.mark.parametrize("filters", [{"colour": "red"}, {"status_filter": "running"}, {"cursor": "x"}, {"cursor": "1-2"}])
def test_a_question_that_the_history_cannot_answer_is_refused(filters: dict[str, str]) -> None:
    with pytest.raises(errors.ArgumentError):
        history.get_job_history(**filters)  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [-1, float("nan"), 1e9])
def test_an_age_that_is_none_is_refused(days: float) -> None:
    with pytest.raises(errors.ArgumentError, match="max_age_days"):
        job_cleaning.cleanup_old_jobs(days)


def test_reading_figures_changes_nothing(store: Any) -> None:
    worker(store)
    settle(["finished", "failed"])
    before = contents(store)
    metrics.get_system_metrics()
    metrics.get_active_jobs_summary()
    metrics.get_performance_history(48)
    history.get_job_history(status_filter="failed")
    assert contents(store) == before


def test_a_webhook_that_is_told_nothing_more_is_seen_and_one_switched_off_by_hand_is_wanted() -> None:
    gone, wanted = (
        endpoints.add(Endpoint("", f"https://{host}.example/hook?token=secret", name=host))[0] for host in ("gone", "quiet")
    )
    endpoints.switch(wanted.id, on=False)
    assert [stop for stop in status.now().stops if stop.name == "webhook"] == []
    endpoints.switch(gone.id, on=False, reason="it failed for three days")
    [stop] = [stop for stop in status.now().stops if stop.name == "webhook"]
    assert "it failed for three days" in stop.says and "secret" not in stop.says and stop.since is not None
    assert f"webhook on {gone.id}" in stop.fix and wanted.id not in str(status.now().stops)
    assert [reason.grade for reason in health.get_health().reasons if "webhook" in reason.says] == [Health.DEGRADED]
    endpoints.switch(gone.id, on=True)
    assert "gone.example" not in str(status.now().stops)
