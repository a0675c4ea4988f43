"""The note of an attempt: which executions leave one, and what it says."""

import json
import math
from typing import Any

import pytest

import clock
import config
import errors
from state.engine import leases
from tests import patience
from worker import attempt_notes, job_lines, outcomes, raised
from worker import execution as executions


def execution(*, lines: bool = False, error: BaseException | None = None, began: float | None = None, **fields: str) -> Any:
    named = {name.encode(): value.encode() for name, value in fields.items()}
    job = leases.Leased("id", "w-1-1", "default", named)
    one = executions.Execution(job, executions.Call("tests.nothing", len, [], {}, 60, False, False))
    one.began = clock.monotonic() - 2 if began is None else began
    one.ended = clock.monotonic()
    if lines:
        one.lines = job_lines.Lines()
        one.lines.note("said \ud800")
    if error is not None:
        one.fail(error)
    return one


def note(one: Any) -> dict[str, Any]:
    found = attempt_notes.added(outcomes.of(one), one).note
    assert found == "" or found.startswith('{"execution":"w-1-1"')
    return json.loads(found) if found else {}


def test_a_silent_success_leaves_none_unless_there_were_attempts_before() -> None:
    assert note(execution()) == {}
    assert note(execution(noted="1"))["how"] == "completed"
    told = note(execution(lines=True))
    assert told["how"] == "completed" and told["log"][0][1:] == ["note", "", "said ?"]
    assert 1900 < told["ended_ms"] - told["began_ms"] < patience.HANG_S * 1000


@pytest.mark.parametrize(
    ("error", "how", "name"),
    [
        (ValueError("token=geheim"), "failed", "ValueError"),
        (errors.JobTimeout("x"), "timed out", "TimedOut"),
        (errors.Crashed("its process ended"), "crashed", "Crashed"),
        (errors.JobCancelled("x"), "cancelled", "JobCancelled"),
    ],
)
def test_an_error_is_told_in_short_and_without_secrets(error: BaseException, how: str, name: str) -> None:
    told = note(execution(error=error))
    assert (told["how"], told["class"], told["log"]) == (how, name, []) and "geheim" not in told["message"]
    assert "retry_in_s" not in told or how == "crashed"


def test_where_no_lines_are_to_be_kept_a_success_leaves_no_note() -> None:
    with config.overridden(job_log_lines=0):
        assert note(execution(lines=True)) == {}
        assert note(execution(lines=True, error=ValueError("x")))["log"] == []


def test_a_retry_says_when() -> None:
    told = note(execution(error=errors.NetworkError("gone"), retries_left="2"))
    assert told["how"] == "failed" and told["category"] == "network" and told["retry_in_s"] > 0


@pytest.mark.parametrize("error", [errors.NotNow(clock.now(), "later"), errors.PutBack("end"), raised.NotStarted()])
def test_what_was_no_attempt_leaves_a_note_only_of_what_it_logged(error: BaseException) -> None:
    assert note(execution(error=error)) == {}
    assert note(execution(error=error, lines=True))["how"] in ("parked", "put back")


def test_an_execution_that_never_began_leaves_none() -> None:
    assert note(execution(error=errors.JobCancelled("x"), began=math.inf)) == {}


def test_an_outcome_that_the_server_refuses_says_so_and_keeps_the_lines() -> None:
    one = execution(lines=True)
    smaller = outcomes.of_refusal(attempt_notes.added(outcomes.of(one), one), "OOM")
    told = json.loads(smaller.note)
    assert (told["how"], told["class"]) == ("failed", "ResultError") and "OOM" in told["message"] and told["log"]
    assert smaller.note.startswith('{"execution"')
    assert outcomes.of_refusal(outcomes.of(execution()), "OOM").note == ""
