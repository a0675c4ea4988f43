"""One job in the hands of a worker: what it asks for, how it is stopped, what is left of it."""

import base64
import json
import threading
import zlib
from typing import Any

import pytest
import redis

import clock
import queues
from errors import ArgumentError, DataError, JobCancelled, JobTimeout, LeaseLost
from state.engine import execution_records, leases
from state.store import connection, keys
from tests import patience
from tests.worker import ended_by
from worker import execution as executions
from worker import inline, pool, results

DATA = b'["tests.worker.test_execution.note",null,[1],{"a":2}]'


@queues.job(timeout_s=30, retries=0)
def note(*args: Any, **kwargs: Any) -> list[Any]:
    """Give back what it was given."""
    return [list(args), kwargs]


@queues.job(isolated=True, retries=0)
def note_apart() -> None:
    """Always in a process of its own."""


@queues.job(retries=0)
def walk(stop_at: int) -> str:
    """Cancel itself on the way, as somebody else would."""
    for step in range(5):
        if step == stop_at:
            connection.client().hset(keys.job(queues.current_job_id() or ""), "cancel", 1)
        queues.progress(step, 5, "ä step")
    return "through"


def leased(data: bytes = DATA, **fields: bytes) -> leases.Leased:
    named = {name.encode(): value for name, value in fields.items()}
    return leases.Leased("id", "w-1-1", "default", {b"data": data, **named})


def fetch(job_id: str) -> queues.Job:
    return queues.Job.fetch(job_id, connection=connection.client())


# --- what a job asks for --------------------------------------------------------------------------------------------


def test_a_call_is_read_as_it_was_written() -> None:
    call = executions.read(leased())
    assert (call.path, call.args, call.kwargs, call.func) == ("tests.worker.test_execution.note", [1], {"a": 2}, note)
    assert call.timeout_s == 30 and not call.isolated and not call.is_coroutine


def test_data_that_rq_compressed_read_the_same() -> None:
    assert executions.read(leased(zlib.compress(DATA))).args == [1]


@pytest.mark.parametrize(("timeout", "seconds"), [(b"7", 7), (b"", 30), (b"-1", 30), (b"0", 0)])
def test_the_time_limit_is_the_jobs_own_else_what_was_declared(timeout: bytes, seconds: float) -> None:
    assert executions.read(leased(timeout=timeout)).timeout_s == seconds


@pytest.mark.parametrize("name", ["deaths", "rescues"])
def test_a_job_whose_process_died_runs_apart_and_so_does_one_declared_so(name: str) -> None:
    assert executions.read(leased(**{name: b"1"})).isolated and executions.read(leased(**{name: b"2"})).isolated
    assert not executions.read(leased(**{name: b"0"})).isolated and not executions.read(leased()).isolated
    assert executions.read(leased(b'["tests.worker.test_execution.note_apart",null,[],{}]')).isolated


BROKEN = {
    "empty": b"",
    "no JSON": b"{",
    "pickle": b"\x80\x04\x95\x0f\x00\x00\x00\x00\x00\x00\x00\x8c\x05hello\x94.",
    "compressed pickle": zlib.compress(b"\x80\x04N."),
    "number": b"[1",
    "too few": b'["tests.worker.test_execution.note",null,[]]',
    "object": zlib.compress(b"{}"),
    "deep": b"[" * 100_000,
    "not text": b"[\xff\xfe",
    "half compressed": zlib.compress(DATA)[:-8],
}


@pytest.mark.parametrize("name", BROKEN)
def test_data_that_are_none_are_refused(name: str) -> None:
    with pytest.raises((DataError, ArgumentError)):
        executions.read(leased(BROKEN[name]))


@pytest.mark.parametrize(
    "data",
    [
        b'["os.system",null,["true"],{}]',
        b'["builtins.eval",null,["1"],{}]',
        b'["tests.worker.test_execution.note.__globals__",null,[],{}]',
        b'["tests.worker.test_execution.leased",null,[],{}]',
        b'["tests.worker.test_execution.note","self",[],{}]',
        b"[7,null,[],{}]",
        b'["tests.worker.test_execution.note",null,{},{}]',
        b'["tests.worker.test_execution.note",null,[],[]]',
    ],
)
def test_what_is_no_call_of_a_registered_function_is_refused(data: bytes) -> None:
    with pytest.raises(ArgumentError):
        executions.read(leased(data))


@pytest.mark.parametrize("name", ["timeout", "result_ttl", "failure_ttl", "retries_left", "attempt", "deaths", "rescues"])
@pytest.mark.parametrize("value", [b"x", b"\xff", "²".encode(), b"1e9", b"9" * 400, b"1.5", b" 1"])
def test_a_number_that_is_none_is_refused(name: str, value: bytes) -> None:
    with pytest.raises(DataError, match=name):
        executions.read(leased(**{name: value}))


@pytest.mark.parametrize("name", [name.decode() for name in executions.CALLBACK_FIELDS])
def test_a_callback_must_be_a_registered_job(name: str) -> None:
    assert executions.read(leased(**{name: b"tests.worker.test_execution.note"}))
    for foreign in (b"os.system", b"\xff"):
        with pytest.raises(ArgumentError):
            executions.read(leased(**{name: foreign}))


