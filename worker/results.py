"""What a job returned, as RQ's result stream holds it: only what JSON brings back as it was, and not too much of it.

Called in the thread or process of the job. What is too large is seen before it is written; a value that shows that nothing of the
job ran (a generator, a coroutine nobody awaited) fails the job.
"""

import base64
import inspect
import json
import json.encoder
import math
from typing import Any

import config
import traces
from errors import ResultError

MAX_DEPTH = 64

#: More values than these are not looked at: TOO_MANY stands for their size.
MOST_VALUES = 500_000
TOO_MANY = 1 << 62

#: The types that JSON brings back, by their identity: to compare classes, or to hash one, asks their metaclass.
PLAIN = frozenset(map(id, (str, int, float, bool, list, dict, type(None))))

#: Those that have no parts to look at.
SCALARS = frozenset(map(id, (int, bool, str)))

_strict = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _to_json(value: Any) -> str:
    if _encode_parts is None:  # another Python than CPython
        return _strict.encode(value)
    return "".join(_encode_parts(value, 0))


ALLOWED = "Return str, int, float, bool, None, list or dict with str keys (dates as ISO text)"


def encode(value: Any) -> str:
    """A result as RQ's result stream holds it, '' for None. Raises ResultError for what cannot be kept as it is."""
    if value is None:
        return ""
    most = config.settings().result_max_kb << 10
    kind = id(type(value))
    if kind not in PLAIN:
        _refuse_unrun(value)
    chars = _measure(value, min(MOST_VALUES, most)) if kind not in SCALARS else len(value) if kind == id(str) else 1
    if chars < 0:
        raise ResultError(_why_not(value))
    if chars > most:
        raise ResultError(_too_large(chars, most))
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


def _measure(value: Any, most_values: int) -> int:
    """How many characters it takes as JSON, at least; -1 where it holds what JSON would change.

    Seen without writing it, and without calling anything of its own, level by level: a value may hold a list many times, or
    itself. One of more than `most_values` values is not looked at any further.
    """
    chars = values = 0
    level = [value]
    for _ in range(MAX_DEPTH):
        values += len(level)
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str:
                chars += len(item)
            elif kind is dict or kind is list:
                if kind is dict:
                    for key in item:
                        if type(key) is not str:
                            return -1
                        chars += len(key)
                if values + len(below) + len(item) > most_values:
                    return TOO_MANY
                below += item.values() if kind is dict else item
            elif kind is float:
                if not math.isfinite(item):
                    return -1
            elif not (kind is int or kind is bool or item is None):
                return -1
        if not below:
            return chars + values
        level = below
    return -1


def _too_large(size: int, most: int) -> str:
    told = f"{size / (1 << 20):,.1f} MB of JSON" if size < TOO_MANY else f"more than {MOST_VALUES:,} values"
    return (
        f"its result is {told}, at most {most / (1 << 20):,.1f} MB are kept (RESULT_MAX_KB). Store the data and return its key."
    )


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
    for method, remedy in LAZY.items():
        if hasattr(kind, method):
            if inspect.iscoroutine(value):
                value.close()  # else Python warns of it
            raise ResultError(f"the job returned a {traces.name_of(kind)}, which nobody runs or waits for. {remedy}.")


def _why_not(value: Any) -> str:
    """Where it is not what JSON brings back, in the order of `_measure`."""
    level = [("result", value)]
    for _ in range(MAX_DEPTH):
        below: list[tuple[str, Any]] = []
        for path, item in level:
            kind = type(item)
            if kind is list:
                below += [(f"{path}[{number}]", one) for number, one in enumerate(item)]
            elif kind is dict:
                for key in item:
                    if type(key) is not str:
                        return f"{path} has a key that is a {traces.name_of(type(key))}, which JSON would change. {ALLOWED}."
                below += [(f"{path}[{traces.plain(key, 60)!r}]", one) for key, one in item.items()]
            elif kind is float and not math.isfinite(item):
                return f"{path} is {item!r}, which is no JSON. {ALLOWED}."
            elif id(kind) not in PLAIN:
                return f"{path} is a {traces.name_of(kind)}, which JSON would change or refuse. {ALLOWED}."
        level = below
    return f"its result is nested deeper than {MAX_DEPTH} levels, or in itself. {ALLOWED}."


#: The encoder in C, made once: json makes one for each value, which takes longer than to write a small one.
_make: Any = vars(json.encoder)["c_make_encoder"]
_encode_parts: Any = _make and _make(None, _strict.default, json.encoder.encode_basestring, None, ":", ",", False, False, False)
