"""`alerts`: what is wrong is listed and shown, targets are tested, rules are shown, and it is quiet for a time."""

import json

import pytest
from pydantic import SecretStr

import config
from state.alerts import incidents
from tests.commands.conftest import Run
from tests.topics.webhooks.receiver import receiving
from tests.web.api.test_alerts import DEEP, opened


def test_what_is_wrong_is_listed_and_shown(run: Run) -> None:
    assert run("alerts", "list").stdout.startswith("Nothing is wrong.\nNobody has looked yet")
    opened(DEEP)
    [one] = incidents.current()
    assert run("alerts", "list").stdout.splitlines()[1].split("\t")[:3] == [one.id, "open", "warning"]
    shown = run("alerts", "show", one.id).stdout
    assert "title\tThe queue low is deep" in shown and shown.endswith("- a\n- b\n")
    assert json.loads(run("alerts", "show", one.id, "--json").stdout)["key"] == DEEP.key
    assert run("alerts", "show", "nothing").exit_code == 1
    assert json.loads(run("alerts", "list", "--state", "closed", "--json").stdout) == []


def test_a_test_says_per_target_what_happened_and_fails_with_one(run: Run) -> None:
    assert run("alerts", "test").exit_code == 1
    with receiving() as server:
        good = f"ops=json://127.0.0.1:{server.server_port}/s3cret"
        with config.overridden(alert_urls=SecretStr(good)):
            done = run("alerts", "test")
            assert (done.exit_code, done.stdout) == (0, "ops: ok\n")
        with config.overridden(alert_urls=SecretStr(f"{good} gone=json://127.0.0.1:1/s3cret")):
            done = run("alerts", "test")
    assert done.exit_code == 1 and "ops: ok\ngone: failed: " in done.stdout and "s3cret" not in done.output


def test_rules_and_silence_are_said(run: Run) -> None:
    rows = [line.split("\t") for line in run("alerts", "rules").stdout.splitlines()]
    assert rows[1][:6] == ["failures", "yes", "warning", "0", "15", "jobs 20"]
    assert run("alerts", "quiet").stdout == "Alerts are told.\n"
    assert run("alerts", "quiet", "2h", "--note", "a deploy").stdout.startswith("Quiet until ")
    assert json.loads(run("alerts", "quiet", "--json").stdout)["quiet"] is True
    assert run("alerts", "quiet", "--off").stdout == "Alerts are told.\n"


@pytest.mark.parametrize("words", [("quiet", "5"), ("quiet", "2h", "--off"), ("quiet", "40d"), ("list", "--state", "odd")])
def test_what_cannot_be_is_refused(run: Run, words: tuple[str, ...]) -> None:
    assert run("alerts", *words).exit_code == 2
