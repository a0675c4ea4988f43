"""One line an event: text in a terminal, JSON elsewhere. Secrets are never written.

`bind(job=…, keyword=…, project=…, attempt=…)` puts these names on every line logged inside the block. Lines go to standard error.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import config
import traces

#: Longest text of a line, and of each detail (characters).
LINE = 16_000
DETAIL = 4000

_bound: ContextVar[dict[str, Any]] = ContextVar("bound", default={})  # noqa: B039 (replaced, never changed in place)

#: Secrets: tokens in a query string, passwords in a URL. Each pattern has a mark that a text must hold before the pattern is
#: tried. A pattern reads nothing twice, so its time is linear in the length of the text.
SECRETS = (
    ("=", re.compile(r"(?i)(token|api_?key|secret|password|signature)=[^&\s'\"]+"), r"\1=***"),
    ("trawl_", re.compile(r"trawl_([a-z0-9]{8})_[A-Za-z0-9_-]{20,}"), r"trawl_\1_***"),
    ("/share/", re.compile(r"/share/[A-Za-z0-9_-]{20,}"), "/share/***"),
    ("/login/link", re.compile(r"/login/link/[A-Za-z0-9_-]{20,}"), "/login/link/***"),
    ("earer ", re.compile(r"([Bb]earer )[^\s'\"]+"), r"\1***"),
    ("://", re.compile(r"://([^/@\s:]*):[^/\s]+@"), r"://\1:***@"),
)

#: Characters that would begin a new line, or tell a terminal what to do, as they are shown instead.
_CONTROLS = {number: repr(chr(number))[1:-1] for number in (*range(9), *range(10, 32), *range(127, 160), 0x2028, 0x2029)}

#: Types whose text is their own.
PLAIN = frozenset({str, int, float, bool, type(None)})

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@contextmanager
def bind(**names: Any) -> Iterator[None]:
    """Put `names` on every line logged inside the block; None values are left out."""
    token = _bound.set({**_bound.get(), **{key: value for key, value in names.items() if value is not None}})
    try:
        yield
    finally:
        _bound.reset(token)


def bind_from_here(**names: Any) -> None:
    """Put `names`, and no others, on every line logged in this context from now on."""
    _bound.set(names)


def redact(text: str) -> str:
    """`text` with tokens and passwords replaced by ***, in time linear in its length."""
    for mark, pattern, replacement in SECRETS:
        if mark in text:
            text = pattern.sub(replacement, text)
    return text


def redacted_start(text: str, most: int) -> str:
    """The first `most` characters of a text, with tokens and passwords replaced by ***. The rest of the text is not read."""
    if len(text) <= most:
        return redact(text)
    return redact(traces.without_half_an_address(traces.plain(text, most))) + " …"


def without_secrets(message: str) -> str:
    """`message` on one line, with tokens and passwords replaced by ***, also those of a URL that is none."""
    return " ".join(_without_password(word) for word in redacted_start(message, LINE).split())


def _without_password(word: str) -> str:
    """Also a password that no well-formed URL would hold: from the first colon of a word to its last @."""
    begin, end = word.find(":"), word.rfind("@")
    return f"{word[:begin]}:***{word[end:]}" if 0 <= begin < end else word


def setup() -> None:
    """Send all logging of this process to standard error, in the format of `LOG_FORMAT`. Safe to call again."""
    settings = config.settings()
    as_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    handler = _Handler()
    handler.setFormatter(TextLine() if as_text else JsonLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for noisy in ("botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Handler(logging.StreamHandler[Any]):
    """Ignore a line that could not be written: a job may have closed or replaced any stream.

    A line is made before the lock of the handler is taken: what is logged may be an object of a job whose text never ends, and no
    other thread waits for that.
    """

    def handle(self, record: logging.LogRecord) -> bool:
        found = self.filter(record)
        if not found:
            return False
        try:
            text = self.format(found if isinstance(found, logging.LogRecord) else record)
        except Exception:  # as logging does: a line that cannot be made breaks nothing
            self.handleError(record)
            return True
        with self.lock or nullcontext():
            self._write(text, record)
        return True

    def _write(self, text: str, record: logging.LogRecord) -> None:
        try:
            self.stream.write(text + self.terminator)
            self.flush()
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError, AttributeError):
            super().handleError(record)


_held: list[logging.Handler] = []


def hold() -> None:
    """Keep the handlers that there are now: `speak_again` puts them back where a job has removed them."""
    _held[:] = logging.getLogger().handlers


def speak_again() -> None:
    """Undo what a job does to the logging of all: it may disable levels or other loggers, or put its own handlers in place."""
    root = logging.getLogger()
    if _held and _held[0] not in root.handlers:  # basicConfig(force=True), dictConfig: theirs would write secrets
        root.handlers[:] = _held
        root.setLevel(config.settings().log_level)
    if root.manager.disable:
        logging.disable(logging.NOTSET)
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.startswith("trawl.") and isinstance(logger, logging.Logger):
            logger.disabled = False


class JsonLine(logging.Formatter):
    """One JSON object a line: at, level, event, then the names of `bind` and of the call's `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": redacted_start(_message(record), LINE),
            "logger": record.name,
            **_details(record),
        }
        if record.exc_info:
            line["trace"] = _trace(record)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLine(logging.Formatter):
    """`12:00:01 info  event  job=… keyword=…`, for people."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        details = " ".join(f"{key}={value}" for key, value in _details(record).items()).translate(_CONTROLS)
        event = redacted_start(_message(record), LINE).translate(_CONTROLS)
        line = f"{at} {record.levelname.lower():<7} {event}" + (f"  {details}" if details else "")
        return f"{line}\n{_trace(record)}" if record.exc_info else line


def line_of(record: logging.LogRecord, most: int) -> str:
    """What was logged as text without secrets: the event, the names of `extra`, then the trace of an error."""
    event = redacted_start(traces.plain(_message(record), most + 1), most)
    details = " ".join(f"{traces.plain(key, 100)}={_detail(value)}" for key, value in _extra(record).items())
    line = traces.plain(f"{event}  {details}" if details else event, most)
    trace = traces.shortened(_trace(record), most)
    return f"{line}\n{trace}" if trace else line


def _message(record: logging.LogRecord) -> str:
    """The text of a line; where its arguments do not fit it, beside them. Raises what an argument's own text raises."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        given = record.args.values() if isinstance(record.args, Mapping) else record.args or ()
        if type(record.msg) is str and all(type(one) in PLAIN for one in given):
            return f"{record.msg}  {record.args}"
        raise


def _details(record: logging.LogRecord) -> dict[str, Any]:
    return {key: _detail(value) for key, value in {**_bound.get(), **_extra(record)}.items()}


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _detail(value: Any) -> Any:
    if isinstance(value, str):
        return redacted_start(value, DETAIL)
    if value is None or isinstance(value, bool | int | float):
        return value
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError) as exc:
        return f"(cannot be written: {type(exc).__name__})"
    return value if len(text) <= DETAIL and redact(text) == text else redacted_start(text, DETAIL)


def _trace(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return redact(traces.of(error)) if error is not None else ""
