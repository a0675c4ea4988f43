"""`hosts`: what it shows, closes and limits."""

import json

import pytest

from state.scraping import gates, rates
from state.scraping.gates import Ask, Granted, Left, Wait
from tests.commands.conftest import Run


def visit(host: str, outcome: gates.Outcome, holder: str = "direct-1") -> None:
    turn = gates.enter(Ask(host, holder, 0, 10))
    assert isinstance(turn, Granted)
    gates.leave(turn, Left(outcome, 0.0))


def test_hosts_are_listed_with_what_they_answered(run: Run) -> None:
    visit("a.example", "ok")
    visit("b.example", "client_error")
    visit("b.example", "client_error")
    for number in (2, 3):
        gates.enter(Ask("b.example", f"direct-{number}", 0, 1))
    rows = run("hosts", "list").stdout.splitlines()
    assert rows[1] == "b.example\t0 s\t1\t1\t1\tclosed\tunknown\t2 client_error" and rows[2].startswith("a.example\t0 s")
    [first, _] = json.loads(run("hosts", "list", "--json").stdout)
    assert (first["host"], first["in_flight"], first["waiting"], first["outcomes"]) == ("b.example", 1, 1, {"client_error": 2})
    assert json.loads(run("hosts", "show", "b.example", "--json").stdout)["concurrency"] == 1
    assert "breaker\tclosed" in run("hosts", "show", "a.example").stdout


def test_reset_closes_the_breaker_and_ends_the_pause_the_host_asked_for(run: Run) -> None:
    for number in range(8):
        visit("a.example", "server_error", f"direct-{number}")
    assert isinstance(gates.enter(Ask("a.example", "direct-x", 0)), Wait)
    assert "open, 1" in run("hosts", "list").stdout
    assert "closed" in run("hosts", "reset", "a.example").stdout
    assert isinstance(gates.enter(Ask("a.example", "direct-x", 0)), Granted)
    refused = run("hosts", "reset", "nowhere.example")
    assert refused.exit_code == 1 and "hosts list" in refused.stderr


def test_limits_are_set_shown_and_taken_away(run: Run) -> None:
    assert run("hosts", "limit", "a.example", "--per-minute", 30, "--concurrency", 2).exit_code == 0
    run("hosts", "limit", "--tenant", "acme", "--per-hour", 100)
    assert rates.every()["tenant:acme"] == rates.Rate(((3600, 100),))
    shown = run("hosts", "limits").stdout.splitlines()[1:]
    assert shown == ["host:a.example\t30 in 60 s, 2 at a time", "tenant:acme\t100 in 3600 s"]
    assert json.loads(run("hosts", "limits", "--json").stdout)[0]["windows"] == [[60, 30]]
    assert run("hosts", "limit", "a.example", "--remove").exit_code == 0
    assert "hosts limits" in run("hosts", "limit", "a.example", "--remove").stderr


@pytest.mark.parametrize("options", [(), ("--per-minute", "-1"), ("--delay", "x"), ("--delay", "1e9")])
def test_a_limit_that_is_none_is_refused(run: Run, options: tuple[str, ...]) -> None:
    assert run("hosts", "limit", "a.example", *options).exit_code == 2 and not rates.every()
