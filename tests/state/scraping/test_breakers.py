"""The breaker of a host or provider: opens on failures, lets one probe through, closes by itself, opens for longer each time."""

import threading
from typing import Any

import pytest

from state.scraping import gates, hosts, keys
from state.scraping.gates import Granted, Wait
from state.store import connection, constants
from tests.state.scraping.stage import HOST, enter, granted, leave, step, visit, waits

OPEN_S = constants.BREAKER_MS / 1000


def break_it(outcome: gates.Outcome = "server_error", **others: Any) -> None:
    for _ in range(constants.BREAKER_VOLUME):
        visit(outcome, **others)


@pytest.mark.parametrize("outcome", ["blocked", "rate_limited", "server_error", "network_error"])
def test_it_opens_when_half_of_the_last_outcomes_are_failures(outcome: gates.Outcome) -> None:
    for _ in range(constants.BREAKER_VOLUME - 1):
        visit(outcome)
    granted(delay_s=0)
    visit(outcome, "direct-2", concurrency=2)
    wait = waits("direct-3", 0, concurrency=2)
    assert wait.what == "breaker" and wait.open_s == OPEN_S and wait.reason == "the breaker of host shop.example is open"
    assert hosts.state(HOST).breaker == "open"


@pytest.mark.parametrize("outcome", ["client_error", "not_modified", "ok", None])
def test_what_is_no_failure_of_the_host_never_opens_it(outcome: gates.Outcome | None) -> None:
    for _ in range(50):
        visit(outcome)


def test_a_few_failures_among_many_pages_do_not_open_it() -> None:
    for number in range(100):
        visit("server_error" if number % 3 == 0 else "ok")
    for number in range(100):
        visit("rate_limited" if number % 2 == 0 else "ok")


def test_one_probe_goes_and_its_outcome_decides() -> None:
    break_it()
    step(OPEN_S)
    probe = granted("direct-probe", 0, concurrency=10)
    assert isinstance(enter("direct-other", 0, concurrency=10), Wait) and hosts.state(HOST).breaker == "half open"
    leave(probe, "ok")
    assert hosts.state(HOST).breaker == "closed"
    granted("direct-other", 0, concurrency=10)


def test_it_opens_for_longer_each_time_and_never_for_longer_than_its_most() -> None:
    break_it()
    opens = [OPEN_S]
    for _ in range(10):
        step(opens[-1])
        leave(granted("direct-probe", 0), "server_error")
        opens.append(hosts.state(HOST).breaker_s)
    assert opens[:4] == [OPEN_S, 2 * OPEN_S, 4 * OPEN_S, 8 * OPEN_S] and opens[-1] == constants.BREAKER_MOST_MS / 1000


def test_after_a_good_while_it_begins_anew() -> None:
    break_it()
    step(OPEN_S)
    visit("ok")
    break_it()
    assert hosts.state(HOST).breaker_s == 2 * OPEN_S
    step(2 * OPEN_S)
    visit("ok")
    step(constants.BREAKER_FORGETS_MS / 1000)
    break_it()
    assert hosts.state(HOST).breaker_s == OPEN_S


def test_a_probe_that_dies_lets_the_next_one_go() -> None:
    break_it()
    step(OPEN_S)
    granted("direct-dead", 0, lease_s=20)
    assert isinstance(enter("direct-2", 0, lease_s=20), Wait)
    step(20)
    leave(granted("direct-2", 0, lease_s=20), "ok")
    assert hosts.state(HOST).breaker == "closed"


def test_a_probe_that_learns_nothing_lets_the_next_one_go() -> None:
    break_it()
    step(OPEN_S)
    leave(granted("direct-1", 0), None, None)
    granted("direct-2", 0)


def test_what_was_sent_before_it_opened_says_nothing_new() -> None:
    late = granted("direct-late", 0, concurrency=5)
    break_it(concurrency=5)
    step(1)
    leave(late, "ok")
    assert hosts.state(HOST).breaker == "open"


def test_outcomes_of_long_ago_are_forgotten() -> None:
    for _ in range(constants.BREAKER_VOLUME - 1):
        visit("server_error")
    step(constants.BREAKER_FORGETS_MS / 1000)
    visit("server_error")
    assert hosts.state(HOST).breaker == "closed"


def test_a_providers_failures_are_not_the_hosts() -> None:
    for _ in range(constants.BREAKER_VOLUME):
        leave(granted(delay_s=0, provider="scrapedo"), "server_error", provider_failed=True)
    wait = waits(delay_s=0, provider="scrapedo", host="other.example")
    assert wait.reason == "the breaker of provider scrapedo is open" and hosts.provider_breaker("scrapedo")[0] == "open"
    granted(delay_s=0)
    step(OPEN_S)
    leave(granted(delay_s=0, provider="scrapedo", host="other.example"), "ok")
    assert hosts.provider_breaker("scrapedo") == ("closed", 0.0)


def test_a_hosts_failures_are_not_the_providers() -> None:
    break_it("blocked", provider="scrapedo")
    assert hosts.provider_breaker("scrapedo")[0] == "closed" and hosts.state(HOST).breaker == "open"


def test_who_waits_for_it_comes_one_after_the_other() -> None:
    break_it()
    moments = [waits(f"direct-{number}", 1.0).in_s for number in range(5)]
    assert moments == sorted(set(moments)) and moments[0] >= OPEN_S - 0.1 and moments[4] - moments[0] >= 4


def test_reset_closes_it() -> None:
    break_it()
    hosts.reset(HOST)
    granted(delay_s=0)


@pytest.mark.real_redis
def test_of_twenty_threads_one_is_the_probe(store: Any) -> None:
    break_it(concurrency=50)
    step(OPEN_S)
    got: list[Granted] = []

    def try_it(number: int) -> None:
        turn = enter(f"direct-{number}", 0, concurrency=50)
        if isinstance(turn, Granted):
            got.append(turn)

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1 and store.hget(keys.gate(f"host:{HOST}"), "probe") == f"{got[0].ask.holder} {got[0].token}".encode()


def test_a_clock_that_goes_back_does_not_keep_it_open_for_ever() -> None:
    break_it()
    step(-86_400)
    assert waits(delay_s=0).in_s <= constants.BREAKER_MOST_MS / 1000
    assert connection.client().exists(keys.gate(f"host:{HOST}"))
