"""One line an event: readable in a terminal, JSON elsewhere; never a secret.

`bind(job=…, keyword=…, project=…, attempt=…)` puts these names on every line logged inside the block. Lines go to standard error.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import config

_bound: ContextVar[dict[str, Any]] = ContextVar("bound", default={})  # noqa: B039 (replaced, never changed in place)

#: What must never be written: tokens in a query string, passwords in a URL, keys in a header.
SECRETS = (
    (re.compile(r"(?i)\b(token|api_?key|apikey|secret|password|signature)=[^&\s'\"]+"), r"\1=***"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)([^/@\s:]*):[^/@\s]+@"), r"\1\2:***@"),
)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@contextmanager
def bind(**names: Any) -> Iterator[None]:
    """Put `names` on every line logged inside the block; None values are left out."""
    token = _bound.set({**_bound.get(), **{key: value for key, value in names.items() if value is not None}})
    try:
        yield
    finally:
        _bound.reset(token)


def redact(text: str) -> str:
    """`text` with tokens and passwords replaced by ***."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


def setup() -> None:
    """Send all logging of this process to standard error, in the format of `LOG_FORMAT`. Safe to call again."""
    settings = config.settings()
    as_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(TextLine() if as_text else JsonLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for noisy in ("botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class JsonLine(logging.Formatter):
    """One JSON object a line: at, level, event, then what was bound and what the call gave as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": redact(record.getMessage()),
            "logger": record.name,
            **_details(record),
        }
        if record.exc_info:
            line["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLine(logging.Formatter):
    """`12:00:01 info  event  job=… keyword=…`, for people."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        details = " ".join(f"{key}={value}" for key, value in _details(record).items())
        line = f"{at} {record.levelname.lower():<7} {redact(record.getMessage())}" + (f"  {details}" if details else "")
        return f"{line}\n{redact(self.formatException(record.exc_info))}" if record.exc_info else line


def _details(record: logging.LogRecord) -> dict[str, Any]:
    given = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    return {key: redact(value) if isinstance(value, str) else value for key, value in {**_bound.get(), **given}.items()}
