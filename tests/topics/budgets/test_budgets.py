"""Budgets: reserved before, settled after, released where nothing was spent; jobs wait for the month or a raised limit."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import clock
import queues
from errors import ArgumentError, NotFound, NotNow, WrongState
from state.budgets import keys as budget_keys
from state.engine import parked
from state.store import connection, keys
from tests.state import NOON
from topics import budgets
from topics.budgets import amounts, scopes


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def spend(micro_usd: int, *where: str, credits: float = 0) -> None:
    with budgets.reserved(*where, micro_usd=micro_usd, credits=credits, purpose="test") as held:
        held.settle(micro_usd=micro_usd, credits=credits)


def test_what_is_settled_is_charged_to_all_scopes_and_the_system() -> None:
    with budgets.reserved("project:a", micro_usd=1000, credits=10, purpose="llm", key="job-7") as held:
        assert budgets.show("project:a").micro_usd.held == budgets.show("system").micro_usd.held == 1000
        held.settle(micro_usd=400, credits=0.5)
    for scope in ("system", "project:a"):
        found = budgets.show(scope)
        assert (found.micro_usd.spent, found.micro_usd.held, found.milli_credits.spent) == (400, 0, 500)
        (line,) = budgets.ledger(scope)
        assert (line.kind, line.purpose, line.key, line.micro_usd, line.milli_credits) == ("settle", "llm", "job-7", 400, 500)
        assert line.at == NOON


def test_a_block_that_fails_or_settles_nothing_costs_nothing() -> None:
    with pytest.raises(ZeroDivisionError), budgets.reserved(micro_usd=1000):
        raise ZeroDivisionError
    with pytest.raises(KeyboardInterrupt), budgets.reserved(micro_usd=1000):  # as a time limit, or somebody who cancels it
        raise KeyboardInterrupt
    with budgets.reserved(micro_usd=1000):
        pass
    with budgets.reserved(micro_usd=1000) as held:
        held.settle()
    assert budgets.show("system").micro_usd == amounts.Unit(None, 0, 0, None) and budgets.ledger("system") == []


def test_a_step_is_settled_once() -> None:
    with budgets.reserved(micro_usd=10) as held:
        held.settle(micro_usd=5)
        with pytest.raises(WrongState):
            held.settle(micro_usd=5)
    assert budgets.show("system").micro_usd.spent == 5


def test_without_budget_a_job_waits_until_the_month_turns_in_the_zone_of_the_scope() -> None:
    budgets.set_limit("project:v", micro_usd=100, zone="Europe/Vienna")
    spend(100, "project:v")
    with pytest.raises(NotNow) as refused, budgets.reserved("project:v", micro_usd=1):
        pytest.fail("the step was made")
    assert str(refused.value) == "budget_exhausted: project:v"
    assert refused.value.until == datetime(2026, 3, 31, 22, tzinfo=UTC)
    with clock.frozen(refused.value.until):
        spend(100, "project:v")


def test_what_others_hold_is_waited_for_shortly() -> None:
    budgets.set_limit("system", micro_usd=100)
    with budgets.reserved(micro_usd=100), pytest.raises(NotNow) as refused, budgets.reserved(micro_usd=100):
        pytest.fail("the step was made")
    assert str(refused.value).startswith("budget_exhausted: system") and refused.value.until <= NOON + timedelta(seconds=30)


@pytest.mark.parametrize("raise_it", [lambda: budgets.set_limit("project:a", micro_usd=500), lambda: spend_back()])
def test_a_raised_limit_and_a_refund_wake_what_was_parked(raise_it: object) -> None:
    budgets.set_limit("project:a", micro_usd=100)
    spend(100, "project:a")
    job = park("budget_exhausted: project:a")
    other = park("budget_exhausted: project:b")
    raise_it()  # type: ignore[operator]
    due = connection.client().zscore(keys.RQ_SCHEDULED + "default", job)
    assert due is not None and due <= NOON.timestamp()
    assert connection.client().zscore(keys.RQ_SCHEDULED + "default", other) > NOON.timestamp()


def spend_back() -> None:
    budgets.refund("project:a", micro_usd=50, reason="empty reply")


def park(reason: str) -> str:
    """A job as it stands while it is parked."""
    client, job = connection.client(), f"job-{reason[-1]}"
    client.hset(keys.job(job), mapping={"status": "scheduled", "origin": "default", "parked": reason, "data": "[]"})
    client.zadd(keys.RQ_SCHEDULED + "default", {job: (NOON + timedelta(days=9)).timestamp()})
    client.hset(keys.PARKED, job, reason)
    assert parked.counts()[reason] == 1
    assert queues.DEFAULT == "default"
    return job


def test_check_budget_looks_at_the_subscription_and_the_system() -> None:
    assert budgets.check_budget("s1")
    budgets.set_limit("subscription:s1", micro_usd=100)
    spend(100, "subscription:s1")
    assert not budgets.check_budget("s1") and budgets.check_budget("s2")
    budgets.set_limit("system", credits=0)
    assert not budgets.check_budget("s2")


def test_warnings_come_once(caplog: pytest.LogCaptureFixture) -> None:
    budgets.set_limit("system", micro_usd=100)
    with caplog.at_level(logging.WARNING, "trawl.budgets"):
        for _ in range(10):
            spend(10)
        for _ in range(3):
            with pytest.raises(NotNow):
                spend(1)
    assert [record.percent for record in caplog.records] == [80, 100]  # type: ignore[attr-defined]


def test_a_refund_is_made_once_a_key_and_never_above_what_was_spent() -> None:
    spend(100, "project:a")
    for _ in "12":
        budgets.refund("project:a", micro_usd=60, reason="twice", key="r1")
    assert budgets.show("project:a").micro_usd.spent == budgets.show("system").micro_usd.spent == 40
    with pytest.raises(ArgumentError, match="did not spend so much"):
        budgets.refund("project:a", micro_usd=41)
    with pytest.raises(ArgumentError):
        budgets.refund("project:a")
    assert [line.micro_usd for line in budgets.ledger("project:a")] == [-60, 100]


def spent(*scopes: str) -> list[int]:
    return [budgets.show(scope).micro_usd.spent for scope in scopes]


def test_a_line_is_given_back_whole_and_once_and_the_refund_names_it() -> None:
    spend(100, "project:a", credits=2)
    spend(30, "project:a")
    line = budgets.ledger("project:a")[1]
    assert budgets.refund_line("project:a", line.id, "an empty reply") == amounts.Amount(100, 2000)
    for _ in "12":
        with pytest.raises(WrongState, match="given back before"):
            budgets.refund_line("project:a", line.id)
    assert spent("project:a", "system") == [30, 30] and budgets.show("system").milli_credits.spent == 0
    for scope in ("project:a", "system"):
        back = budgets.ledger(scope)[0]
        assert (back.kind, back.micro_usd, back.milli_credits) == ("refund", -100, -2000)
        assert (back.purpose, back.key) == ("an empty reply", f"line project:a/{line.id}")


def test_a_charge_is_given_back_to_each_scope_once_whichever_line_names_it() -> None:
    spend(100, "project:a", "network:n")
    lines = {scope: budgets.ledger(scope)[0].id for scope in ("project:a", "network:n", "system")}
    budgets.refund_line("project:a", lines["project:a"])
    assert spent("project:a", "network:n", "system") == [0, 100, 0]
    budgets.refund_line("network:n", lines["network:n"])
    assert spent("project:a", "network:n", "system") == [0, 0, 0]
    with pytest.raises(WrongState):
        budgets.refund_line("system", lines["system"])


def test_what_is_no_charge_or_no_longer_spent_is_not_given_back() -> None:
    spend(100, "project:a")
    line = budgets.ledger("project:a")[0].id
    budgets.refund("project:a", micro_usd=60, reason="a part")
    with pytest.raises(WrongState, match="still spent"):
        budgets.refund_line("project:a", line)
    with pytest.raises(WrongState, match="no charge"):
        budgets.refund_line("project:a", budgets.ledger("project:a")[0].id)
    with pytest.raises(NotFound):
        budgets.refund_line("project:b", line)
    for wrong in ("", "7", "x-1", "1-1"):
        with pytest.raises(ArgumentError):
            budgets.refund_line("project:a", wrong)
    assert spent("project:a", "system") == [40, 40]


def test_a_line_is_given_back_to_the_month_of_its_charge() -> None:
    now = datetime.now(UTC)  # the server writes its own time into the id of a line
    with clock.frozen(now):
        spend(100, "project:a")
        line, month = budgets.ledger("project:a")[0].id, budgets.show("project:a").month
    with clock.frozen(now + timedelta(days=40)):
        spend(7, "project:a")
        later = budget_keys.ledger("project:a", budgets.show("project:a").month)
        [(_, fields)] = connection.client().xrange(later)
        connection.client().delete(later)
        connection.client().xadd(later, fields, id=line)  # as if both had been written in one millisecond
        connection.client().expire(later, 1000)
        budgets.refund_line("project:a", line)
        assert spent("project:a", "system") == [7, 7]
        assert budgets.show("project:a", month).micro_usd.spent == budgets.show("system", month).micro_usd.spent == 0


def test_the_ledger_is_read_in_parts() -> None:
    for number in range(5):
        spend(number + 1)
    first = budgets.ledger("system", most=2)
    rest = budgets.ledger("system", before=first[-1].id)
    assert [line.micro_usd for line in (*first, *rest)] == [5, 4, 3, 2, 1]
    assert budgets.ledger("system", month="2026-02") == []


@pytest.mark.parametrize(
    "scope", ["", "project", "project:", "PROJECT:a", "project:a b", "system:1", "project:a\n", "x:" + "y" * 81]
)
def test_what_is_no_scope_is_refused(scope: str) -> None:
    with pytest.raises(ArgumentError):
        budgets.show(scope)
    with pytest.raises(ArgumentError), budgets.reserved(scope, micro_usd=1):
        pytest.fail("reserved")


@pytest.mark.parametrize("micro_usd", [-1, 0.5, True, 10**14])
def test_what_is_no_money_is_refused(micro_usd: int) -> None:
    with pytest.raises(ArgumentError), budgets.reserved(micro_usd=micro_usd):
        pytest.fail("reserved")


@pytest.mark.parametrize("credits", [-1, float("nan"), float("inf"), "abc", 1e30])
def test_what_is_no_number_of_credits_is_refused(credits: float) -> None:
    with pytest.raises(ArgumentError), budgets.reserved(credits=credits):
        pytest.fail("reserved")


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../etc/passwd", "", "UTC\0"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(ArgumentError):
        budgets.set_limit("system", micro_usd=1, zone=zone)


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-1", "0000-01", "9999-12", "²026-01"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(ArgumentError):
        budgets.show("system", month)


def test_parts_of_the_smallest_unit_count_as_a_whole_one() -> None:
    assert scopes.milli(0.1) == 100 and scopes.milli("0.0001") == 1
    assert scopes.usd(12_500_000) == "12.50" and scopes.usd(-123) == "-0.000123"
    assert scopes.credits_of(1_200_500) == "1,200.5" and scopes.credits_of(-1000) == "-1"


def test_what_a_person_types_is_not_rounded() -> None:
    assert scopes.typed("12.5", scopes.MICRO, "usd") == 12_500_000 and scopes.typed("0.001", scopes.MILLI, "credits") == 1


@pytest.mark.parametrize("text", ["-5", "0.0000001", "NaN", "1e400", "", "five", "10000001"])
def test_what_is_no_amount_is_refused_by_the_name_of_its_option(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"^--usd '.*' must be from 0 to 10,000,000, in steps of 0.000001\.$"):
        scopes.typed(text, scopes.MICRO, "usd")


def test_the_end_of_the_month_is_projected_from_its_pace() -> None:
    with clock.frozen(datetime(2026, 4, 1, 12, tzinfo=UTC)):
        spend(100)
        assert budgets.show("system").micro_usd.projected is None  # the first day says little
        clock.advance(timedelta(days=9, hours=12))
        assert budgets.show("system").micro_usd.projected == 300
    with clock.frozen(datetime(2026, 6, 1, tzinfo=UTC)):
        assert budgets.show("system", "2026-04").micro_usd.projected == 100
