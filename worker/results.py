"""The result of a job, as RQ's result stream holds it. Only values that JSON restores exactly are allowed, up to a size.

Results are encoded in the thread or process of the job. A result that is too large is found before it is encoded. A result that
still has to be run (a generator, a coroutine nobody awaited) fails the job.
"""

import base64
import binascii
import inspect
import json
import json.encoder
import math
from typing import Any

import config
import traces
from errors import ResultError

MAX_DEPTH = 64

#: A result with more values is not measured: TOO_MANY stands for its size.
MAX_VALUES = 500_000
TOO_MANY = 1 << 62

#: The types that JSON restores, by id(): comparing or hashing classes would call the metaclass of a foreign one.
PLAIN = frozenset(map(id, (str, int, float, bool, list, dict, type(None))))

#: Types of them without parts.
SCALARS = frozenset(map(id, (int, bool, str)))

_strict = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _to_json(value: Any) -> str:
    if _encode_parts is None:  # not CPython
        return _strict.encode(value)
    return "".join(_encode_parts(value, 0))


ALLOWED = "Return str, int, float, bool, None, list or dict with str keys (dates as ISO text)"


def encode(value: Any) -> str:
    """A result as RQ's result stream holds it, '' for None. Raises ResultError for a result that cannot be kept exactly."""
    if value is None:
        return ""
    most = config.settings().result_max_kb << 10
    kind = id(type(value))
    if kind not in PLAIN:
        _refuse_unrun(value)
    chars = _measure(value, min(MAX_VALUES, most)) if kind not in SCALARS else len(value) if kind == id(str) else 1
    if chars < 0:
        raise ResultError(_fault_of(value))
    if chars > most:
        raise ResultError(_too_large(chars, most))
    try:
        data = _to_json(value).encode()
    except (UnicodeEncodeError, ValueError, RuntimeError) as exc:  # half a surrogate pair, 5,000 digits
        raise ResultError(f"its result cannot be written as JSON ({traces.plain(str(exc), 200)}). {ALLOWED}.") from None
    if len(data) > most:
        raise ResultError(_too_large(len(data), most))
    return binascii.b2a_base64(data, newline=False).decode()


def decode(text: str) -> Any:
    """The result that `encode` wrote."""
    return json.loads(base64.b64decode(text)) if text else None


def _measure(value: Any, max_values: int) -> int:
    """How many characters the value takes as JSON, at least. -1 if JSON would change any part of it.

    No method of the value is called. The value is measured level by level, because it may hold a list many times, or itself. A
    value of more than `max_values` parts is not measured to its end.
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
                if values + len(below) + len(item) > max_values:
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
    amount = f"{size / (1 << 20):,.1f} MB of JSON" if size < TOO_MANY else f"more than {MAX_VALUES:,} values"
    return (
        f"its result is {amount}, at most {most / (1 << 20):,.1f} MB are kept (RESULT_MAX_KB). Store the data and return its key."
    )


#: A value with one of these methods still has to be run → what its job should do instead.
LAZY_METHODS = {
    "__await__": "Await it in the job, and return what comes of it",
    "__anext__": "Return its values, e.g. [one async for one in …]",
    "__next__": "Return its values, e.g. list(…)",
    "add_done_callback": "Wait for it in the job, and return its result()",
    "__enter__": "Use it in the job, with `with`",
    "__aenter__": "Use it in the job, with `async with`",
}


def _refuse_unrun(value: Any) -> None:
    """Raise ResultError for a generator, a coroutine or a future: nobody would run it, or wait for it."""
    kind = type(value)
    for method, remedy in LAZY_METHODS.items():
        if hasattr(kind, method):
            if inspect.iscoroutine(value):
                value.close()  # otherwise Python warns of it
            raise ResultError(f"the job returned a {traces.name_of(kind)}, which nobody runs or waits for. {remedy}.")


def _fault_of(value: Any) -> str:
    """The part of a result that JSON would not restore, in the order of `_measure`."""
    level = [("result", value)]
    for _ in range(MAX_DEPTH):
        below: list[tuple[str, Any]] = []
        for path, item in level:
            kind = type(item)
            if kind is list:
                below += [(f"{path}[{number}]", part) for number, part in enumerate(item)]
            elif kind is dict:
                for key in item:
                    if type(key) is not str:
                        return f"{path} has a key that is a {traces.name_of(type(key))}, which JSON would change. {ALLOWED}."
                below += [(f"{path}[{traces.plain(key, 60)!r}]", part) for key, part in item.items()]
            elif kind is float and not math.isfinite(item):
                return f"{path} is {item!r}, which is no JSON. {ALLOWED}."
            elif id(kind) not in PLAIN:
                return f"{path} is a {traces.name_of(kind)}, which JSON would change or refuse. {ALLOWED}."
        level = below
    return f"its result is nested deeper than {MAX_DEPTH} levels, or in itself. {ALLOWED}."


#: The encoder in C. The json module makes one for each value, which takes longer than encoding a small value.
_make: Any = vars(json.encoder)["c_make_encoder"]
_encode_parts: Any = _make and _make(None, _strict.default, json.encoder.encode_basestring, None, ":", ",", False, False, False)
