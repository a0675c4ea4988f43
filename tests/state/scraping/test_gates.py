"""Turns at a host: the delay holds from sending to sending, the places are never more, each who waits has a moment of its own."""

import threading
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from errors import ArgumentError
from state.engine import leases
from state.scraping import gates
from state.scraping import keys as own_keys
from state.scraping.gates import Granted, Left, Wait
from state.store import connection, constants, keys, scripts
from tests.state.scraping.stage import HOST, ask, enter, granted, leave, step, visit, waits

LEAD_S = constants.LEAD_MS / 1000


def test_the_delay_holds_from_sending_to_sending() -> None:
    turn = granted()
    step(3)  # the request was sent late, two seconds ago
    leave(turn, sent_ago_s=0.5)
    wait = waits("direct-2")
    assert wait.in_s <= 0.5 and wait.reason == "waits for its turn at host shop.example"
    step(wait.in_s)
    assert 0.5 <= wait.in_s + granted("direct-2").in_s <= 0.502, "from the sending, not from the grant"


def test_who_comes_a_little_early_waits_the_rest_itself() -> None:
    leave(granted())
    step(1 - LEAD_S + 0.01)
    assert granted("direct-2").in_s == pytest.approx(LEAD_S - 0.01, abs=0.002)


def test_each_who_waits_has_a_moment_of_its_own_and_asking_again_gives_the_same() -> None:
    granted()
    moments = [waits(f"direct-{number}").in_s for number in range(2, 30)]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(moments))
    assert [waits(f"direct-{number}").in_s for number in range(2, 30)] == moments
    step(0.4)
    assert waits("direct-29").in_s == pytest.approx(moments[-1] - 0.4, abs=0.002)


def test_a_newcomer_does_not_take_the_moment_of_who_is_about_to_come() -> None:
    leave(granted())
    wait = waits("direct-2")
    step(wait.in_s)
    assert isinstance(enter("direct-3"), Wait) and isinstance(enter("direct-2"), Granted)


def test_a_moment_that_nobody_comes_for_is_given_to_who_is_there() -> None:
    leave(granted())
    waits("direct-2")
    step(1.0 + constants.LATE_MS / 1000 + 0.01)
    late = granted("direct-3")
    leave(late)
    step(0.95)
    assert granted("direct-2").in_s == pytest.approx(0.05, abs=0.002), "it is the first in the line all the same"


def test_never_more_are_at_a_host_than_it_may_get() -> None:
    turns = [granted(f"direct-{number}", 0, concurrency=3) for number in range(3)]
    assert waits("direct-9", 0, concurrency=3).what == "turn"
    leave(turns[1])
    granted("direct-9", 0, concurrency=3)
    assert isinstance(enter("direct-8", 0, concurrency=3), Wait)


def test_a_holder_that_dies_gives_its_place_back_when_its_lease_ends() -> None:
    dead = granted(lease_s=30)
    step(29.9)
    assert isinstance(enter("direct-2", lease_s=30), Wait)
    step(0.1)
    granted("direct-2", lease_s=30)
    assert not leave(dead), "and a late end of it counts for nothing"
    assert isinstance(enter("direct-3", lease_s=30), Wait), "the place is the other one's"


def test_a_job_that_runs_again_has_one_place_and_keeps_its_distance_from_its_earlier_run() -> None:
    dead = granted("job")
    step(5)
    wait = waits("job")  # its request may have gone out this moment
    assert wait.in_s == pytest.approx(1 - LEAD_S, abs=0.1)
    step(wait.in_s)
    alive = granted("job")
    assert not leave(dead) and connection.client().zcard(own_keys.gate(f"host:{HOST}") + ":in_flight") == 1
    assert leave(alive)


def test_what_is_sent_twice_counts_once() -> None:
    token = leases.token()
    call = gates.enter_call(ask(), token)
    first, second = scripts.run_together([call, call])
    assert first == second and gates.entered(ask(), token, first, 0.0) == Granted(ask(), token, 0.0, 0.0)
    end = gates.leave_call(Granted(ask(), token, 0.0), Left("server_error", 0.0))
    assert scripts.run_together([end, end]) == [1, 0]
    assert connection.client().hget(own_keys.gate(f"host:{HOST}"), "seen") == b"2"


def test_leave_and_the_next_enter_go_together() -> None:
    turn, token = granted(delay_s=0), leases.token()
    following = ask("direct-2", 0)
    _, reply = scripts.run_together([gates.leave_call(turn, Left("ok", 0.0)), gates.enter_call(following, token)])
    assert isinstance(gates.entered(following, token, reply, 0.0), Granted)


