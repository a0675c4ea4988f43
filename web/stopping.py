"""The end of the web process, told to whoever holds a request for long: event streams, waiting scrapes, the reader of events."""

import threading
from collections.abc import Callable

_event = threading.Event()
_callbacks: list[Callable[[], None]] = []
_guard = threading.Lock()


def is_stopping() -> bool:
    """Whether the process was asked to end: a stream says goodbye, a request that waits answers with what it has."""
    return _event.is_set()


def wait(seconds: float) -> bool:
    """Wait so long, or until the process is asked to end. Returns whether it was."""
    return _event.wait(seconds)


def call(callback: Callable[[], None]) -> Callable[[], None]:
    """Have this called, once, when the process is asked to end; at once where it was. Returns a function that takes it back."""
    with _guard:
        if not _event.is_set():
            _callbacks.append(callback)
            return lambda: _forget(callback)
    callback()
    return lambda: None


def _forget(callback: Callable[[], None]) -> None:
    with _guard:
        if callback in _callbacks:
            _callbacks.remove(callback)


def begin() -> None:
    """The process ends: tell everybody. A callback that fails does not keep the others from theirs."""
    with _guard:
        _event.set()
        callbacks, _callbacks[:] = _callbacks[:], []
    for callback in callbacks:
        try:
            callback()
        except Exception:  # the others must be told, too
            import logging

            logging.getLogger("trawl.web").exception("told that the process ends, a part of it failed")


def reset() -> None:
    """For tests: as at the start."""
    _event.clear()
    _callbacks.clear()
