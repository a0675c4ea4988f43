"""`budget`: limits are set and shown, the ledger is read, a refund is made."""

import json

import pytest

from tests.commands.conftest import Run
from topics import budgets


def spend() -> None:
    with budgets.reserved("project:a", micro_usd=1_500_000, credits=3, purpose="llm", key="job-1") as held:
        held.settle(micro_usd=1_250_000, credits="0.5")


def test_a_limit_is_set_and_shown(run: Run) -> None:
    assert run("budget", "show").stdout.count("\n") == 1
    said = run("budget", "set", "project:a", "--usd", "2.50", "--credits", "100").stdout
    assert said.startswith("project:a may spend 2.50 USD and 100 credits a month.")
    spend()
    rows = [line.split("\t")[:8] for line in run("budget", "show", "project:a").stdout.splitlines()[1:]]
    assert [row[2:8] for row in rows] == [
        ["USD", "1.25", "0.00", "2.50", "1.25", "50 %"],
        ["credits", "0.5", "0", "100", "99.5", "0.5 %"],
    ]
    every = json.loads(run("budget", "show", "--json").stdout)
    assert [one["scope"] for one in every] == ["system", "project:a"] and every[1]["micro_usd"]["left"] == 1_250_000
    assert "No limit" in run("budget", "set", "project:a", "--remove").stdout
    assert budgets.show("project:a").micro_usd.limit is None


def test_what_may_not_have_been_meant_is_said(run: Run) -> None:
    run("budget", "set", "system", "--usd", "1.50", "--zone", "Europe/Vienna")
    told = run("budget", "set", "system", "--credits", "1000")
    assert told.exit_code == 0 and "no limit in USD any more (it was 1.50)" in told.stderr
    assert budgets.show("system").zone == "Europe/Vienna"
    assert "no limit in credits any more (it was 1,000)" in run("budget", "set", "system", "--usd", "2").stderr
    assert "There is no project shp" in run("budget", "set", "project:shp", "--usd", "2").stderr
    assert "There is no network x" in run("budget", "set", "network:x", "--usd", "2").stderr
    assert "charges nothing to key:k" in run("budget", "set", "key:k", "--usd", "2").stderr
    assert run("budget", "set", "subscription:s", "--usd", "2", "--credits", "3").stderr == ""
    run("project", "add", "example.com", "--id", "shop")
    assert run("budget", "set", "project:shop", "--usd", "2").stderr == ""


def test_the_ledger_is_shown_and_a_refund_stands_in_it(run: Run) -> None:
    spend()
    run("budget", "refund", "project:a", "--usd", "1", "--reason", "an empty reply")
    rows = [line.split("\t")[1:6] for line in run("budget", "ledger", "project:a").stdout.splitlines()[1:]]
    assert rows == [["refund", "an empty reply", "-", "-1.00", "0"], ["settle", "llm", "job-1", "1.25", "0.5"]]
    assert [one["micro_usd"] for one in json.loads(run("budget", "ledger", "system", "--json").stdout)] == [-1_000_000, 1_250_000]


def test_a_line_is_given_back_once(run: Run) -> None:
    spend()
    line = budgets.ledger("project:a")[0].id
    said = run("budget", "refund", "project:a", "--line", line, "--reason", "an empty reply")
    assert "1.25 USD, 0.5 credits" in said.stdout
    again = run("budget", "refund", "project:a", "--line", line, "--reason", "an empty reply")
    assert again.exit_code != 0 and "given back before" in again.output
    assert budgets.show("project:a").micro_usd.spent == 0 and budgets.ledger("system")[0].key == f"line project:a/{line}"


@pytest.mark.parametrize(
    "words",
    [
        ("set", "project:a"),
        ("set", "project:a", "--usd", "2", "--remove"),
        ("set", "project:a", "--usd", "much"),
        ("set", "project:a", "--usd", "-1"),
        ("set", "project:a", "--usd", "0.0000001"),
        ("refund", "project:a", "--credits", "0.0001", "--reason", "x"),
        ("refund", "project:a", "--line", "1772366400000-0", "--usd", "1", "--reason", "x"),
        ("refund", "project:a", "--line", "1772366400000-0", "--key", "k", "--reason", "x"),
        ("refund", "project:a", "--line", "first", "--reason", "x"),
        ("set", "nobody", "--usd", "1"),
        ("set", "system", "--usd", "1", "--zone", "Mars/Base"),
        ("show", "--month", "2026-01"),
        ("show", "system", "--month", "January"),
        ("refund", "project:a", "--usd", "1", "--reason", "x"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, words: tuple[str, ...]) -> None:
    assert run("budget", *words).exit_code == 2
