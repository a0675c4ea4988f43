"""What a job raised, as plain data: read once, in the thread or process of the job, and by nobody afterwards.

An error is an object of whoever raised it: its text, its attributes and its class may break, hang, lie or be endless. So nothing
of it reaches the courier, which serves all jobs.
"""

import math
from typing import Any, NamedTuple

import errors
import traces


class NotStarted(Exception):
    """Nothing of the job ran: it goes back into its queue, and nothing is spent."""


class Raised(NamedTuple):
    """An error by its name and its text, with what a retry goes by. `known`: the class of ours that it is, if it is one."""

    name: str
    message: str
    trace: str = ""
    category: str = "system"
    retryable: bool = True
    retry_after_s: float = errors.TrawlError.retry_after_s
    known: type[BaseException] | None = None

    def is_a(self, kind: type[BaseException]) -> bool:
        """Whether it is an error of that class of ours."""
        return self.known is not None and issubclass(self.known, kind)


#: Our classes by their identity: to compare classes asks their metaclass.
KNOWN: dict[int, type[BaseException]] = {
    id(kind): kind for kind in (*vars(errors).values(), NotStarted) if isinstance(kind, type) and issubclass(kind, BaseException)
}

#: Classes of the standard library that say: the other side may be back in a minute.
NETWORK = (ConnectionError, TimeoutError)

_get_mro: Any = vars(type)["__mro__"].__get__


def read(error: BaseException) -> Raised:
    """An error as plain data, whatever its class does. Raises nothing but an interruption of this thread."""
    kind = type(error)
    known = _known(kind)
    ours = known if known is not None and issubclass(known, errors.TrawlError) else None
    default = ours or errors.TrawlError
    category = _attribute(error, "category", str) if ours else "network" if issubclass(kind, NETWORK) else "system"
    retryable = _attribute(error, "retryable", bool)
    return Raised(
        name=traces.name_of(kind),
        message=traces.message_of(error),
        trace=_trace(error),
        category=category if category in errors.CATEGORIES else default.category,
        retryable=(default.retryable if ours else True) if retryable is None else retryable,
        retry_after_s=_seconds(error, default.retry_after_s),
        known=known,
    )


def of_name(name: str) -> type[BaseException] | None:
    """The class of ours with that name."""
    return next((kind for kind in KNOWN.values() if kind.__name__ == name), None)


def _known(kind: type) -> type[BaseException] | None:
    return next((KNOWN[id(one)] for one in _get_mro(kind) if id(one) in KNOWN), None)


def _trace(error: BaseException) -> str:
    try:
        return traces.of(error)
    except Exception as exc:  # what we did not think of: the outcome of a job does not hang on its trace
        return f"(the trace of a {traces.name_of(type(error))} cannot be written: {traces.name_of(type(exc))})"


def _attribute(error: BaseException, name: str, kind: type) -> Any:
    """An attribute of just that type; None where there is none, it is of another, or its class breaks."""
    try:
        value = getattr(error, name)
    except Exception:  # a property of somebody's
        return None
    return value if type(value) is kind else None


def _seconds(error: BaseException, default: float) -> float:
    try:
        value = getattr(error, "retry_after_s")  # noqa: B009 (a foreign error may have it, too)
        seconds = float(value) if issubclass(type(value), int | float) and type(value) is not bool else math.nan
    except Exception:  # a property of somebody's, an int that no float holds
        return default
    return seconds if math.isfinite(seconds) and seconds >= 0 else default
