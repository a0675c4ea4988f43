"""What a job returned, as RQ's result stream holds it: only what JSON brings back as it was, and not too much of it.

Called in the thread or process of the job. What is too large is seen before it is written; a value that shows that nothing of the
job ran (a generator, a coroutine nobody awaited) fails the job.
"""

import base64
import inspect
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

import config
import traces
from errors import ResultError

MAX_DEPTH = 64

#: What is not so many JSON values is measured to its end, so that the message can say how large it is.
MOST_VALUES = 500_000

#: The types that JSON brings back, by their identity: to compare classes, or to hash one, asks their metaclass.
PLAIN = frozenset(map(id, (str, int, float, bool, list, dict, type(None))))

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

ALLOWED = "Return str, int, float, bool, None, list or dict with str keys (dates as ISO text)"


def encode(value: Any) -> str:
    """A result as RQ's result stream holds it, '' for None. Raises ResultError for what cannot be kept as it is."""
    if value is None:
        return ""
    most = config.settings().result_max_kb << 10
    _refuse_unrun(value)
    size = _Size(most)
    if not size.add(value, 0):
        raise ResultError(_why_not(value))
    if size.chars > most or size.values > size.most_values:
        raise ResultError(_too_large(size.chars, most, "more than " if size.values > size.most_values else ""))
    try:
        data = _to_json(value).encode()
    except (UnicodeEncodeError, ValueError, RuntimeError) as exc:  # half a surrogate pair, 5,000 digits
        raise ResultError(f"its result cannot be written as JSON ({traces.plain(str(exc), 200)}). {ALLOWED}.") from None
    if len(data) > most:
        raise ResultError(_too_large(len(data), most))
    return base64.b64encode(data).decode()


def decode(text: str) -> Any:
    """The value of such a text."""
    return json.loads(base64.b64decode(text)) if text else None


def _too_large(size: int, most: int, about: str = "") -> str:
    return (
        f"its result is {about}{size / (1 << 20):,.1f} MB of JSON, at most {most / (1 << 20):,.1f} MB are kept (RESULT_MAX_KB). "
        "Store the data and return its key."
    )


class _Size:
    """How large a value is at least as JSON: seen without writing it, and without calling anything of its own."""

    def __init__(self, most: int) -> None:
        self.most_values = min(MOST_VALUES, most)
        self.chars = self.values = 0

    def add(self, value: Any, depth: int) -> bool:
        """Whether it holds nothing that JSON would change; goes no further than the first such thing, or than `most_values`."""
        kind = type(value)
        self.values += 1
        self.chars += 1
        if kind is str:
            self.chars += len(value)
        elif kind is list:
            return depth <= MAX_DEPTH and self._add_all(value, depth)
        elif kind is dict:
            return depth <= MAX_DEPTH and self._add_keys(value) and self._add_all(value.values(), depth)
        elif kind is float:
            return math.isfinite(value)
        return id(kind) in PLAIN

    def _add_keys(self, keys: Iterable[Any]) -> bool:
        for key in keys:
            if type(key) is not str:
                return False
            self.chars += len(key) + 4
        return True

    def _add_all(self, values: Iterable[Any], depth: int) -> bool:
        for value in values:
            if not self.add(value, depth + 1):
                return False
            if self.values > self.most_values:
                break
        return True


#: What has one of these is to be run by whoever gets it.
LAZY = {
    "__await__": "Await it in the job, and return what comes of it",
    "__anext__": "Return its values, e.g. [one async for one in …]",
    "__next__": "Return its values, e.g. list(…)",
    "add_done_callback": "Wait for it in the job, and return its result()",
    "__enter__": "Use it in the job, with `with`",
    "__aenter__": "Use it in the job, with `async with`",
}


def _refuse_unrun(value: Any) -> None:
    """A generator, a coroutine, a future: work that nobody would do, or wait for."""
    kind = type(value)
    if id(kind) in PLAIN:
        return
    for method, remedy in LAZY.items():
        if hasattr(kind, method):
            if inspect.iscoroutine(value):
                value.close()  # else Python warns of it
            raise ResultError(f"the job returned a {traces.name_of(kind)}, which nobody runs or waits for. {remedy}.")


def _why_not(value: Any) -> str:
    path, reason = next(_faults(value, "result", 0))
    return f"{traces.shortened(path, 200)} {reason}. {ALLOWED}."


def _faults(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Where a value is not what JSON brings back, and what is there."""
    kind = type(value)
    if depth > MAX_DEPTH:
        yield path, f"is nested deeper than {MAX_DEPTH} levels, or in itself"
    elif kind is float and not math.isfinite(value):
        yield path, f"is {value!r}, which is no JSON"
    elif kind is list:
        for number, item in enumerate(value):
            yield from _faults(item, f"{path}[{number}]", depth + 1)
    elif kind is dict:
        for key in value:
            if type(key) is not str:
                yield path, f"has a key that is a {traces.name_of(type(key))}, which JSON would change or refuse"
        for key, item in value.items():
            yield from _faults(item, f"{path}[{traces.plain(key, 60)!r}]", depth + 1)
    elif id(kind) not in PLAIN:
        yield path, f"is a {traces.name_of(kind)}, which JSON would change or refuse"
