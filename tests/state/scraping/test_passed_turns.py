"""A turn that is passed on leaves its gate as a turn that is left and one that is asked for."""

from typing import Any, get_args

import pytest

from state.engine import leases
from state.scraping import gates
from state.scraping import keys as own_keys
from state.scraping.gates import Granted, Left
from state.scraping.passed_turns import Ended
from state.store import connection, scripts
from tests.state.scraping.stage import ask, enter, granted, step, visit, waits

WAYS = ("apart", "at once")
LEFTS = [
    Left("ok", 0.25),
    Left(None, None),
    Left("rate_limited", 0.1, retry_after_s=30.0),
    Left("server_error", 0.1, provider_failed=True),
    *(Left(outcome, 0.0) for outcome in get_args(gates.Outcome)),
]


@pytest.fixture(autouse=True)
def loaded() -> None:
    """All scripts are known: else those that are would run before the others."""
    assert not scripts.check()


def passed(way: str, turn: Granted, left: Left) -> gates.Granted | gates.Wait:
    """What the next try of that holder is told, where the turn ends in one of the two ways."""
    token, ended = leases.token(), Ended(turn, left)
    calls = [ended.pass_call(token)] if way == "at once" else [ended.leave_call(), gates.enter_call(turn.ask, token)]
    return gates.entered(turn.ask, token, scripts.run_together(calls)[-1], 0.0)


def gate_of(host: str) -> dict[str, Any]:
    """All that is known of a host, without the names of its turns."""
    client = connection.client()
    key = own_keys.gate(f"host:{host}")
    zsets = {
        part: sorted(score for _, score in client.zrange(f"{key}:{part}", 0, -1, withscores=True))
        for part in ("in_flight", "due")
    }
    return {**client.hgetall(key), **zsets, "listed": client.zscore(own_keys.HOSTS, host)}


@pytest.mark.parametrize("left", LEFTS, ids=lambda left: f"{left.outcome}-{left.retry_after_s}")
@pytest.mark.parametrize("delay_s", [0.0, 2.0])
@pytest.mark.parametrize("others", [0, 2, 3])
def test_both_ways_leave_the_same_gate(left: Left, delay_s: float, others: int) -> None:
    seen = []
    for way in WAYS:
        host = f"{way.replace(' ', '-')}.example"
        turn = granted("job-1", 0.0, host=host, concurrency=3, provider="scrapedo")
        turn = Granted(ask("job-1", delay_s, host=host, concurrency=3, provider="scrapedo"), turn.token, 0.0)
        told = [enter(f"direct-{number}", 0.0, host=host, concurrency=3) for number in range(others)]
        told.append(passed(way, turn, left))
        seen.append((gate_of(host), [(type(one), one.in_s, getattr(one, "what", "")) for one in told]))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("way", WAYS)
def test_who_waits_in_the_line_is_not_passed_over(way: str) -> None:
    turn = granted("job-1", 1.0)
    assert waits("direct-2").in_s > 0
    step(1.0)
    assert isinstance(passed(way, turn, Left("ok", 1.0)), gates.Wait)
    assert isinstance(enter("direct-2"), Granted)


@pytest.mark.parametrize("way", WAYS)
def test_failures_open_the_breaker(way: str) -> None:
    for _ in range(30):
        turn = enter("job-1", 0.0)
        if isinstance(turn, gates.Wait):
            break
        answer = passed(way, turn, Left("network_error", 0.0))
        if isinstance(answer, gates.Wait):
            assert answer.what == "breaker"
            break
        gates.leave(answer, Left())
    else:
        pytest.fail("its breaker stayed closed")


def test_a_turn_that_had_ended_counts_for_nothing_and_is_passed_on_all_the_same() -> None:
    turn = granted("job-1", 0.0, lease_s=5.0)
    step(6)
    visit(holder="direct-2")
    answer = passed("at once", turn, Left("server_error", 1.0))
    assert isinstance(answer, Granted)
    assert connection.client().hget(own_keys.gate("host:shop.example"), "seen") == b"0"


def test_what_is_sent_twice_holds_one_place() -> None:
    turn, token = granted("job-1", 0.0, concurrency=2), leases.token()
    call = Ended(turn, Left("server_error", 0.0)).pass_call(token)
    first, second = scripts.run_together([call, call])
    assert first[0] == second[0] == b"granted"
    client, key = connection.client(), own_keys.gate("host:shop.example")
    assert client.zcard(f"{key}:in_flight") == 1 and client.hget(key, "seen") == b"2"


def test_an_earlier_run_of_the_same_job_gives_its_place_back() -> None:
    granted("job-1", 0.0, concurrency=2)  # its worker died
    turn = granted("job-1", 0.0, concurrency=2)
    assert isinstance(passed("at once", turn, Left("ok", 0.0)), Granted)
    assert connection.client().zcard(f"{own_keys.gate('host:shop.example')}:in_flight") == 1
