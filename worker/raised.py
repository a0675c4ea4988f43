"""What a job raised, as plain data. An error is read once, in the thread or process of the job.

An error is a foreign object: its text, its attributes and its class may fail, hang, lie or never end. So no error object reaches
the consumer, which serves all jobs.
"""

import math
from typing import Any, NamedTuple

import errors
import traces


class NotStarted(Exception):
    """Nothing of the job ran: it is requeued, and nothing is spent."""


class Raised(NamedTuple):
    """An error by its name and text, with what decides about a retry. `known`: its nearest class in errors.py, if any.

    `until_s`: when the job may run (s since 1970), where it raised NotNow.
    """

    name: str
    message: str
    trace: str = ""
    category: str = "system"
    retryable: bool = True
    retry_after_s: float = errors.TrawlError.retry_after_s
    known: type[BaseException] | None = None
    until_s: float = 0.0

    def is_a(self, kind: type[BaseException]) -> bool:
        """Whether it is an error of that class of errors.py."""
        return self.known is not None and issubclass(self.known, kind)


#: Classes of errors.py by id(): comparing classes would call the metaclass of a foreign one.
KNOWN: dict[int, type[BaseException]] = {
    id(kind): kind for kind in (*vars(errors).values(), NotStarted) if isinstance(kind, type) and issubclass(kind, BaseException)
}

#: Classes of the standard library for errors that may pass within a minute.
NETWORK_ERRORS = (ConnectionError, TimeoutError)

_get_mro: Any = vars(type)["__mro__"].__get__


def read(error: BaseException) -> Raised:
    """An error as plain data, whatever its class does. Raises only an interruption of this thread."""
    kind = type(error)
    known = _known(kind)
    own = known if known is not None and issubclass(known, errors.TrawlError) else None
    default = own or errors.TrawlError
    category = _attribute(error, "category", str) if own else "network" if issubclass(kind, NETWORK_ERRORS) else "system"
    retryable = _attribute(error, "retryable", bool)
    return Raised(
        name=traces.name_of(kind),
        message=traces.message_of(error),
        trace=_trace(error),
        category=category if category in errors.CATEGORIES else default.category,
        retryable=(default.retryable if own else True) if retryable is None else retryable,
        retry_after_s=_seconds(error, default.retry_after_s),
        known=known,
        until_s=error.until.timestamp() if isinstance(error, errors.NotNow) else 0.0,
    )


def of_name(name: str) -> type[BaseException] | None:
    """The class of errors.py with that name."""
    return next((kind for kind in KNOWN.values() if kind.__name__ == name), None)


def _known(kind: type) -> type[BaseException] | None:
    return next((KNOWN[id(base)] for base in _get_mro(kind) if id(base) in KNOWN), None)


def _trace(error: BaseException) -> str:
    try:
        return traces.of(error)
    except Exception as exc:  # an unforeseen error: the outcome of a job must not depend on its trace
        return f"(the trace of a {traces.name_of(type(error))} cannot be written: {traces.name_of(type(exc))})"


def _attribute(error: BaseException, name: str, kind: type) -> Any:
    """An attribute of exactly that type. None if it is missing, is of another type, or cannot be read."""
    try:
        value = getattr(error, name)
    except Exception:  # a foreign property
        return None
    return value if type(value) is kind else None


def _seconds(error: BaseException, default: float) -> float:
    try:
        value = getattr(error, "retry_after_s")  # noqa: B009 (a foreign error may have it, too)
        seconds = float(value) if issubclass(type(value), int | float) and type(value) is not bool else math.nan
    except Exception:  # a foreign property, or an int too large for a float
        return default
    return seconds if math.isfinite(seconds) and seconds >= 0 else default
