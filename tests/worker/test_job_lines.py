"""What a job logs is kept in short, without secrets, and harms nobody, whatever the logged things do."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import clock
import config
import logs
import queues
from errors import JobTimeout
from state.engine import attempts, leases
from tests.local.real import until
from worker import execution as executions
from worker import job_lines

log = logging.getLogger("test.lines")


class Text:
    """Its text is what a function makes."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __str__(self) -> str:
        return self._make()  # type: ignore[no-any-return]


class Liar(str):
    """A text that answers otherwise than it is."""

    def __len__(self) -> int:
        return 0

    def __contains__(self, item: object) -> bool:
        raise RuntimeError


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.INFO)
    job_lines.install()
    yield
    root.setLevel(before)


def ran(func: Any, *, is_coroutine: bool = False) -> executions.Execution:
    job = leases.Leased("id", "w-1-1", "default", {})
    one = executions.Execution(job, executions.Call("path", func, [], {}, 60, False, is_coroutine))
    if is_coroutine:
        asyncio.run(one.run_coroutine())
    else:
        one.run()
    return one


def say(times: int, text: str) -> None:
    for number in range(times):
        log.info(text, number)


def rows(one: executions.Execution) -> list[list[Any]]:
    assert one.lines is not None
    return json.loads(one.lines.written())  # type: ignore[no-any-return]


def test_level_logger_and_text_are_kept_from_info_on() -> None:
    def work() -> None:
        log.debug("no")
        log.info("yes %d", 1, extra={"url": "https://u:pw@a.com/?token=x"})
        logging.getLogger("other").error("oh")

    got = rows(ran(work))
    assert [row[1:] for row in got] == [
        ["info", "test.lines", "yes 1  url=https://u:***@a.com/?token=***"],
        ["error", "other", "oh"],
    ]
    assert abs(got[0][0] / 1000 - clock.now().timestamp()) < 3600


def test_a_job_that_logs_nothing_has_no_lines() -> None:
    assert ran(lambda: None).lines is None


def test_a_trace_is_kept_with_its_line() -> None:
    def work() -> None:
        try:
            raise KeyError("password=geheim")
        except KeyError:
            log.exception("it broke")

    [[_, level, _, text]] = rows(ran(work))
    assert level == "error" and text.startswith("it broke\nTraceback") and "KeyError" in text and "geheim" not in text


def test_lines_and_characters_are_bounded_and_the_last_ones_stay() -> None:
    def work() -> None:
        for number in range(1000):
            log.info("%d", number)
        log.info("x" * 1_000_000)

    got = rows(ran(work))
    assert len(got) == 201 and got[0][3] == "801 earlier lines are not kept" and got[-1][3].startswith("xxx")
    assert len(got[-1][3]) < 2100
    got = rows(ran(lambda: say(50, "%d " + "y" * 1900)))
    assert sum(len(row[3]) for row in got) <= job_lines.MOST_CHARS and got[-1][3].startswith("49 ")


def test_as_many_lines_as_the_setting_says() -> None:
    with config.overridden(job_log_lines=3):
        assert len(rows(ran(lambda: say(9, "%d")))) == 4


def raises(error: BaseException) -> Any:
    def make() -> str:
        raise error

    return Text(make)


@pytest.mark.parametrize("text", [raises(ValueError()), raises(SystemExit(3)), raises(GeneratorExit()), Text(lambda: 3)])
def test_a_text_that_cannot_be_read_is_left_out_and_the_job_goes_on(text: Any) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (text,), None)

    def work() -> str:
        job_lines.Handler().handle(record)
        queues.note("after")
        return "through"

    one = ran(work)
    assert one.error is None and [row[3] for row in rows(one)] == ["after"]


def test_an_interruption_of_the_job_passes() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (raises(JobTimeout()),), None)
    one = ran(lambda: job_lines.Handler().handle(record))
    assert one.error is not None and one.error.name == "JobTimeout"


def test_a_text_that_logs_itself_ends() -> None:
    def make() -> str:
        job_lines.Handler().handle(record)
        return "whole"

    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (Text(make),), None)
    assert [row[3] for row in rows(ran(lambda: job_lines.Handler().handle(record)))] == ["whole"]


@pytest.mark.parametrize("text", [Liar("token=geheim"), "half \ud800", "\x1b[2J\n"])
def test_what_is_kept_is_plain_json(text: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, text, (), None)  # past pytest, whose reports take no half characters
    [[*_, kept]] = rows(ran(lambda: job_lines.Handler().handle(record)))
    assert "geheim" not in kept and json.dumps(kept, ensure_ascii=False).encode()


def test_a_text_without_end_holds_up_no_other_job(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    monkeypatch.setattr(log, "propagate", False)  # pytest's handlers hold their lock while they write

    def make() -> str:
        go.wait(60)
        return "at last"

    first = threading.Thread(target=ran, args=(lambda: log.info("%s", Text(make)),))
    handler = logs._Handler()
    handler.setFormatter(logs.JsonLine())
    monkeypatch.setattr(
        log, "handlers", [handler, *(one for one in logging.getLogger().handlers if type(one) is job_lines.Handler)]
    )
    try:
        first.start()
        done = threading.Thread(target=ran, args=(lambda: log.info("other"),))
        done.start()
        until(lambda: not done.is_alive())
        assert first.is_alive()
    finally:
        go.set()
        first.join()


def test_lines_of_a_coroutine_and_of_its_thread_are_its_own() -> None:
    async def work() -> None:
        log.info("on the loop")
        await asyncio.to_thread(log.info, "in a thread of it")

    async def other() -> None:
        await asyncio.sleep(0)
        queues.note("other")

    assert [row[3] for row in rows(ran(work, is_coroutine=True))] == ["on the loop", "in a thread of it"]
    assert [row[3] for row in rows(ran(other, is_coroutine=True))] == ["other"]


def test_outside_a_job_nothing_is_kept() -> None:
    queues.note("nobody")
    log.info("nobody")


def test_a_job_that_configures_logging_loses_the_handler_until_it_is_put_back() -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers[:] = []
    try:
        assert ran(lambda: log.info("x")).lines is None
        job_lines.install()
        job_lines.install()
        assert len(root.handlers) == 1 and rows(ran(lambda: log.info("x")))
    finally:
        root.handlers[:] = before


def test_what_was_not_stored_is_told_again(store: Any) -> None:
    lines = job_lines.Lines()
    assert lines.unstored() is None
    lines.add("info", "", "x", 1.0)
    assert lines.unstored() == '[[1000, "info", "", "x"]]' and lines.unstored() is None
    lines.store_again()
    assert lines.unstored()
    assert attempts.read("nobody") == attempts.Kept([], b"", [])
