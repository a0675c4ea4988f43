"""Details of turns: what a mutation of one line of the scripts breaks, and no other test sees."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import clock
from state.scraping import gates, hosts, keys, moments, rates, robots_cache
from state.scraping.gates import Granted, Wait
from state.scraping.rates import Rate
from state.store import connection, constants
from state.store import keys as store_keys
from tests.state.scraping.stage import HOST, ask, enter, granted, leave, step, visit, waits

OPEN_S = constants.BREAKER_MS / 1000


def parked(job_id: str, in_s: float) -> None:
    """A job that is parked until then, as the engine writes it."""
    client, due = connection.client(), clock.now().timestamp() + in_s
    client.hset(store_keys.job(job_id), mapping={"status": "scheduled", "origin": "default", "parked_until": "far"})
    client.expire(store_keys.job(job_id), 3600)
    client.zadd(f"{store_keys.RQ}scheduled:default", {job_id: due})


def due_in(job_id: str) -> float:
    """When that job is due (s from now)."""
    return float(connection.client().zscore(f"{store_keys.RQ}scheduled:default", job_id)) - clock.now().timestamp()


# --- turns ---


def test_who_comes_late_does_not_wait_in_place_for_a_moment_that_is_far(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(clock, "wait", waited.append)
    late = granted("direct-1", 4.0, concurrency=2)
    step(4.2)
    granted("direct-2", 4.0, concurrency=2)
    late = replace(late, asked_at=clock.monotonic() - 60)
    assert isinstance(gates.ready(late), Wait) and waited == [late.in_s], "4.2 s are more than it waits for"
    assert isinstance(enter("direct-3", 4.0, concurrency=3), Wait)
    assert connection.client().zcard(f"{keys.gate(f'host:{HOST}')}:in_flight") == 1, "its turn is over"


def test_others_keep_away_from_the_time_until_which_a_late_one_may_send() -> None:
    late = granted("direct-1", 1.0, concurrency=2)
    step(1.0)
    at_once = moments.postpone(HOST, f"direct-1 {late.token}", (1.0, late.ask.lease_s), 0.5, 0.0)
    assert at_once == 0.0 and waits("direct-2", 1.0, concurrency=2).in_s >= 1.4


@pytest.mark.parametrize("asked_s", [1e12, 2e5])
def test_a_pause_that_a_host_asks_for_without_measure_is_kept_for_a_day(asked_s: float) -> None:
    leave(granted(), "rate_limited", retry_after_s=asked_s)
    assert gates.MOST_HOLD_S - 1 <= waits("direct-2").in_s <= gates.MOST_HOLD_S


def test_moments_at_a_slow_host_are_as_far_apart_as_its_answers_take() -> None:
    for _ in range(30):
        turn = granted()
        step(10)
        leave(turn, sent_ago_s=10.0)
    granted()
    first, second = waits("direct-2").in_s, waits("direct-3").in_s
    assert second - first == pytest.approx(10.2, abs=0.3), "each at the moment when the place is free, not a delay later"


def test_whoever_asks_again_has_its_moment_though_the_host_became_slower() -> None:
    turn = granted()
    waits("direct-2")
    due = waits("direct-3").in_s
    leave(turn, sent_ago_s=100.0)
    assert waits("direct-3").in_s == pytest.approx(due, abs=0.002)


def test_of_two_tenants_with_equal_rights_one_is_the_first() -> None:
    leave(granted())
    waits("direct-a", tenant="one")
    waits("direct-b", tenant="two")
    step(1.0)
    assert isinstance(enter("direct-b", tenant="two"), Wait) and isinstance(enter("direct-a", tenant="one"), Granted)


def test_a_place_that_is_overdue_is_looked_at_after_a_quarter_of_the_usual_time() -> None:
    for _ in range(30):
        turn = granted(delay_s=0)
        step(8)
        leave(turn, sent_ago_s=8.0)
    granted(delay_s=0)
    step(9)
    assert waits("direct-2", 0).in_s == pytest.approx(2.0, abs=0.2)


def test_who_waited_for_the_limit_of_its_tenant_stands_in_its_line_no_more() -> None:
    rates.put("tenant:acme", Rate(((60, 2),)))
    for number in range(2):
        leave(granted(f"direct-{number}", 0, host=f"h{number}.example", tenant="acme"))
    step(waits("direct-7", 0, host="h7.example", tenant="acme").in_s)
    granted("direct-7", 0, host="h7.example", tenant="acme")
    granted("direct-8", 0, host="h8.example", tenant="acme")


def test_a_clock_of_the_server_that_goes_back_keeps_no_robots_from_being_fetched() -> None:
    origin = "https://shop.example"
    assert robots_cache.take(origin, "direct-1", 1.0).state == "fetch"
    assert robots_cache.take(origin, "direct-2", 1.0).state == "fetching"
    step(-3600)
    assert robots_cache.take(origin, "direct-3", 1.0).state == "fetch", "else nobody would for an hour"


def test_outcomes_are_counted_for_this_hour_and_the_last_one() -> None:
    for _ in range(4):
        visit("ok")
        step(3600)
    visit("ok")
    names = connection.client().hkeys(keys.gate(f"host:{HOST}"))
    assert len([name for name in names if name[:1].isdigit()]) == 2


def test_a_parked_job_that_missed_its_moment_is_called_when_a_page_ends() -> None:
    """Its worker's clock was wrong, or somebody parked it anew: in the line its moment is over, and it sleeps on."""
    turn = granted(delay_s=1.0)
    parked("job1", 0.0)
    waits("job1", 1.0)
    step(5.0)
    parked("job1", 600.0)
    leave(turn)
    assert due_in("job1") <= 1.0
    until = connection.client().hget(store_keys.job("job1"), "parked_until").decode()
    assert until.startswith(f"{clock.now() + timedelta(seconds=due_in('job1')):%Y-%m-%dT%H:%M:%S}"), "and its record says so"


