"""Submitting: what is taken, what is refused before Redis is touched, and which job does the work."""

import datetime
import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import rq

import clock
import config
import jobs as jobs_folder
import models
import queues
from errors import ArgumentError, Conflict
from jobs import serp
from state.engine import dedup, jobs, payload
from state.store import connection, keys, scripts
from tests import patience
from tests.state import NOON
from topics.tracking import claimed_check
from worker import inline
from worker.rq import registration

ROOT = Path(__file__).resolve().parent.parent

runs: list[Any] = []


@queues.job(queue="low", kind="test", timeout_s=30, retries=2)
def note(*args: Any, **kwargs: Any) -> list[Any]:
    """Remember a call."""
    runs.append((args, kwargs))
    return [list(args), kwargs]


@queues.job(dedup_key="note:{name}:{place}", retries=0)
def note_once(name: str, place: str = "here") -> None:
    """One at a time for each name and place."""


@queues.job(retries=1)
def fail() -> None:
    """Fail, and say that trying again cannot help."""
    runs.append("fail")
    raise ArgumentError("no")


def not_a_job() -> None:
    """Not decorated."""


@pytest.fixture(autouse=True)
def nothing_ran() -> Iterator[None]:
    runs.clear()
    yield
    runs.clear()


def fetch(job_id: str) -> queues.Job:
    return queues.Job.fetch(job_id, connection=connection.client())


# --- what is taken --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1, 1 << 70, 1.5, -0.0, "", "ä\u2028\x00\U0001f600", [], [[1], {"a": [None]}], {"": 1}, "x" * 100_000],
)
def test_what_json_keeps_arrives_as_it_was(value: Any) -> None:
    submission = queues.submit(note, value, name=value)
    assert inline.run_until_idle() == 1
    assert runs == [((value,), {"name": value})] and type(runs[0][0][0]) is type(value)
    assert fetch(submission.job_id).return_value() == [[value], {"name": value}]


class Text(str):
    """A str that JSON would turn into another class."""


DEEP: list[Any] = []
for _ in range(70):
    DEEP = [DEEP]

