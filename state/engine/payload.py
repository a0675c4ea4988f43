"""What may be a job, and what it may be given: values that JSON brings back as they were, and not too many of them."""

import functools
import inspect
import json
import json.encoder
import math
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from errors import ArgumentError, DataError

#: Arguments of one job, as JSON. What is larger belongs in object storage; the job gets its key.
MAX_BYTES = 1 << 20
MAX_DEPTH = 64

#: Types that JSON takes as they are, whatever their value.
USUAL = frozenset({str, int, bool, type(None)})

#: Data of a job that another tool wrote, unpacked: read by what serves all jobs, so not without end.
MAX_FOREIGN_BYTES = 16 << 20

#: The first byte of a pickle, which RQ writes unless it is told otherwise.
PICKLE = b"\x80"

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

#: The encoder in C. The json module makes one for each value, which takes longer than encoding a few arguments.
_make: Any = vars(json.encoder)["c_make_encoder"]
_parts: Any = _make and _make(None, _encoder.default, json.encoder.encode_basestring, None, ":", ",", False, False, True)
_decode = json.JSONDecoder().raw_decode


def path_of(func: Callable[..., Any]) -> str:
    """The dotted path of a function that may be a job. Raises ArgumentError for what is none, or would do nothing when called."""
    path = f"{getattr(func, '__module__', '')}.{getattr(func, '__qualname__', '')}"
    if path.endswith(".") or inspect.isclass(func):
        raise ArgumentError(f"{func!r:.80} cannot be a job: declare a function (def or async def).")
    if "<" in path:
        raise ArgumentError(f"{path} cannot be a job: define it at the top of a module.")
    if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
        raise ArgumentError(f"{path} cannot be a job: it has a `yield`, so a call of it runs nothing. Return a list instead.")
    return path


def to_json(value: Any, what: str) -> str:
    """`value` as JSON that reads back as the very same value. Raises ArgumentError for what JSON would change or refuse."""
    _check(value, what, 0)
    try:
        text = "".join(_parts(value, 0)) if _parts else _encoder.encode(value)
        size = len(text) if text.isascii() else len(text.encode())
    except (UnicodeEncodeError, ValueError) as exc:
        raise ArgumentError(f"{what}: an argument cannot be written as JSON ({exc}).") from None
    if size > MAX_BYTES:
        raise ArgumentError(f"{what}: {size:,} bytes of arguments; at most 1 MiB. Store the data and pass its key.")
    return text


def bind(func: Callable[..., Any], path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter of a call with its value, defaults too. Raises ArgumentError where the function takes no such call."""
    names = _plain_parameters(func)
    if names is not None and not kwargs and len(names) == len(args):  # nothing to find out, the usual case
        return dict(zip(names, args, strict=True))
    try:
        bound = _signature(func).bind(*args, **kwargs)
    except TypeError as exc:
        raise ArgumentError(f"{path}: {exc}") from None
    bound.apply_defaults()
    return dict(bound.arguments)


def unbind(func: Callable[..., Any], path: str, named: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The positional and keyword arguments of a call by the names of its parameters, as `bind` gives them.

    Raises ArgumentError for a name that the function does not have, and where one is missing.
    """
    parameters = _signature(func).parameters
    for name, value in named.items():
        if name not in parameters:
            raise ArgumentError(f"{path} has no argument {name!r:.60}: there are {', '.join(parameters) or 'none'}.")
        kind = parameters[name].kind
        if kind is kind.VAR_POSITIONAL and not isinstance(value, list):
            raise ArgumentError(f"{path}: {name} must be a JSON array.")
        if kind is kind.VAR_KEYWORD and not isinstance(value, dict):
            raise ArgumentError(f"{path}: {name} must be a JSON object.")
    ordered = OrderedDict((name, named[name]) for name in parameters if name in named)
    bound = inspect.BoundArguments(_signature(func), ordered)
    bind(func, path, bound.args, bound.kwargs)
    return bound.args, bound.kwargs


@functools.cache
def _signature(func: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(func)


@functools.cache
def _plain_parameters(func: Callable[..., Any]) -> list[str] | None:
    parameters = _signature(func).parameters.values()
    plain = all(one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) for one in parameters)
    return [one.name for one in parameters] if plain else None


def of_job(data: bytes) -> tuple[str, list[Any], dict[str, Any]]:
    """Function, arguments and keyword arguments from the data of a job, as we or RQ wrote them. Raises DataError."""
    text = data
    try:
        if data[:1] != b"[":
            text = data if data[:1] == PICKLE else zlib.decompressobj().decompress(data, MAX_FOREIGN_BYTES + 1)
        if len(text) > MAX_FOREIGN_BYTES:
            raise ArgumentError(f"its data are more than {MAX_FOREIGN_BYTES >> 20} MB")
        path, instance, args, kwargs = _decoded(text.decode("utf-8", "surrogatepass"))  # else json guesses the encoding
    except (ValueError, zlib.error, RecursionError, TypeError, MemoryError) as exc:
        if text[:1] == PICKLE:
            raise DataError("it was pickled, which is not read here: RQ's Queue needs serializer=JSONSerializer") from None
        raise DataError(f"its data are no JSON of RQ's ({type(exc).__name__})") from None
    if instance is not None or not isinstance(path, str) or not isinstance(args, list) or not isinstance(kwargs, dict):
        raise ArgumentError("its data name no function with arguments")
    return path, args, kwargs


def _decoded(text: str) -> Any:
    """As json.loads, which looks for blanks around the value first: as we write it, it has none."""
    try:
        value, end = _decode(text)
    except ValueError:
        return json.loads(text)
    return value if end == len(text) else json.loads(text)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON, whatever the order of their keys.

    >>> same({"a": 1, "b": [2]}, {"b": [2], "a": 1}), same([1], [True])
    (True, False)
    """
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def is_text(value: str) -> bool:
    """Whether a string can be written as UTF-8: it holds no half of a surrogate pair."""
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _check(value: Any, what: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ArgumentError(f"{what}: an argument is nested deeper than {MAX_DEPTH} levels.")
    kind = type(value)
    if kind is float and not math.isfinite(value):
        raise ArgumentError(f"{what}: {value!r} is not JSON. Pass None, or leave it out.")
    usual = USUAL if depth < MAX_DEPTH else ()
    if kind is list:
        for item in value:
            if type(item) not in usual:
                _check(item, what, depth + 1)
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise ArgumentError(f"{what}: the key {key!r:.60} would become text in JSON. Use str keys.")
            if type(item) not in usual:
                _check(item, what, depth + 1)
    elif value is not None and kind not in (str, int, float, bool):
        raise ArgumentError(
            f"{what}: {value!r:.60} is a {kind.__name__}, which JSON would change or refuse. "
            "Pass str, int, float, bool, None, list or dict (dates as ISO text)."
        )
