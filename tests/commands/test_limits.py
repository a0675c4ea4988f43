"""`limit`, and what `status` says of kinds that are full."""

import json
from typing import Any

import pytest

import queues
from jobs import serp
from state.engine import leases, limits
from tests.commands.conftest import Run


@pytest.fixture(autouse=True)
def announced(store: Any) -> None:
    """As a worker does when it starts."""
    limits.announce(queues.kinds())


def look() -> leases.ExchangeResult:
    return leases.exchange("w", [], leases.LeaseRequest(1, queues.QUEUES, 5))


def test_a_limit_is_set_shown_and_taken_away(run: Run) -> None:
    assert run("limit", "list").stdout.splitlines() == ["kind\tmost\trunning\tblocked"]

    assert run("limit", "set", "serp", 2).stdout == "At most 2 jobs of the kind serp from now on, over all workers.\n"
    run("limit", "set", "maintenance", 1)
    queues.submit_many([(serp.track_keyword, f"k{number}") for number in range(5)])
    look()

    assert run("limit", "list").stdout.splitlines()[1:] == ["maintenance\t1\t0\t0", "serp\t2\t2\t3"]
    assert json.loads(run("limit", "list", "--json").stdout) == [
        {"kind": "maintenance", "most": 1, "running": 0, "blocked": 0},
        {"kind": "serp", "most": 2, "running": 2, "blocked": 3},
    ]
    assert run("limit", "remove", "serp").stdout == "No limit for the kind serp any more.\n"
    assert [row["kind"] for row in json.loads(run("limit", "list", "--json").stdout)] == ["maintenance"]


def test_a_kind_that_no_job_has_is_refused_with_those_there_are(run: Run) -> None:
    refused = run("limit", "set", "sepr", "5")

    assert refused.exit_code == 2 and "'sepr'" in refused.stderr and "maintenance" in refused.stderr and "serp" in refused.stderr
    assert limits.every(queues.QUEUES) == []


@pytest.mark.parametrize("most", ["-1", "many", "1.5"])
def test_a_number_that_is_none_is_refused(run: Run, most: str) -> None:
    assert run("limit", "set", "serp", "--", most).exit_code == 2 and limits.every(queues.QUEUES) == []


def test_taking_away_a_limit_that_is_none_says_so(run: Run) -> None:
    refused = run("limit", "remove", "serp")

    assert refused.exit_code == 1 and "limit list" in refused.stderr


def test_status_says_what_waits_for_a_place(run: Run) -> None:
    assert "limits" not in run("status").stdout and json.loads(run("status", "--json").stdout)["limits"] == []
    run("limit", "set", "serp", 2)
    queues.submit_many([(serp.track_keyword, f"k{number}") for number in range(5)])
    look()

    said = dict(line.split("\t", 1) for line in run("status").stdout.splitlines())

    assert said["limits"] == "serp 2 of 2, 3 blocked" and said["queues"] == "high 0, default 3, low 0"
    assert json.loads(run("status", "--json").stdout)["limits"] == [{"kind": "serp", "most": 2, "running": 2, "blocked": 3}]


def test_looking_at_limits_changes_nothing(run: Run, store: Any) -> None:
    run("limit", "set", "serp", 2)
    queues.submit_many([(serp.track_keyword, f"k{number}") for number in range(5)])
    store.zadd("trawl:runs:serp", {"gone:w-1-1": 1})
    look()
    before = {key: store.dump(key) for key in store.scan_iter()}

    for command in (["limit", "list"], ["limit", "list", "--json"], ["status"]):
        assert run(*command).exit_code == 0

    assert {key: store.dump(key) for key in store.scan_iter()} == before
