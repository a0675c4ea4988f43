"""The rules, each on a store in which what it looks for is so, and is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import config
import models
import queues
from errors import DataError, NetworkError
from state.alerts import incidents
from state.alerts.incidents import CRITICAL, MUTED, WARNING, Finding, Plan
from state.engine import snapshot
from state.engine.failures import Mute
from state.tracking import drops, keywords
from state.tracking.drops import Drop
from tests.state import tracked
from tests.topics.alerts.conftest import START, after
from topics import budgets
from topics.alerts import looks, queue_looks, system_looks, work_looks
from topics.alerts.looking import Look
from topics.alerts.rules import Rules
from topics.operations import failures, stops
from worker import inline


def look(rules: dict[str, Any] | None = None, open_: set[str] | None = None) -> Look:
    return Look(Rules.model_validate({"rules": rules or {}}), open_ or set())


@queues.job(queue="low", kind="breaks", retries=0)
def breaks(number: int) -> None:
    """Fails with one shape."""
    raise NetworkError(f"late: {number} s")


def failed(times: int) -> None:
    for number in range(times):
        queues.submit(breaks, number)
    inline.run_until_idle()


def test_failures_of_one_fingerprint_from_their_number_on(monkeypatch: pytest.MonkeyPatch) -> None:
    failed(4)
    rules = {"failures": {"jobs": 5}}
    assert list(work_looks.failing(look(rules))) == []
    failed(1)
    [one] = work_looks.failing(look(rules))
    assert one.key.startswith("failures:") and "5 jobs of the kind breaks failed" in one.says and one.grade == WARNING
    [row] = failures.all_of("day")
    after(2 * 3600)
    assert list(work_looks.failing(look(rules))) == []
    failed(4)
    assert [found.key for found in work_looks.failing(look(rules, {one.key}))] == [one.key], "an open one ends below 4"
    muted = row.failure._replace(muted=Mute(START + timedelta(days=1), "known", "ada"))
    monkeypatch.setattr(failures, "all_of", lambda _: [replace(row, failure=muted)])
    assert [found.grade for found in work_looks.failing(look(rules, {one.key}))] == [MUTED]


def test_a_queue_that_is_deep_or_old_and_not_one_that_is_paused() -> None:
    for number in range(10):
        queues.submit(breaks, number)
    assert list(queue_looks.backed_up(look())) == []
    [deep] = queue_looks.backed_up(look({"queue": {"jobs": 10}}))
    assert deep.key == "queue:deep:low" and "holds 10 jobs; the limit is 10" in deep.says
    after(3700)
    [old] = queue_looks.backed_up(look())
    assert old.key == "queue:old:low" and "has waited for 1 h" in old.says
    assert list(queue_looks.backed_up(look({"queue": {"queues": {"low": {"age_min": 90}}}}))) == []
    from topics.operations import pauses

    pauses.put("queue:low", "a deploy", "ada")
    assert list(queue_looks.backed_up(look())) == []


def test_no_worker_is_critical_and_health_does_not_say_it_again() -> None:
    queues.submit(breaks, 1)
    [one] = system_looks.unserved(look())
    assert (one.key, one.grade) == ("no_worker", CRITICAL) and "1 job waits" in one.says
    assert list(system_looks.unhealthy(look())) == []
    [told] = system_looks.unhealthy(look({"no_worker": {"enabled": False}}))
    assert told.title == "Health is UNHEALTHY" and told.grade == CRITICAL


def test_health_that_is_worse_is_told_with_its_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    failed(20)
    [one] = system_looks.unhealthy(look())
    assert "20 of 20 jobs failed" in one.says and one.grade == CRITICAL


def test_a_schedule_that_nobody_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = replace(stops.now(), armed=3)
    monkeypatch.setattr(snapshot, "take", lambda _: seen)
    [one] = system_looks.late(look())
    assert one.key == "schedule:no scheduler" and one.grade == CRITICAL and "3 entries" in one.says


def test_a_budget_at_80_and_at_100_per_cent_is_one_incident_that_gets_worse() -> None:
    budgets.set_limit("system", micro_usd=1000)
    assert list(work_looks.spent(look())) == []
    for spent, grades in ((790, []), (10, [WARNING]), (199, [WARNING]), (1, [CRITICAL])):
        with budgets.reserved("system", micro_usd=spent) as held:
            held.settle(micro_usd=spent)
        assert [one.grade for one in work_looks.spent(look())] == grades
    [one] = work_looks.spent(look())
    assert one.key == "budget:system:2026-11" and "0.001 of 0.001 USD are spent" in one.says
    budgets.set_limit("system", micro_usd=5000)
    assert list(work_looks.spent(look())) == []


def test_drops_are_one_incident_a_project_with_the_worst_first() -> None:
    first, second, third = tracked(3)
    now_ms = round(START.timestamp() * 1000)
    drops.put("p", first, Drop("word 0", 8, 19, 20, "2026-11-02", now_ms))
    drops.put("p", second, Drop("word 1", 2, None, 20, "2026-11-02", now_ms))
    drops.put("p", third, Drop("word 2", 4, 9, 20, "2026-11-02", now_ms))
    from topics.alerts import drop_looks

    [one] = drop_looks.fallen(look())
    assert one.title == "2 keywords of example.com fell" and one.members == tuple(sorted((first, second)))
    assert one.lines == ("“word 1” 2 → not found in the first 20 on 2026-11-02", "“word 0” 8 → 19 on 2026-11-02")
    assert [len(found.members) for found in drop_looks.fallen(look({"rank_drop": {"places": 5}}))] == [3]
    assert list(drop_looks.fallen(look({"rank_drop": {"projects": {"p": {"enabled": False}}}}))) == []
    [only] = drop_looks.fallen(look({"rank_drop": {"projects": {"p": {"vanished": False}}}}))
    assert only.members == (first,)
    after(drops.KEEP_S)
    assert list(drop_looks.fallen(look())) == []


def test_a_keyword_that_was_archived_or_removed_fell_for_nobody() -> None:
    first, second, third = tracked(3)
    for one in (first, second, third):
        drops.put("p", one, Drop(one, 2, None, 20, "2026-11-02", round(START.timestamp() * 1000)))
    from topics.alerts import drop_looks

    keywords.archive_many([keywords.get(first)], archived=True)
    keywords.remove("p", [second])
    [one] = drop_looks.fallen(look())
    assert one.members == (third,) and drops.find("p", first) is None
    keywords.archive_many([keywords.get(third)], archived=True)
    assert list(drop_looks.fallen(look())) == []


def test_a_mass_drop_is_told_and_its_end_says_what_came_of_it() -> None:
    from state.tracking import suspects
    from topics.alerts import drop_looks

    [word] = tracked(1)
    with config.overridden(suspect_keywords=1):
        suspects.judge("p", word, models.Rank(START.date(), models.RankState.NOT_FOUND, 10), fell=True)
    [one] = drop_looks.suspect(look())
    assert one.title == "A mass drop of example.com is held as suspect" and "1 of 1 comparable ranks fell" in one.says
    run = suspects.find("p", START.date())
    assert run and suspects.decide(run, suspects.RELEASED, "of 1 checked again 1 fell")
    assert list(drop_looks.suspect(look())) == []
    [end] = drop_looks.suspect(look(open_={one.key}))
    assert end.key == one.key and end.title == "A mass drop of example.com is real" and "1 fell" in end.says
    after(180)
    assert list(drop_looks.suspect(look(open_={one.key}))) == []


def test_of_very_many_drops_the_others_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from topics.alerts import drop_looks

    monkeypatch.setattr(drops, "MOST", 3)
    ids = tracked(5)
    for _ in range(2):  # those that are kept change, the others are counted
        for number in range(4):
            drops.put("p", ids[number], Drop(f"word {number}", 2, None, 20, "2026-11-02", round(START.timestamp() * 1000)))
    drops.put("p", ids[4], Drop("more", 2, None, 20, "2026-11-02", round(START.timestamp() * 1000)))
    [one] = drop_looks.fallen(look())
    assert one.title == "5 keywords of example.com fell" and len(one.members) == 4


def test_a_rule_that_breaks_stops_no_other_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Look) -> Iterator[Finding]:
        raise DataError("odd")
        yield

    def fine(_: Look) -> Iterator[Finding]:
        yield Finding("b", "queue", WARNING, "B", "b")

    monkeypatch.setattr(looks, "LOOKS", {"failures": broken, "queue": fine})
    found = looks.run(Rules())
    assert [one.key for one in found.findings] == ["b"] and found.blind == {"failures"}


def test_a_whole_look_is_cheap_and_changes_no_more_than_alerts(store: Any) -> None:
    """On a store with jobs, failures and budgets: all rules together, decided, within bounded round trips."""
    failed(20)
    budgets.set_limit("system", micro_usd=1000)
    before = {key for key in store.keys("*") if not key.startswith(b"trawl:alerts")}
    found = looks.run(Rules())
    assert found.blind == set() and {one.rule for one in found.findings} == {"failures", "health", "no_worker"}
    incidents.look(found.findings, found.blind, Plan("m"))
    assert {key for key in store.keys("*") if not key.startswith(b"trawl:alerts")} == before
    assert config.settings().alert_urls is None