# --- breakers ---


def test_a_good_page_never_opens_the_breaker() -> None:
    for _ in range(constants.BREAKER_VOLUME - 1):
        visit("server_error")
    visit("ok")
    assert hosts.state(HOST).breaker == "closed"


def test_a_probe_that_learnt_nothing_of_the_provider_does_not_close_its_breaker() -> None:
    for _ in range(constants.BREAKER_VOLUME):
        leave(granted(delay_s=0, provider="scrapedo"), "server_error", provider_failed=True)
    step(OPEN_S)
    leave(granted(delay_s=0, provider="scrapedo"), None, None)
    assert hosts.provider_breaker("scrapedo")[0] != "closed"


def test_when_the_breaker_of_a_provider_closes_who_waited_for_it_is_called() -> None:
    for _ in range(constants.BREAKER_VOLUME):
        leave(granted(delay_s=0, provider="scrapedo"), "server_error", provider_failed=True)
    step(OPEN_S)
    probe = granted(delay_s=0, provider="scrapedo")
    parked("job1", 600.0)
    waits("job1", 0, host="other.example", provider="scrapedo")
    leave(probe, "ok")
    assert due_in("job1") <= 1.0


def asked_again(turn: Granted, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A redirect within the host."""
    monkeypatch.setattr(clock, "wait", lambda seconds: None)
    return gates.again(turn)


def test_a_redirect_within_its_host_comes_a_delay_after_the_request_before(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = granted(delay_s=5.0, lease_s=2.0)
    answer = asked_again(turn, monkeypatch)
    assert isinstance(answer, Granted) and answer.in_s >= 5.0
    step(answer.in_s + 1.0)
    assert leave(answer), "its lease holds for as long as the fetch may take from then on"
    assert ask().delay_s == 1.0


def test_a_job_that_is_due_before_its_turn_could_be_is_left_alone() -> None:
    """Somebody let it go: called for its turn, it would come later."""
    turn = granted(delay_s=1.0)
    waits("direct-2", 1.0)
    waits("job1", 1.0)
    parked("job1", 0.2)
    gates.withdraw(HOST, "direct-2")
    leave(turn)
    assert due_in("job1") == pytest.approx(0.2, abs=0.01)
