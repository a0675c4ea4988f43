"""What is logged holds no secret and no novel, in time linear in its length."""

import json
import logging
from typing import Any

import pytest

import clock
import config
import logs
from tests.faults import hostile


def line(message: str, formatter: logging.Formatter | None = None, **extra: Any) -> str:
    record = logging.makeLogRecord({"name": "x", "msg": message, "levelname": "INFO", "created": 0.0, **extra})
    return (formatter or logs.JsonLine()).format(record)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://user:hunter2@example.com/x", "https://user:***@example.com/x"),
        ("redis://:p@ss@host:1/0 and more", "redis://:***@host:1/0 and more"),
        ("redis+sentinel://:pw@a:1,b:2/m/0", "redis+sentinel://:***@a:1,b:2/m/0"),
        ("https://host:80/path?mail=a@b", "https://host:80/path?mail=a@b"),
        ("GET /?token=abc&access_token=def", "GET /?token=***&access_token=***"),
        ("API_KEY=abc password='x'", "API_KEY=*** password='x'"),
    ],
)
def test_passwords_and_tokens_are_never_written(text: str, told: str) -> None:
    assert logs.redact(text) == told


def test_half_a_password_at_the_cut_is_not_written() -> None:
    text = "x" * 90 + " https://user:hunter2@example.com/"
    assert "hunter" not in logs.redacted_start(text, 108) and logs.redacted_start(text, 108).startswith("xxx")


PATTERNS = ["a.", "://", "://a:", "://a:b", "token=", "a:", "=secret", "a", "x://:", "@", ": ", "\n"]


@pytest.mark.parametrize("part", PATTERNS)
@pytest.mark.parametrize("work", [logs.redact, logs.without_secrets])
def test_ten_times_the_text_takes_about_ten_times_as_long(part: str, work: Any) -> None:
    def took(count: int) -> float:
        text, best = part * count, float("inf")
        for _ in range(3):
            began = clock.monotonic()
            work(text)
            best = min(best, clock.monotonic() - began)
        return best

    assert took(200_000) < 40 * took(20_000) + 0.05


@pytest.mark.parametrize("formatter", [logs.JsonLine(), logs.TextLine()])
def test_a_line_is_short_whatever_it_is_given(formatter: logging.Formatter) -> None:
    extra = {"text": "a." * 1_000_000, "rows": list(range(1_000_000)), "loop": hostile._circle()}
    written = line("b." * 1_000_000, formatter, **extra)
    assert len(written) < 40_000


@pytest.mark.parametrize("name", hostile.RAISED)
def test_a_trace_in_the_log_is_short_and_made_of_any_error(name: str) -> None:
    try:
        raise hostile.RAISED[name]()
    except Exception as exc:
        error = exc
    written = line("broke", exc_info=(type(error), error, error.__traceback__ if name != "no name" else None))
    assert len(written) < 40_000 and "Traceback" in json.loads(written)["trace"]


def test_lists_stay_lists() -> None:
    assert json.loads(line("x", jobs=["a", "b"]))["jobs"] == ["a", "b"]


def test_a_text_of_somebody_else_begins_no_line_and_tells_a_terminal_nothing() -> None:
    said = line("asked\nfor\r\x1b[2J", logs.TextLine(), path="/a\n12:00:01 error  all is lost\u2028\x9b")
    assert "\n" not in said and "\x1b" not in said and "\x9b" not in said and r"asked\nfor" in said


def test_a_line_whose_arguments_do_not_fit_is_written_all_the_same() -> None:
    for formatter in (logs.JsonLine(), logs.TextLine()):
        assert "%s of %s  (1,)" in line("%s of %s", formatter, args=(1,))
        assert "%(name)s" in line("%(name)s", formatter, args={"nobody": 1})


def test_what_a_job_does_to_the_logging_of_all_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [logging.NullHandler()])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr(logs, "_held", [])
    logs.hold()
    ours, added = root.handlers[0], logging.NullHandler()
    root.addHandler(added)
    logs.speak_again()
    assert root.handlers == [ours, added], "one that is there besides is left"
    logging.basicConfig(level=logging.DEBUG, force=True)
    logging.disable(logging.CRITICAL)
    logs.speak_again()
    assert root.handlers == [ours] and logging.getLevelName(root.level) == config.settings().log_level
    assert root.manager.disable == logging.NOTSET
