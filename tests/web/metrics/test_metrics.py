"""/metrics: what it says is so, it changes nothing, costs the same with many jobs, and keeps to the rules of Prometheus."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import config
import queues
from state.alerts import incidents
from state.alerts.incidents import Finding, Plan
from state.budgets import periods
from state.engine import hourly, limits, pauses
from state.scraping import hosts
from state.scraping import keys as scraping_keys
from state.store import connection, keys
from state.tracking import halts
from tests.state import contents
from tests.web.dashboard import populated
from tests.web.metrics import promtool
from tests.web.metrics.reading import faults, scrape, value
from topics.operations import metrics as figures
from web import access, metrics
from web.app import create_app
from web.metrics import collector, labels, outcomes
from worker import inline

KINDS = {"serp", "scrape", "maintenance", "test"}


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """These kinds and no others: tests register jobs of their own."""
    monkeypatch.setattr(labels, "kinds", lambda: frozenset(KINDS))


NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


def test_names_types_and_series_keep_to_the_conventions(client: FlaskClient, store: Any, tmp_path: Path) -> None:
    assert faults(scrape(client)) == []
    populated.fill(store, tmp_path / "canary")
    assert faults(scrape(client)) == []


def test_promtool_finds_nothing(client: FlaskClient, store: Any, tmp_path: Path) -> None:
    populated.fill(store, tmp_path / "canary")
    assert promtool.run("check", "metrics", text=client.get("/metrics").text) == (0, "")


def test_the_format_that_is_asked_for(client: FlaskClient) -> None:
    for accept in ("", "application/openmetrics-text; version=1.0.0"):
        assert client.get("/metrics", headers={"Accept": accept}).text.endswith("# EOF\n") == bool(accept)


def test_jobs_by_queue_and_state(client: FlaskClient, store: Any, tmp_path: Path) -> None:
    ids = populated.fill(store, tmp_path / "canary")
    found = {tuple(one.labels.values()): one.value for one in scrape(client)["trawl_jobs"].samples}
    assert found["default", "running"] == 1 and found["default", "scheduled"] == 2 and found["default", "cancelled"] == 1
    assert found["low", "pending"] == 1, "the blocked one"
    assert found["default", "pending"] == 2, "the queued one and the one that depends on it"
    assert value(client, "trawl_jobs_parked") == 1 and ids["parked"]
    assert value(client, "trawl_executions_running") == 1
    assert (value(client, "trawl_workers", state="busy"), value(client, "trawl_workers", state="idle")) == (1, 0)
    assert value(client, "trawl_workers_memory_bytes") == 50 * 2**20
    assert value(client, "trawl_queue_workers", queue="high") == 1


def test_the_oldest_wait_of_a_queue(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        queues.submit(populated.work)
        clock.advance(timedelta(minutes=5))
        queues.submit(populated.work)
        found = scrape(client)["trawl_queue_oldest_wait_seconds"].samples
    assert {one.labels["queue"]: one.value for one in found} == {"high": 0, "default": 300, "low": 0}


def test_executions_are_counted_by_kind_and_outcome(client: FlaskClient) -> None:
    assert value(client, "trawl_executions_total", kind="test", outcome="failed") == 0, "a rate needs the 0 before the 1"
    for fail in (False, False, True):
        queues.submit(populated.work, fail=fail)
    inline.run_until_idle()
    assert value(client, "trawl_executions_total", kind="test", outcome="completed") == 2
    assert value(client, "trawl_executions_total", kind="test", outcome="failed") == 1
    assert value(client, "trawl_execution_errors_total", kind="test", category="system") == 1
    assert value(client, "trawl_execution_duration_seconds_count", kind="test") == 3
    assert value(client, "trawl_execution_duration_seconds_bucket", kind="test", le="+Inf") == 3


def test_durations_fall_into_their_buckets(client: FlaskClient) -> None:
    for ms in (1, 15, 900, 3000, 10**8):
        figures.record_job_completion("x", True, ms / 1000, kind="test")
    found = {
        one.labels["le"]: one.value
        for one in scrape(client)["trawl_execution_duration_seconds"].samples
        if one.labels.get("kind") == "test" and "le" in one.labels
    }
    assert [found[le] for le in ("0.001", "0.016", "1.024", "4.096", "4194.304", "+Inf")] == [0, 2, 3, 4, 4, 5]
    assert value(client, "trawl_execution_duration_seconds_sum", kind="test") == pytest.approx(100_003.916)


def test_counters_stay_over_a_restart_and_begin_anew_with_the_month() -> None:
    """One job an hour from the evening of 27 February on: 25 of them end in February."""
    lasting, seen = outcomes.Outcomes(), []
    with clock.frozen(datetime(2026, 2, 27, 23, 30, tzinfo=UTC)):
        for _ in range(60):
            figures.record_job_completion("x", True, 1, kind="test")
            both = [one.total(connection.now()).count("finished") for one in (lasting, outcomes.Outcomes())]
            assert both[0] == both[1]
            seen.append(both[0])
            clock.advance(timedelta(hours=1))
    assert seen == [*range(1, 26), *range(1, 36)]


def test_hours_that_are_over_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    real = hourly.read
    monkeypatch.setattr(hourly, "read", lambda numbers: read.append(len(numbers)) or real(numbers))
    month = outcomes.Outcomes()
    month.total(NOON)
    first, read[:] = sum(read), []
    month.total(NOON)
    assert (first, read) == (14 * 24 + 13, [2])


def test_a_kind_that_another_program_invents_makes_no_series(client: FlaskClient) -> None:
    for number in range(50):
        figures.record_job_completion("x", number % 2 == 0, 1, kind=f"k{number}")
    told = {one.labels["kind"] for one in scrape(client)["trawl_executions"].samples}
    assert told == KINDS | {"other"}
    assert value(client, "trawl_executions_total", kind="other", outcome="completed") == 25


def test_stops_halts_pauses_and_limits(client: FlaskClient, store: Any) -> None:
    queues.submit(populated.work)
    halts.halt("sandbox", "no credits")
    pauses.put("queue:low", "a reason", "somebody")
    limits.put("test", 3)
    periods.begin(f"{connection.now():%Y-%m}", NOON)
    assert value(client, "trawl_stops", name="no_worker", wrong="true") == 1
    assert value(client, "trawl_stops", name="halted", wrong="true") == 1
    assert value(client, "trawl_pauses") == 1 and value(client, "trawl_stops", name="paused", wrong="false") == 1
    assert value(client, "trawl_fetching_halted") == 1 and value(client, "trawl_scheduler_up") == 0
    assert value(client, "trawl_limit_places", kind="test") == 3 and value(client, "trawl_jobs_blocked", kind="test") == 0
    assert value(client, "trawl_budget_month_began_timestamp_seconds") == NOON.timestamp()


def test_hosts_with_an_open_breaker_are_named_and_few(client: FlaskClient, store: Any) -> None:
    now_ms = connection.now().timestamp() * 1000
    for number in range(40):
        host = f"h{number}.test"
        store.zadd(scraping_keys.HOSTS, {host: now_ms + number})
        store.hset(scraping_keys.gate(f"host:{host}"), mapping={"open_until": now_ms + 60_000 if number >= 10 else 0})
        store.expire(scraping_keys.gate(f"host:{host}"), 60)
    store.expire(scraping_keys.HOSTS, 60)
    assert value(client, "trawl_hosts") == 40 and value(client, "trawl_host_breakers_open") == 30
    named = scrape(client)["trawl_host_breaker_open"].samples
    assert [one.labels["host"] for one in named] == [f"h{number}.test" for number in range(39, 19, -1)]
    assert len(hosts.open_breakers(5)) == 5
    with config.overridden(metrics_open=True):
        assert scrape(client)["trawl_host_breaker_open"].samples == []


def test_the_schedule_says_how_late_it_is(client: FlaskClient, store: Any) -> None:
    store.zadd(keys.RQ_SCHEDULER_JOBS, {"late": connection.now().timestamp() - 500, "early": connection.now().timestamp() + 500})
    late = value(client, "trawl_schedule_lateness_seconds")
    assert late is not None and 499 < late < 800
    assert value(client, "trawl_schedule_entries", state="armed") == 2


def test_a_scrape_changes_nothing(client: FlaskClient, store: Any, tmp_path: Path) -> None:
    populated.fill(store, tmp_path / "canary")
    before = contents(store)
    scrape(client)
    assert contents(store) == before


@pytest.mark.real_redis
def test_a_scrape_costs_as_many_commands_with_many_jobs_as_with_few_and_writes_nothing(client: FlaskClient, store: Any) -> None:
    def commands() -> tuple[int, int]:
        before = store.info("stats")["total_commands_processed"], store.info("persistence")["rdb_changes_since_last_save"]
        scrape(client)
        after = store.info("stats")["total_commands_processed"], store.info("persistence")["rdb_changes_since_last_save"]
        return after[0] - before[0], after[1] - before[1]

    queues.submit(populated.work, queue="low")
    scrape(client)
    few = commands()
    with store.pipeline() as pipe:
        for number in range(20_000):
            for prefix in (keys.RQ_FAILED, keys.RQ_FINISHED, keys.RQ_SCHEDULED):
                pipe.zadd(f"{prefix}default", {f"{prefix}{number}": 4e9})
            pipe.rpush(keys.queue("low"), f"q{number}")
            pipe.hset(keys.PARKED, f"p{number}", "why")
        pipe.execute()
    assert commands() == few and few[1] == 0 and few[0] < 120
    assert value(client, "trawl_jobs", queue="low", state="pending") == 20_001


@pytest.mark.parametrize(
    "wrong",
    [
        keys.queue("default"),
        keys.RQ_FAILED + "low",
        keys.PARKED,
        keys.QUARANTINE,
        keys.LEASES,
        keys.LIMITS,
        keys.RQ_WORKERS,
        keys.FAILED,
        keys.hour(1),
        scraping_keys.HOSTS,
        scraping_keys.LEDGERS,
    ],
)
def test_a_key_of_another_type_costs_its_part_at_most(client: FlaskClient, store: Any, wrong: str) -> None:
    def errors() -> dict[str, float]:
        return {one.labels["part"]: one.value for one in scrape(client)["trawl_scrape_errors"].samples}

    before = errors()
    store.set(wrong, "text", ex=60)
    failed = {part for part, count in errors().items() if count > before[part]}
    found = scrape(client)
    assert value(client, "trawl_redis_up") == 1
    assert len(failed) <= 1 and ("trawl_stops" in found or "stops" in failed)


def test_a_part_that_fails_is_counted_and_leaves_the_others(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr("web.metrics.schedule._late_s", broken)
    connection.client().zadd(keys.RQ_SCHEDULER_JOBS, {"x": 1})
    one = collector.Collector()
    found = {family.name: family for family in one.collect()}
    assert "trawl_schedule_entries" not in found and "trawl_jobs" in found and "trawl_stops" in found
    assert {sample.labels["part"]: sample.value for sample in found["trawl_scrape_errors"].samples}["schedule"] == 1


def test_without_redis_it_says_so_and_comes_back(store: Any) -> None:
    """Where no key is needed; one cannot be looked up without Redis, so the answer is 503 then."""
    with config.overridden(metrics_open=True):
        client = create_app().test_client()
    away = connection.connect("redis://127.0.0.1:1")
    connection.use(away)
    try:
        assert (value(client, "trawl_redis_up"), "trawl_jobs" in scrape(client)) == (0, False)
    finally:
        connection.use(store)
        away.close()
    assert value(client, "trawl_redis_up") == 1


@pytest.mark.parametrize(
    ("header", "patience_s"), [("10", 5), ("1", 0.8), ("0.1", 0.5), ("nan", 5), ("-3", 5), ("x", 5), ("1e999", 5)]
)
def test_a_slow_redis_ends_a_scrape_in_time(app: Any, monkeypatch: pytest.MonkeyPatch, header: str, patience_s: float) -> None:
    """Parts that were not begun are counted as failed."""
    with app.test_request_context(headers={"X-Prometheus-Scrape-Timeout-Seconds": header}):
        assert collector._patience_s() == pytest.approx(patience_s)
        monkeypatch.setattr(collector, "_patience_s", lambda: -1.0)
        found = {family.name: family for family in collector.Collector().collect()}
    failed = {one.labels["part"]: one.value for one in found["trawl_scrape_errors"].samples}
    assert failed == {
        "redis": 0,
        **dict.fromkeys(("work", "outcomes", "schedule", "stops", "hosts", "budgets", "alerts", "store"), 1),
    }


def test_replies_are_counted_by_the_class_of_their_status(app: Any) -> None:
    client = create_app().test_client()
    for path in ("/health", "/nope", "/rq", "/metrics"):
        client.get(path)
    found = {one.labels["status"]: one.value for one in scrape(client)["trawl_http_replies"].samples}
    assert found == {"1xx": 0, "2xx": 2, "3xx": 1, "4xx": 1, "5xx": 0}


def test_scrapes_do_not_pile_up(client: FlaskClient, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    held = []

    def within(_: Any) -> bytes:
        held.append(client.application.test_client().get("/metrics").status_code)
        return b""

    monkeypatch.setattr(metrics, "choose_encoder", lambda _: (within, "text/plain"))
    assert client.get("/metrics").status_code == 200
    assert held == [503, *[200] * (metrics.AT_A_TIME - 1)]
    assert client.get("/metrics").status_code == 200


def test_a_viewer_may_scrape_and_metrics_open_asks_nobody() -> None:
    assert create_app().view_functions["metrics"].needs is access.Role.VIEWER  # type: ignore[attr-defined]
    with config.overridden(metrics_open=True):
        view: Any = create_app().view_functions["metrics"]
    assert view.is_public


@pytest.mark.parametrize(
    "accept", ["*/*", "application/openmetrics-text", "x" * 5000, ",;,;=", "application/openmetrics-text; version=9.9.9;q=x"]
)
def test_any_accept_header_is_answered(client: FlaskClient, accept: str) -> None:
    reply = client.get("/metrics", headers={"Accept": accept})
    assert reply.status_code == 200 and "trawl_redis_up" in reply.text


def test_alerts_that_are_open_by_rule_and_grade(client: FlaskClient) -> None:
    found = [
        Finding("queue:low", "queue", incidents.WARNING, "Low is deep", "It is."),
        Finding("no_worker", "no_worker", incidents.CRITICAL, "No worker", "None."),
        Finding("health", "health", incidents.WARNING, "Not yet", "It has to last.", for_s=600),
    ]
    incidents.look(found, (), Plan("m", quiet=True, piercing=False))
    assert value(client, "trawl_alerts_open", rule="queue", grade="warning") == 1
    assert value(client, "trawl_alerts_open", rule="no_worker", grade="critical") == 1
    assert value(client, "trawl_alerts_open", rule="health", grade="warning") == 0
    assert value(client, "trawl_alerts_untold") == 2
