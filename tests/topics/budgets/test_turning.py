"""The turn of the month: each is closed once, with its sums, by the zone of its scope; what was parked goes on."""

from datetime import UTC, datetime, timedelta

import clock
from jobs import budgets as jobs
from state.budgets import limits, periods
from state.engine import parked
from state.store import connection, keys
from topics import budgets
from topics.operations import stops


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spend(micro_usd: int, *where: str) -> None:
    with budgets.reserved(*where, micro_usd=micro_usd, purpose="test") as held:
        held.settle(micro_usd=micro_usd)


def turn() -> dict[str, object]:
    return jobs.reset_monthly_budgets(int(clock.now().timestamp()))


def closed(scope: str, month: str) -> list[int]:
    return [line.micro_usd for line in budgets.ledger(scope, month) if line.kind == "close"]


def test_a_month_is_closed_once_into_its_ledger_which_is_kept() -> None:
    with clock.frozen(at("2028-02-29T23:59:59")):
        spend(70, "project:a")
        assert turn() == {"outcome": "began", "month": "2028-02", "closed": 0, "woken": 0}
        clock.advance(timedelta(seconds=1))
        assert turn() == {"outcome": "began", "month": "2028-03", "closed": 2, "woken": 0}
        assert turn() == {"outcome": "had begun", "month": "2028-03", "closed": 0, "woken": 0}
        assert closed("project:a", "2028-02") == closed("system", "2028-02") == [70]
        assert budgets.show("project:a").micro_usd.spent == 0
        assert budgets.show("project:a", "2028-02").closed_at == at("2028-03-01T00:00:00")


def test_months_that_nobody_closed_are_closed_later() -> None:
    with clock.frozen(at("2026-01-15T00:00:00")):
        for _ in range(4):
            spend(10)
            clock.advance(timedelta(days=31))
        assert turn()["closed"] == 4


def test_each_scope_turns_by_its_own_zone() -> None:
    with clock.frozen(at("2026-03-31T20:00:00")):
        for scope, zone in (("project:w", "America/Los_Angeles"), ("project:e", "Asia/Tokyo")):
            budgets.set_limit(scope, micro_usd=100, zone=zone)
            spend(5, scope)
        clock.advance(timedelta(hours=4))
        turn()
        assert closed("project:w", "2026-03") == [] and closed("system", "2026-03") == [10]
        assert budgets.show("project:e").month == "2026-04" and budgets.show("project:e").micro_usd.spent == 5
        clock.advance(timedelta(hours=12, minutes=5))
        turn()
        assert closed("project:w", "2026-03") == [5]


def test_what_was_parked_for_the_old_month_goes_on() -> None:
    with clock.frozen(at("2026-03-31T20:00:00")):
        budgets.set_limit("system", micro_usd=5)
        spend(5)
        client = connection.client()
        client.hset(keys.job("j"), mapping={"status": "scheduled", "origin": "low", "parked": "budget_exhausted: system"})
        client.zadd(keys.RQ_SCHEDULED + "low", {"j": (clock.now() + timedelta(days=9)).timestamp()})
        client.hset(keys.PARKED, "j", "budget_exhausted: system")
        assert parked.counts()["budget_exhausted: system"] == 1
        clock.advance(timedelta(hours=4))
        assert turn()["woken"] == 1
        assert client.zscore(keys.RQ_SCHEDULED + "low", "j") <= clock.now().timestamp()


def test_status_names_what_is_nearly_and_what_is_used_up() -> None:
    with clock.frozen(at("2026-03-10T00:00:00")):
        assert stops.of_budgets() == []
        budgets.set_limit("project:a", micro_usd=1_000_000)
        spend(800_000, "project:a")
        (stop,) = stops.of_budgets()
        assert "used up to 80 %" in stop.says and "0.80 of 1.00 USD" in stop.says and not stop.wrong
        spend(200_000, "project:a")
        (stop,) = stops.of_budgets()
        assert "is used up:" in stop.says and stop.until == at("2026-04-01T00:00:00")


def test_a_scope_without_a_limit_is_forgotten_when_its_ledger_is() -> None:
    with clock.frozen(at("2026-03-10T00:00:00")):
        spend(1, "project:a", "project:b")
        budgets.set_limit("project:b", micro_usd=5)
        clock.advance(periods.KEEP + timedelta(days=1))
        turn()
        assert limits.scopes() == ["project:b"]


def test_check_budget_is_a_job_too() -> None:
    assert jobs.check_budget("s1") is True