def test_the_pause_that_a_host_asks_for_is_kept() -> None:
    leave(granted(), "rate_limited", retry_after_s=120)
    wait = waits("direct-2")
    assert wait.what == "hold" and wait.in_s >= 119 and "Retry-After" in wait.reason
    step(119.95)
    granted("direct-2")


@pytest.mark.parametrize("asked_s", [1e12, -5.0])
def test_a_mad_retry_after_is_bounded(asked_s: float) -> None:
    leave(granted(), "rate_limited", retry_after_s=asked_s)
    assert waits("direct-2").in_s <= gates.MOST_HOLD_S


def test_tenants_take_turns_however_many_jobs_each_has() -> None:
    leave(granted())
    big = [f"direct-big{number}" for number in range(50)]
    for holder in big:
        waits(holder, tenant="big")
    step(0.01)
    wait = waits("direct-small", tenant="small")
    assert wait.in_s < 3, "it does not stand behind fifty"
    assert waits(big[-1], tenant="big").in_s > 45


@pytest.mark.real_redis
def test_ten_thousand_wait_and_an_enter_costs_what_it_costs_with_ten(store: Any) -> None:
    calls = [gates.enter_call(ask(f"direct-{number}"), "t") for number in range(10_000)]
    replies = [reply for at in range(0, len(calls), 500) for reply in scripts.run_together(calls[at : at + 500])]
    moments = [int(reply[2]) for reply in replies[1:]]
    assert len(set(moments)) == 9_999 and all(later - earlier >= 1000 for earlier, later in pairwise(moments))
    assert store.ttl(own_keys.gate(f"host:{HOST}:order")) > 10_000


def test_a_clock_of_the_server_that_goes_back_shuts_no_host() -> None:
    leave(granted("direct-1", lease_s=60), sent_ago_s=0.0)
    dead = granted("direct-2", 0, lease_s=60)
    step(-86_400)
    assert waits("direct-3").in_s <= constants.MOST_LEASE_MS / 1000
    leave(dead)
    step(1)
    assert isinstance(enter("direct-3"), Granted)


@pytest.mark.parametrize("what", ["", ":in_flight", ":order", ":due", ":tags"])
def test_a_broken_key_is_dropped_and_its_host_goes_on(what: str, store: Any) -> None:
    granted()
    waits("direct-2")
    store.delete(own_keys.gate(f"host:{HOST}") + what)
    store.lpush(own_keys.gate(f"host:{HOST}") + what, "x")
    for _ in range(3):
        enter("direct-3")
        step(200)
    leave(granted("direct-4"))


@pytest.mark.parametrize("field", [b"next", b"sent", b"hold", b"took", b"open_until", b"seen_at"])
@pytest.mark.parametrize("value", [b"", b"x", b"nan", b"inf", b"-1e300"])
def test_broken_numbers_count_as_missing(field: bytes, value: bytes, store: Any) -> None:
    leave(granted())
    store.hset(own_keys.gate(f"host:{HOST}"), field, value)
    step(5)
    leave(granted())


def test_every_key_has_an_end(store: Any) -> None:
    visit(provider="scrapedo", tenant="t")
    granted(delay_s=0, provider="scrapedo", tenant="t")
    waits("direct-2", provider="scrapedo", tenant="t")
    assert all(store.ttl(name) > 0 for name in store.scan_iter("trawl:*"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ""},
        {"host": "a b"},
        {"holder": "a b"},
        {"delay_s": -1},
        {"delay_s": float("nan")},
        {"concurrency": 0},
        {"lease_s": 0},
    ],
)
def test_an_ask_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        replace(ask(), **wrong)


def test_a_pause_holds_and_says_which() -> None:
    connection.client().hset(keys.PAUSES, f"host:{HOST}", '{"until_ms": "", "reason": "x"}')
    try:
        wait = waits()
        assert wait.reason == "paused: host shop.example" and wait.in_s >= 59 and wait.open_s is None
        until = round((connection.now().timestamp() + 90) * 1000)
        connection.client().hset(keys.PAUSES, "project:p", f'{{"until_ms": "{until}"}}')
        other = waits(host="other.example", project="p")
        assert other.reason == "paused: project p" and other.open_s == 90
        step(91)
        granted(host="other.example", project="p")
    finally:
        connection.client().delete(keys.PAUSES)


@pytest.mark.real_redis
def test_twenty_threads_get_no_more_places_than_there_are() -> None:
    got: list[Granted] = []

    def try_it(number: int) -> None:
        turn = enter(f"direct-{number}", 0, concurrency=4)
        if isinstance(turn, Granted):
            got.append(turn)

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
