"""Results are what JSON brings back, and not too much; what shows that nothing ran is none."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

import config
import errors
from state.engine import leases
from tests.faults import hostile
from tests.worker import value_of
from worker import execution as executions
from worker import outcomes, raised

NO_WAITS = [float("nan"), float("inf"), -1, "9", 10**400, True]


def ran(func: Callable[..., Any], *args: Any) -> executions.Execution:
    job = leases.Leased("id", "w-1-1", "default", {b"retries_left": b"3"})
    task = executions.Execution(job, executions.Call("path", func, list(args), {}, 60, False, False))
    task.run()
    return task


@pytest.mark.parametrize(
    "value", [None, 0, "", "ä\U0001f600", [1, [2.5, None]], {"a": {"b": [True]}}, 2**70, -0.0, "x" * 900_000]
)
def test_a_result_comes_back_as_it_was(value: Any) -> None:
    back = value_of(ran(lambda: value))
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [1, {2}]}, "result['a'][1] is a set"),
        ((1, 2), "result is a tuple"),
        ([{1: 2}], "result[0] has a key that is a int"),
        ({"x": float("inf")}, "result['x'] is inf"),
        ([[[]] * 70, object()], "result[1] is a object"),
        ("\ud800", "cannot be written"),
        (hostile._circle(), "nested deeper than 64"),
        (hostile._laughs(), "more than 500,000 values"),
        (["x" * 1_500_000] * 2, "2.9 MB of JSON, at most 1.0 MB"),
        (hostile._lines(), "returned a generator, which nobody runs"),
        (map(str, []), "returned a map, which nobody runs"),
    ],
)
def test_what_json_would_change_fails_the_job_and_says_where_and_what(value: Any, words: str) -> None:
    task = ran(lambda: value)
    ending = outcomes.of(task)
    told = json.loads(ending.fields)
    assert ending.outcome == "failed" and told["error_category"] == "data" and words in told["error_message"]
    assert told["failure"] == "error" and ending.result == ""


def test_the_limit_of_a_result_is_a_setting() -> None:
    with config.overridden(result_max_kb=1):
        assert ran(lambda: "x" * 1000).error is None
        assert ran(lambda: "x" * 1100).error
        assert ran(lambda: ["ä" * 600]).error, "counted in bytes"


def test_a_coroutine_that_a_plain_function_returns_is_awaited_and_one_of_a_coroutine_is_not() -> None:
    async def later() -> int:
        return 7

    async def forgot() -> Any:
        return later()

    assert value_of(ran(later)) == value_of(ran(lambda: later())) == 7
    error = ran(forgot).error
    assert error and error.is_a(errors.ResultError) and "Await it" in error.message
    on_loop = executions.Execution(
        leases.Leased("id", "w-1-1", "default", {}), executions.Call("path", forgot, [], {}, 60, False, True)
    )
    asyncio.run(on_loop.run_coroutine())
    assert on_loop.error and on_loop.error.is_a(errors.ResultError)


# --- what an error is read as ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", hostile.RAISED)
def test_whatever_is_raised_becomes_plain_data(name: str) -> None:
    def raises() -> None:
        raise hostile.RAISED[name]()

    error = ran(raises).error
    assert error is not None and error.category in errors.CATEGORIES and type(error.retryable) is bool
    assert type(error.message) is str and len(error.message) <= 4000 and len(error.trace) < 20_000
    assert 0 <= error.retry_after_s < 1e9 and type(error.name) is str


@pytest.mark.parametrize(("seconds", "read"), [(7, 7), (0.5, 0.5), *((one, 60) for one in NO_WAITS)])
def test_a_wait_that_is_none_counts_as_not_there(seconds: Any, read: float) -> None:
    error = errors.NetworkError("x")
    error.retry_after_s = seconds
    assert raised.read(error).retry_after_s == read


def test_an_error_tells_its_causes_its_notes_and_its_group_and_where_they_came_from() -> None:
    def raises() -> None:
        try:
            raise KeyError("inner")
        except KeyError as exc:
            problem = ExceptionGroup("several", [ValueError("one"), TypeError("two")])
            problem.add_note("a note")
            raise problem from exc

    error = ran(raises).error
    assert error
    for words in (
        "KeyError: 'inner'",
        "direct cause",
        "several",
        "ValueError: one",
        "TypeError: two",
        "a note",
        "in raises",
        "raise problem",
    ):
        assert words in error.trace, words


def test_what_a_job_held_is_let_go_in_its_own_thread() -> None:
    gone: list[int] = []

    class Held:
        def __del__(self) -> None:
            gone.append(1)

    def fails(items: list[Any]) -> None:
        mine = Held()
        items.append(Held())
        mine.me = mine  # type: ignore[attr-defined]
        del mine.me  # type: ignore[attr-defined]
        raise ValueError(mine)

    task = ran(fails, [])
    assert task.error and gone == [1, 1] and task.call.args == []