REFUSED = {
    "tuple": (1, 2),
    "set": {1},
    "frozenset": frozenset(),
    "bytes": b"x",
    "bytearray": bytearray(b"x"),
    "datetime": NOON,
    "date": datetime.date(2026, 1, 1),
    "nan": float("nan"),
    "inf": float("inf"),
    "minus inf": float("-inf"),
    "int key": {1: "a"},
    "none key": {None: "a"},
    "nested int key": [{"a": {2: "b"}}],
    "nested tuple": [{"a": [(1,)]}],
    "deep nesting": DEEP,
    "lone surrogate": "\ud800",
    "surrogate in a key": {"\udfff": 1},
    "huge number": 10**5000,
    "more than a mebibyte": "x" * ((1 << 20) + 1),
    "more than a mebibyte in bytes": "ä" * (600 * 1024),
    "object": object(),
    "class": int,
    "enum": models.PageClass.RESULTS,
    "str subclass": Text("x"),
    "path": Path("x"),
    "function": not_a_job,
    "dataclass": models.SerpQuery("x"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("place", ["argument", "keyword", "meta"])
def test_what_json_would_change_or_refuse_is_refused_before_redis_is_touched(name: str, place: str, store: Any) -> None:
    value = REFUSED[name]
    with pytest.raises(ArgumentError) as caught:
        if place == "argument":
            queues.submit(note, value)
        elif place == "keyword":
            queues.submit(note, name=value)
        else:
            queues.submit(note, meta={"value": value})
    assert len(str(caught.value)) < 400 and "\n" not in str(caught.value)
    assert store.keys("*") == []


@pytest.mark.parametrize(
    "func",
    [
        lambda: None,
        not_a_job,
        os.system,
        print,
        partial(not_a_job),
        "os.system",
        claimed_check.ClaimedCheck,
        None,
        7,
        "tests.test_queues.not_a_job",
    ],
    ids=["lambda", "undecorated", "os.system", "builtin", "partial", "name", "class", "None", "number", "undecorated by name"],
)
def test_a_function_that_is_no_job_is_refused_before_redis_is_touched(func: Any, store: Any) -> None:
    with pytest.raises(ArgumentError):
        queues.submit(func)
    assert store.keys("*") == []


@pytest.mark.parametrize(
    "options",
    [
        {"queue": "urgent"},
        {"delay_s": -1},
        {"delay_s": float("nan")},
        {"delay_s": float("inf")},
        {"delay_s": "5"},
        {"delay_s": 400 * 86400},
        {"dedup_key": ""},
        {"dedup_key": "x" * 501},
        {"dedup_key": 7},
        {"dedup_key": "\ud800"},
        {"no_such_argument": 1},
    ],
)
def test_options_that_cannot_be_meant_are_refused_before_redis_is_touched(options: dict[str, Any], store: Any) -> None:
    with pytest.raises(ArgumentError):
        queues.submit(note_once, "a", **options)
    assert store.keys("*") == []


@pytest.mark.parametrize("job_id", ["a:b", "a b", "ä", "\ud800", "x" * 201, "a\n"])
def test_a_job_id_that_rq_cannot_read_is_refused(job_id: str, store: Any) -> None:
    with pytest.raises(ArgumentError, match="job id"):
        queues.submit_many([models.Call(note, job_id=job_id)])
    assert store.keys("*") == []


def test_one_bad_call_among_many_and_none_is_written(store: Any) -> None:
    with pytest.raises(ArgumentError):
        queues.submit_many([(note, 1), (note, 2), (note, {1, 2})])
    assert store.keys("*") == []


def test_a_call_that_does_not_fit_the_function_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"track_keyword: missing a required argument: 'keyword_id'"):
        queues.submit(serp.track_keyword)


@pytest.mark.parametrize("options", [{"queue": "fast"}, {"timeout_s": 0}, {"retries": -1}, {"retries": 4}])
def test_a_wrong_declaration_fails_at_import(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        queues.job(**options)(not_a_job)


def test_a_function_inside_a_function_cannot_be_a_job() -> None:
    with pytest.raises(ArgumentError, match="top of a module"):

        @queues.job()
        def inner() -> None: ...


async def lines_later() -> Any:
    """An asynchronous generator."""
    yield 1


def lines() -> Any:
    """A generator."""
    yield 1


@functools.wraps(lines)
def lines_in_a_list() -> list[int]:
    """What a decorator makes of a generator: a plain function."""
    return list(lines())


class Callable_:
    """An object that can be called."""

    def __call__(self) -> int:
        return 1


@pytest.mark.parametrize("func", [lines, lines_later])
def test_a_function_with_a_yield_is_no_job_because_a_call_of_it_runs_nothing(func: Any) -> None:
    with pytest.raises(ArgumentError, match="has a `yield`"):
        queues.job()(func)


@pytest.mark.parametrize("func", [Callable_, Callable_(), functools.partial(note, 1)])
def test_what_is_no_function_is_no_job(func: Any) -> None:
    with pytest.raises(ArgumentError, match="declare a function"):
        queues.job()(func)


def test_a_decorator_may_make_a_job_of_a_generator() -> None:
    queues.job()(lines_in_a_list)
    job_id = queues.submit("tests.test_queues.lines").job_id  # type: ignore[arg-type]  # its name is that of what it wraps
    inline.run_until_idle()
    assert fetch(job_id).return_value() == [1]


def test_a_job_has_three_retries_unless_it_says_otherwise() -> None:
    queues.job()(lines_in_a_list)
    assert queues.spec_of("tests.test_queues.lines").retries == queues.MAX_RETRIES == 3


def test_a_declared_function_stays_an_ordinary_function() -> None:
    assert note(1, a=2) == [[1], {"a": 2}] and note.__name__ == "note"


# --- queues, order, delay -------------------------------------------------------------------------------------------


def test_the_queue_is_the_jobs_own_unless_named_and_normal_means_default() -> None:
    assert queues.submit(note).queue == "low"
    assert queues.submit(note, queue="high").queue == "high"
    assert queues.submit(note, queue="normal").queue == "default"
    assert jobs.depths(queues.QUEUES) == {"high": 1, "default": 1, "low": 1}


def test_jobs_run_by_queue_then_in_the_order_of_submission() -> None:
    for queue in ("low", "default", "high"):
        for number in (1, 2):
            queues.submit(note, f"{queue}{number}", queue=queue)
    inline.run_until_idle()
    assert [args[0] for args, _ in runs] == ["high1", "high2", "default1", "default2", "low1", "low2"]


def test_a_thousand_calls_take_two_round_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    real = jobs.scripts.run_each

    def counted(calls: Any) -> Any:
        sent.append(calls[0][0])  # with a look at what stops them, in the same round trip
        return real(calls)

    monkeypatch.setattr(jobs.scripts, "run_each", counted)
    submissions = queues.submit_many((note, number) for number in range(1000))
    assert sent == ["engine/submit", "engine/submit"] and len({one.job_id for one in submissions}) == 1000
    assert [fetch(one.job_id).args for one in submissions[::333]] == [[0], [333], [666], [999]]


@pytest.mark.parametrize("delay_s", [0.2, 1, 90.5])
def test_a_delayed_job_waits_in_rqs_scheduled_registry_and_never_comes_early(delay_s: float, store: Any) -> None:
    start = NOON + datetime.timedelta(milliseconds=700)
    with clock.frozen(start):
        job_id = queues.submit(note, delay_s=delay_s).job_id
        registry = registration.Queue("low", connection=store, serializer=rq.serializers.JSONSerializer).scheduled_job_registry
        assert registry.get_job_ids(cleanup=False) == [job_id] and fetch(job_id).get_status() == "scheduled"
        clock.advance(datetime.timedelta(seconds=delay_s) - datetime.timedelta(milliseconds=1))
        assert jobs.promote("low") == 0
        clock.advance(datetime.timedelta(milliseconds=1001))
        assert jobs.promote("low") == 1 and jobs.promote("low") == 0
    assert fetch(job_id).get_status() == "queued"
    assert inline.run_until_idle() == 1 and len(runs) == 1


def test_a_delayed_job_that_was_cancelled_or_deleted_does_not_come() -> None:
    with clock.frozen(NOON):
        cancelled, deleted = (queues.submit(note, number, delay_s=10).job_id for number in (1, 2))
        fetch(cancelled).cancel()
        connection.client().delete(keys.job(deleted))
        clock.advance(datetime.timedelta(seconds=20))
        assert inline.run_until_idle() == 0 and runs == []


# --- one job for one piece of work ----------------------------------------------------------------------------------


def test_a_second_submit_of_the_same_work_is_ignored_and_names_the_first() -> None:
    first = queues.submit(note_once, "a")
    again, other, elsewhere = queues.submit(note_once, "a"), queues.submit(note_once, "b"), queues.submit(note_once, "a", "there")
    assert again == models.Submission(first.job_id, "default", duplicate_of=first.job_id)
    assert other.duplicate_of is elsewhere.duplicate_of is None
    assert jobs.depths(["default"])["default"] == 3


def test_a_claim_says_since_when_and_by_whom_it_is_held() -> None:
    with clock.frozen(NOON):
        job = queues.submit(note_once, "a", delay_s=5).job_id
        assert list(dedup.held("note")) == [dedup.Claim("a:here", job, NOON)]


def test_the_dedup_key_of_a_call_wins_over_the_jobs_own() -> None:
    queues.submit(note_once, "a", dedup_key="mine")
    assert [claim.member for claim in dedup.held("jobs")] == ["mine"] and dedup.count("note") == 0


def test_duplicates_within_one_call_become_one_job() -> None:
    first, second = queues.submit_many([(note_once, "a"), (note_once, "a")])
    assert second.duplicate_of == first.job_id and jobs.depths(["default"])["default"] == 1


def test_the_work_can_be_submitted_again_when_the_job_is_done() -> None:
    first = queues.submit(note_once, "a")
    inline.run_until_idle()
    again = queues.submit(note_once, "a")
    assert again.duplicate_of is None and again.job_id != first.job_id


@pytest.mark.parametrize("how", ["failed", "canceled", "stopped", "deleted"])
def test_the_claim_of_a_dead_job_is_taken_over_without_waiting_for_a_sweep(how: str) -> None:
    first = queues.submit(note_once, "a")
    if how == "deleted":
        connection.client().delete(keys.job(first.job_id))
    else:
        connection.client().hset(keys.job(first.job_id), "status", how)
    second = queues.submit(note_once, "a")
    assert second.duplicate_of is None
    assert queues.submit(note_once, "a").duplicate_of == second.job_id


@pytest.mark.parametrize("other", [(note, "a"), (note_once, "b"), (note_once, "a", "there")])
def test_the_callers_key_with_another_call_is_a_conflict_that_names_key_holder_and_remedy(other: Any, store: Any) -> None:
    first = queues.submit(note_once, "a", dedup_key="order:7")
    before = {key: store.dump(key) for key in store.scan_iter("*")}
    with pytest.raises(Conflict) as caught:
        queues.submit(*other, dedup_key="order:7")
    said = str(caught.value)
    assert "'order:7'" in said and first.job_id in said and "wait until" in said and "\n" not in said
    assert caught.value.category == "data" and not caught.value.retryable and caught.value.submissions == [None]
    assert {key: store.dump(key) for key in store.scan_iter("*")} == before


def test_the_callers_key_is_held_as_long_as_its_job_is_not_over_and_then_free_for_another_call() -> None:
    first = queues.submit(note, 1, dedup_key="order:7")
    for status in ("started", "scheduled", "queued"):
        connection.client().hset(keys.job(first.job_id), "status", status)
        with pytest.raises(Conflict):
            queues.submit(note, 2, dedup_key="order:7")
    inline.run_until_idle()
    second = queues.submit(note, 2, dedup_key="order:7")
    assert second.duplicate_of is None and second.job_id != first.job_id


@pytest.mark.parametrize("call", [(("a",), {}), ((), {"name": "a"}), (("a", "here"), {}), ((), {"place": "here", "name": "a"})])
def test_the_same_call_written_otherwise_is_no_conflict(call: tuple[Any, Any]) -> None:
    first = queues.submit(note_once, "a", dedup_key="order:7")
    assert queues.submit(note_once, *call[0], dedup_key="order:7", **call[1]).duplicate_of == first.job_id


def test_the_same_call_is_no_conflict_after_rq_rewrote_its_holder(store: Any) -> None:
    first = queues.submit(note, {"b": 1, "a": 2}, dedup_key="order:7")
    before = store.hget(keys.job(first.job_id), "data")
    fetch(first.job_id).save()
    assert store.hget(keys.job(first.job_id), "data") != before, "RQ compresses it"
    assert queues.submit(note, {"a": 2, "b": 1}, dedup_key="order:7").duplicate_of == first.job_id
    with pytest.raises(Conflict):
        queues.submit(note, {"a": 2, "b": True}, dedup_key="order:7")


def test_conflicts_among_many_calls_leave_the_others_submitted_and_all_of_them_told() -> None:
    held = queues.submit(note, 0, dedup_key="order:0")
    calls = [models.Call(note, (number,), {}, f"order:{number // 2}") for number in range(1200)] + [models.Call(note, ("last",))]
    with pytest.raises(Conflict) as caught:
        queues.submit_many(calls)
    told = caught.value.submissions
    assert len(told) == 1201 and told[0] == models.Submission(held.job_id, "low", duplicate_of=held.job_id)
    assert [number for number, one in enumerate(told) if one is None] == list(range(1, 1200, 2))
    assert [fetch(one.job_id).args for one in told[2:10:2] if one] == [[2], [4], [6], [8]]
    assert fetch(told[-1].job_id).args == ["last"] and jobs.depths(["low"])["low"] == 601
    assert "600 of 1,201" in str(caught.value)


@pytest.mark.parametrize("between", [[], [2]], ids=["at once", "when another call took the key"])
def test_a_submit_that_was_sent_twice_is_no_conflict_with_itself(between: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The reply to the first sending was late, and redis-py sent again."""
    run = scripts.run_each

    def late(calls: Any) -> Any:
        monkeypatch.setattr(scripts, "run_each", run)
        run(calls)
        for number in between:
            inline.run_until_idle()
            queues.submit(note, number, dedup_key="order:7")
        return run(calls)

    monkeypatch.setattr(scripts, "run_each", late)
    submission = queues.submit(note, 1, dedup_key="order:7")
    assert submission.duplicate_of is None and fetch(submission.job_id).args == [1]
    inline.run_until_idle()
    assert [call[0] for call, _ in runs] == [1, *between]


def test_a_key_of_the_job_is_shared_work_whoever_holds_it() -> None:
    """The batch, a forced check and a check by hand all mean "this keyword is being checked"."""
    mine = queues.submit(note, "a", dedup_key="note:a:here")
    assert queues.submit(note_once, "a").duplicate_of == mine.job_id
    direct = dedup.direct_owner()
    assert dedup.take("note", "b:here", direct) is None
    assert queues.submit(note_once, "b").duplicate_of == direct
    assert queues.submit(note_once, "b", dedup_key="note:b:here").duplicate_of == direct, "a direct call has no record to compare"


def test_a_call_sent_a_second_time_with_its_id_is_the_first_one_over_again() -> None:
    call = models.Call(note_once, ("a",), job_id="mine-1")
    assert queues.submit_many([call]) == queues.submit_many([call]) == [models.Submission("mine-1", "default")]
    assert jobs.depths(["default"])["default"] == 1
    inline.run_until_idle()
    assert queues.submit_many([call])[0].duplicate_of is None and jobs.depths(["default"])["default"] == 0


def test_a_job_that_fails_for_good_frees_its_claim_and_is_not_retried() -> None:
    queues.submit(fail, dedup_key="once")
    inline.run_until_idle()
    assert runs == ["fail"], "it had a retry left, and its error says that it cannot help"
    assert dedup.count("jobs") == 0


# --- only declared functions ever run -------------------------------------------------------------------------------


def write_job(job_id: str, path: str, **fields: str) -> None:
    """A job as somebody with access to Redis could write it."""
    now = jobs.rq_time(clock.now())
    data = payload.to_json([path, None, [], {}], "data")
    job = {"created_at": now, "enqueued_at": now, "data": data, "origin": "high", "status": "queued", "timeout": "30", **fields}
    connection.client().hset(keys.job(job_id), mapping=job)
    connection.client().rpush(keys.queue("high"), job_id)
    connection.client().sadd(keys.RQ_QUEUES, keys.queue("high"))


@pytest.fixture
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that leaves a file where it is imported, and another where it is called."""
    (tmp_path / "canary_module.py").write_text(
        f"import pathlib\npathlib.Path({str(tmp_path)!r}, 'imported').touch()\n"
        f"def run(*args, **kwargs):\n    pathlib.Path({str(tmp_path)!r}, 'called').touch()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "path", ["canary_module.run", "os.system", "builtins.eval", "jobs.serp.claimed_check.run", "jobs.nosuch.run", "", "x"]
)
def test_a_name_that_is_no_job_fails_and_is_never_imported(path: str, canary: Path) -> None:
    write_job("evil", path)
    queues.submit(note, "good")
    inline.run_until_idle()
    waits = path == "jobs.nosuch.run"  # for a worker of the version that has it
    assert fetch("evil").get_status() == ("scheduled" if waits else "failed")
    assert [file.name for file in canary.iterdir() if file.name in ("imported", "called")] == []
    assert runs == [(("good",), {})], "the next job runs"


@pytest.mark.parametrize("field", ["success_callback_name", "failure_callback_name", "stopped_callback_name"])
def test_a_callback_named_in_redis_is_never_imported(field: str, canary: Path) -> None:
    write_job("evil", "tests.test_queues.note", **{field: "canary_module.run"})
    write_job("evil-too", "tests.test_queues.fail", **{field: "canary_module.run"})
    inline.run_until_idle()
    assert [file.name for file in canary.iterdir() if file.name in ("imported", "called")] == []
    assert fetch("evil").get_status() == "failed"


def test_a_web_address_named_in_redis_is_never_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr("rq.webhook.urlopen", lambda request, **options: called.append(request))
    hook = '[{"url": "http://127.0.0.1:9/", "job_status": "finished"}]'
    write_job("evil", "tests.test_queues.note", webhooks=hook)
    inline.run_until_idle()
    assert called == [] and fetch("evil").webhooks == [] and len(runs) == 1


def test_a_file_put_into_jobs_is_found_without_being_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new_topic.py").write_text('import queues\n@queues.job(queue="low")\ndef work() -> str:\n    return "done"\n')
    monkeypatch.setattr(jobs_folder, "__path__", [*jobs_folder.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "jobs.new_topic", raising=False)
    write_job("new", "jobs.new_topic.work")
    inline.run_until_idle()
    assert fetch("new").return_value() == "done"
    assert queues.spec_of("jobs.new_topic.work") == models.JobSpec("jobs.new_topic.work", "low", "new_topic", 180, 3)


def test_a_broken_file_in_jobs_is_named_by_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert queues.check() == []
    (tmp_path / "broken_topic.py").write_text("import no_such_library\n")
    monkeypatch.setattr(jobs_folder, "__path__", [*jobs_folder.__path__, str(tmp_path)])
    [problem] = queues.check()
    assert "no_such_library" in problem


@pytest.mark.real_redis
def test_the_line_of_the_readme_works_from_the_repository_root(real_server: str) -> None:
    line = "from jobs import serp; import queues; print(queues.submit(serp.track_keyword, 'KEYWORD-ID').job_id)"
    environment = {**os.environ, "REDIS_URL": real_server, "TRAWL_NO_DOTENV": "1"}
    command = [sys.executable, "-c", line]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patience.HANG_S)
    assert done.returncode == 0, done.stderr
    job = fetch(done.stdout.strip())
    assert (job.func_name, job.args, job.origin) == ("jobs.serp.track_keyword", ["KEYWORD-ID"], "default")


def test_the_store_of_the_settings_is_used_where_no_test_put_one_in_place() -> None:
    with config.overridden(redis_url="redis://127.0.0.1:1/0"):
        assert connection.url() == "redis://127.0.0.1:1/0"