# --- running, progress and stopping ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stop_at", [0, 2, 4])
def test_a_cancelled_job_ends_at_its_next_call_of_progress(stop_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "PROGRESS_EVERY_S", 0.0)
    job_id = queues.submit(walk, stop_at).job_id
    assert inline.run_until_idle() == 1
    assert fetch(job_id).get_status() == "canceled"
    told = json.loads(connection.client().hget(keys.job(job_id), "progress"))
    assert told == {"step": stop_at, "total": 5, "message": "ä step"}


def test_progress_is_written_a_few_times_a_second_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(execution_records, "write_progress", lambda job, text: told.append(text) or (True, False))
    task = executions.Execution(leased(), executions.read(leased()))
    for step in range(1, 1001):
        task.progress(step, 1000, "")
    assert 2 <= len(told) <= 20 and json.loads(told[-1])["step"] == 1000


def test_outside_a_job_progress_is_nothing() -> None:
    queues.progress(1, 2, "x")
    assert not queues.cancelled() and queues.current_job_id() is None


def test_a_job_that_lost_its_lease_learns_it_from_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_records, "write_progress", lambda job, text: (False, False))
    task = executions.Execution(leased(), executions.read(leased()))
    with pytest.raises(LeaseLost):
        task.progress(1, 1, "")
    assert task.cancelled()


@pytest.mark.parametrize("refusal", [redis.ConnectionError("gone"), redis.TimeoutError("late"), redis.OutOfMemoryError("full")])
def test_a_job_goes_on_while_redis_does_not_take_its_progress(refusal: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def tell(job: leases.Leased, text: str) -> tuple[bool, bool]:
        told.append(text)
        if len(told) == 1:
            raise refusal
        return False, False

    monkeypatch.setattr(executions, "PROGRESS_EVERY_S", 0.0)
    monkeypatch.setattr(execution_records, "write_progress", tell)
    task = executions.Execution(leased(), executions.read(leased()))
    task.progress(1, 3, "")
    assert not task.cancelled()
    with pytest.raises(LeaseLost):
        task.progress(3, 3, "")  # the last step is written however soon it comes


def test_a_job_is_held_up_by_an_outage_for_half_the_time_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    at = [100.0]

    def tell(job: leases.Leased, text: str) -> tuple[bool, bool]:
        told.append(round(at[0] - 100))
        at[0] += 40
        raise redis.TimeoutError("late")

    monkeypatch.setattr(execution_records, "write_progress", tell)
    monkeypatch.setattr(clock, "monotonic", lambda: at[0])
    task = executions.Execution(leased(), executions.read(leased()))
    for step in range(200):
        task.progress(step, 1000, "")
        at[0] += 1
    assert told == [0, 81, 162, 243, 324]


def test_a_job_that_was_asked_to_stop_may_look_and_end_in_its_own_way() -> None:
    task = executions.Execution(leased(), executions.read(leased()))
    token = queues.current_run.set(task)
    assert not queues.cancelled()
    task.stop_asked = True
    assert queues.cancelled()
    with pytest.raises(JobCancelled):
        queues.progress(1)
    queues.current_run.reset(token)


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(3), JobTimeout("t"), GeneratorExit()])
def test_whatever_a_job_raises_becomes_its_error_and_leaves_the_thread(error: BaseException) -> None:
    def raises() -> None:
        raise error

    call = executions.read(leased())
    call.func, call.args, call.kwargs = raises, [], {}
    task = executions.Execution(leased(), call)
    task.run()
    assert task.error and task.error.name == type(error).__name__ in task.error.trace and not task.running
    assert queues.current_run.get() is None


def test_an_interruption_reaches_a_loop_that_swallows_every_exception() -> None:
    started = threading.Event()

    def swallow() -> None:
        while True:
            try:
                started.set()
                clock.wait(0.001)
            except Exception:  # what a careless job does
                continue

    threads = pool.Pool(1, 1, executions.Execution.run)
    call = executions.read(leased())
    call.func, call.args, call.kwargs = swallow, [], {}
    task = executions.Execution(leased(), call)
    threads.submit(task)
    assert started.wait(patience.HANG_S)
    threads.interrupt(task, JobTimeout)
    deadline = clock.monotonic() + patience.HANG_S
    while not threads.done and clock.monotonic() < deadline:
        clock.wait(0.005)
    assert ended_by(task, JobTimeout)


# --- what is left of it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, "ä", [1, {"a": None}], {"x": 1.5}, False, 0])
def test_a_result_is_written_as_rq_reads_it(value: Any) -> None:
    assert json.loads(base64.b64decode(results.encode(value))) == value == results.decode(results.encode(value))


def test_no_result_is_nothing() -> None:
    assert results.encode(None) == "" and results.decode("") is None


def test_an_error_text_is_written_as_rq_reads_it() -> None:
    assert zlib.decompress(base64.b64decode(executions.encode_error("ä\ud800"))) == "ä?".encode()


def break_for_a_reason() -> None:
    try:
        raise ValueError("the reason")
    except ValueError as exc:
        raise TypeError("its consequence") from exc


def test_a_type_error_of_the_job_keeps_its_cause() -> None:
    task = executions.Execution(
        leases.Leased("a", "1", "low", {}), executions.Call("path", break_for_a_reason, [], {}, 60, False, False)
    )
    task.run()
    assert task.error and task.error.name == "TypeError" and "the reason" in task.error.trace
