"""Reservations: all scopes or none, leases that end, months of zones, and charges that are made once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
from state.budgets import keys, limits, line_refunds, periods, reservations
from state.budgets.limits import Limit
from state.budgets.reservations import Amount, Full, Held
from state.store import scripts
from tests.state import NOON

FIELDS = {"kind": "settle", "purpose": "llm", "key": "job-1"}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    reservations._zones.clear()
    with clock.frozen(NOON):
        yield


def take(micro_usd: int, *scopes: str, lease_s: float = 60) -> Held | Full:
    return reservations.reserve(scopes or ("system",), Amount(micro_usd), lease_s)


def look(scope: str = "system") -> limits.Look:
    return limits.look([scope])[0]


def test_no_more_than_the_limit_is_reserved() -> None:
    limits.put("system", Limit(100))
    assert isinstance(take(60), Held) and isinstance(take(40), Held)
    full = take(1)
    assert isinstance(full, Full) and (full.scope, full.limit, full.spent, full.held) == ("system", 100, 0, 100)


def test_all_scopes_are_charged_or_none() -> None:
    limits.put("project:a", Limit(10))
    full = take(11, "system", "project:a")
    assert isinstance(full, Full) and full.scope == "project:a"
    assert look().held_micro_usd == 0
    held = take(9, "system", "project:a")
    assert isinstance(held, Held)
    reservations.settle(held, Amount(7), FIELDS)
    assert [(look(one).spent_micro_usd, look(one).held_micro_usd) for one in ("system", "project:a")] == [(7, 0)] * 2


def test_money_and_credits_have_limits_of_their_own() -> None:
    limits.put("system", Limit(None, 5))
    assert isinstance(reservations.reserve(["system"], Amount(10**12, 5), 60), Held)
    full = reservations.reserve(["system"], Amount(0, 1), 60)
    assert isinstance(full, Full) and full.unit == "milli_credits"
    assert isinstance(reservations.reserve(["system"], Amount(1, 0), 60), Held)


def test_a_reservation_of_the_dead_is_free_when_its_lease_ends() -> None:
    limits.put("system", Limit(100))
    take(100, lease_s=60)
    clock.advance(timedelta(milliseconds=59_999))
    full = take(1)
    assert isinstance(full, Full) and full.lease_in_s == 0.001 and not full.is_new
    clock.advance(timedelta(milliseconds=1))
    assert look().held_micro_usd == 0
    assert isinstance(take(100), Held)


def kinds(scope: str = "system") -> list[tuple[str, int]]:
    return [(line["kind"], int(line["micro_usd"])) for _, line in limits.ledger(scope, "2026-03", 100)]


def asked_for(micro_usd: int, lease_s: float = 60) -> Held:
    held = take(micro_usd, "system", "project:a", lease_s=lease_s)
    assert isinstance(held, Held) and reservations.ask(held, "llm:test", "job-1") and reservations.ask(held, "llm:test", "job-1")
    return held


def test_what_the_dead_had_asked_for_is_charged_in_all_scopes_and_named() -> None:
    limits.put("system", Limit(100))
    held = asked_for(60)
    assert look().held_micro_usd == 60
    clock.advance(timedelta(seconds=60))
    full = take(41)
    assert isinstance(full, Full) and (full.spent, full.held) == (60, 0)
    assert [(look(one).spent_micro_usd, look(one).held_micro_usd) for one in ("system", "project:a")] == [(60, 0)] * 2
    ((_, line),) = limits.ledger("project:a", "2026-03", 10)
    assert line.items() >= {"kind": "uncertain", "purpose": "llm:test", "key": "job-1", "reservation": held.id}.items()
    assert isinstance(take(40), Held), "what is left is left"


def test_an_uncertain_charge_that_was_given_back_by_its_line_is_not_given_back_again_by_its_holder() -> None:
    held = asked_for(60)
    clock.advance(timedelta(seconds=61))
    assert look().spent_micro_usd == look("project:a").spent_micro_usd == 60
    ((line, _),) = limits.ledger("project:a", "2026-03", 10)
    months = [("project:a", "2026-03"), ("system", "2026-03")]
    assert line_refunds.refund(line, months, {"kind": "refund"}) == ("done", 60, 0)
    assert line_refunds.refund(line, months, {"kind": "refund"}) == ("again", 0, 0)
    reservations.settle(held, Amount(25), FIELDS)
    for scope in ("system", "project:a"):
        assert look(scope).spent_micro_usd == 25 == sum(amount for _, amount in kinds(scope))


def test_an_uncertain_charge_whose_holder_turned_up_is_not_given_back_by_its_line() -> None:
    held = asked_for(60)
    clock.advance(timedelta(seconds=61))
    assert look().spent_micro_usd == look("project:a").spent_micro_usd == 60
    ((line, _),) = limits.ledger("project:a", "2026-03", 10)
    reservations.settle(held, Amount(25), FIELDS)
    assert line_refunds.refund(line, [("project:a", "2026-03"), ("system", "2026-03")], {"kind": "refund"})[0] == "again"
    assert look("project:a").spent_micro_usd == look().spent_micro_usd == 25


def test_a_refund_of_a_line_that_is_sent_twice_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    held = take(60, "system", "project:a")
    assert isinstance(held, Held)
    reservations.settle(held, Amount(60), FIELDS)
    ((line, _),) = limits.ledger("project:a", "2026-03", 10)
    once = scripts.run_together
    monkeypatch.setattr(scripts, "run_together", lambda calls: (once(calls), once(calls))[1])
    assert line_refunds.refund(line, [("project:a", "2026-03"), ("system", "2026-03")], {"kind": "refund"}) == ("done", 60, 0)
    assert look("project:a").spent_micro_usd == look().spent_micro_usd == 0


@pytest.mark.parametrize("cost", [25, 60, 70, 0])
def test_whoever_was_only_slow_settles_the_true_cost(cost: int) -> None:
    held = asked_for(60)
    clock.advance(timedelta(seconds=61))
    assert look().spent_micro_usd == 60, "project:a was not looked at, and holds it still"
    for _ in "12":
        reservations.settle(held, Amount(cost), FIELDS) if cost else reservations.release(held)
    for scope in ("system", "project:a"):
        assert (look(scope).spent_micro_usd, look(scope).held_micro_usd) == (cost, 0)
        assert sum(amount for _, amount in kinds(scope)) == cost
    assert kinds()[-2:] == [("refund", -60), ("uncertain", 60)]


def test_what_was_given_back_by_hand_is_not_given_back_again() -> None:
    held = asked_for(60)
    clock.advance(timedelta(seconds=61))
    assert look().spent_micro_usd == look("project:a").spent_micro_usd == 60
    assert reservations.settle(Held("refund-1", held.months), Amount(-60), FIELDS) == []
    reservations.settle(held, Amount(10), FIELDS)
    assert look().spent_micro_usd == sum(amount for _, amount in kinds()) == 10


def test_nothing_may_be_asked_for_when_the_lease_is_over() -> None:
    held = take(60, "system", "project:a", lease_s=1)
    assert isinstance(held, Held)
    clock.advance(timedelta(seconds=1))
    assert not reservations.ask(held, "llm:test", "job-1")
    assert look().spent_micro_usd == 0 and kinds() == []


def test_a_month_is_closed_with_what_is_uncertain() -> None:
    asked_for(60)
    clock.advance(timedelta(days=40))
    assert periods.close("system", "2026-03")
    assert kinds() == [("close", 60), ("uncertain", 60)]


def test_what_was_spent_counts_also_when_the_lease_was_over() -> None:
    held = take(50, lease_s=1)
    clock.advance(timedelta(seconds=2))
    assert isinstance(held, Held) and look().held_micro_usd == 0
    reservations.settle(held, Amount(50), FIELDS)
    assert (look().spent_micro_usd, look().held_micro_usd) == (50, 0)


def test_a_settlement_and_a_release_sent_twice_count_once() -> None:
    held, other = take(50), take(30)
    assert isinstance(held, Held) and isinstance(other, Held)
    for _ in "12":
        reservations.settle(held, Amount(20), FIELDS)
    assert reservations.release(other) and not reservations.release(other)
    assert (look().spent_micro_usd, look().held_micro_usd) == (20, 0)
    assert len(list(limits.ledger("system", "2026-03", 10))) == 1


def test_a_reservation_sent_twice_is_held_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(calls: Any) -> Any:
        once(calls)
        return once(calls)

    once = scripts.run_together
    monkeypatch.setattr(scripts, "run_together", twice)
    limits.put("system", Limit(100))
    assert isinstance(take(60), Held)
    monkeypatch.undo()
    assert look().held_micro_usd == 60


def test_limits_that_are_reached_are_told_once() -> None:
    limits.put("system", Limit(100))
    told = []
    for _ in range(10):
        held = take(10)
        assert isinstance(held, Held)
        told.append(reservations.settle(held, Amount(10), FIELDS))
    assert [each for each in told if each] == [[("system", 80)], [("system", 100)]]
    full = take(1)
    assert isinstance(full, Full) and not full.is_new
    assert look().since_80 == look().since_100 == NOON.timestamp() * 1000


def test_a_refusal_tells_once_that_it_is_used_up() -> None:
    limits.put("system", Limit(100))
    assert [full.is_new for full in (take(101), take(101)) if isinstance(full, Full)] == [True, False]


def test_a_raised_limit_can_warn_again() -> None:
    limits.put("system", Limit(100))
    held = take(100)
    assert isinstance(held, Held)
    reservations.settle(held, Amount(100), FIELDS)
    limits.put("system", Limit(120))
    assert look().since_80 is not None and look().since_100 is None
    limits.put("system", Limit(1000))
    assert look().since_80 is None


@pytest.mark.parametrize(
    ("zone", "moment", "month", "ends"),
    [
        ("UTC", "2028-02-29T23:59:59", "2028-02", "2028-03-01T00:00:00"),
        ("UTC", "2027-02-28T23:59:59", "2027-02", "2027-03-01T00:00:00"),
        ("Europe/Vienna", "2026-02-28T22:59:59", "2026-02", "2026-02-28T23:00:00"),
        ("Europe/Vienna", "2026-02-28T23:00:00", "2026-03", "2026-03-31T22:00:00"),
        ("America/Los_Angeles", "2026-03-01T07:59:59", "2026-02", "2026-03-01T08:00:00"),
        ("Pacific/Kiritimati", "2026-12-31T10:00:00", "2027-01", "2027-01-31T10:00:00"),
        ("Asia/Kolkata", "2026-12-31T18:29:59", "2026-12", "2026-12-31T18:30:00"),
    ],
)
def test_months_are_those_of_the_zone(zone: str, moment: str, month: str, ends: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = periods.at(at, zone)
    assert (found.month, found.ends_at) == (month, datetime.fromisoformat(ends).replace(tzinfo=UTC))
    assert found.begins_at <= at < found.ends_at
    assert periods.at(found.ends_at, zone).begins_at == found.ends_at
    assert periods.before(found, zone).ends_at == found.begins_at


def test_a_new_month_begins_with_nothing_spent_though_nobody_resets_it() -> None:
    limits.put("project:v", Limit(100, zone="Europe/Vienna"))
    with clock.frozen(datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC)):
        held = take(100, "project:v")
        assert isinstance(held, Held) and isinstance(take(1, "project:v"), Full)
        clock.advance(timedelta(seconds=1))
        assert isinstance(take(100, "system", "project:v"), Held)
        assert dict(take(0, "system", "project:v").months) == {"system": "2026-03", "project:v": "2026-04"}  # type: ignore[union-attr]
        reservations.settle(held, Amount(90), FIELDS)  # of the month in which it was reserved
        assert look("project:v").spent_micro_usd == 0
        clock.advance(timedelta(hours=-1))
        assert look("project:v").spent_micro_usd == 90


def test_a_process_whose_clock_is_wrong_charges_the_month_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=40))
    held = take(5)
    assert isinstance(held, Held) and held.months == (("system", "2026-03"),)


def test_keys_have_a_lifetime(store: Any) -> None:
    held = take(5)
    assert isinstance(held, Held)
    ttls = [store.ttl(keys.month("system", "2026-03")), store.ttl(keys.leases("system", "2026-03"))]
    reservations.settle(held, Amount(5), FIELDS)
    ttls += [store.ttl(keys.ledger("system", "2026-03")), store.ttl(keys.settled(held.id))]
    assert all(0 < ttl <= periods.KEEP_S for ttl in ttls)


def test_what_was_not_spent_cannot_be_given_back() -> None:
    held = take(50, "system", "project:a")
    assert isinstance(held, Held)
    reservations.settle(held, Amount(50), FIELDS)
    back = Held("refund-1", held.months)
    assert reservations.settle(back, Amount(-51), FIELDS) == [("system", -1)]
    assert reservations.settle(back, Amount(-50), FIELDS) == reservations.settle(back, Amount(-50), FIELDS) == []
    assert look().spent_micro_usd == look("project:a").spent_micro_usd == 0


def test_a_month_is_closed_once_with_its_sums() -> None:
    held = take(50)
    assert isinstance(held, Held)
    reservations.settle(held, Amount(20, 3), FIELDS)
    assert [periods.close("system", "2026-03") for _ in "12"] == [True, False]
    assert not periods.close("system", "2026-02")
    newest = next(limits.ledger("system", "2026-03", 10))[1]
    assert (newest["kind"], newest["micro_usd"], newest["milli_credits"]) == ("close", "20", "3")


@pytest.mark.parametrize("months", [-1, 1])
def test_a_month_that_is_not_now_is_charged_nothing(months: int) -> None:
    """The clock of a process may be wrong; the server's says which month it is."""
    now = periods.at(NOON, "UTC")
    wrong = periods.before(now, "UTC") if months < 0 else periods.at(now.ends_at, "UTC")
    assert reservations._reserved("r1", ["system"], [wrong], Amount(1), 60)[0] == b"period"
    assert reservations._reserved("r1", ["system"], [now], Amount(1), 60)[0] == b"held"


def test_a_limit_that_is_still_reached_to_the_letter_keeps_its_warning() -> None:
    limits.put("system", Limit(100))
    held = take(100)
    assert isinstance(held, Held)
    reservations.settle(held, Amount(100), FIELDS)
    limits.put("system", Limit(125))
    assert look().since_80 is not None and look().since_100 is None
    limits.put("system", Limit(126))
    assert look().since_80 is None
