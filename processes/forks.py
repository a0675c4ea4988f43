"""Forked copies of this process: its own, and those that a job makes (os.fork, multiprocessing, a pool).

A job's copy gets the default signal handlers: with the worker's handlers it would ignore terminate(). It closes the private
sockets, whose end tells others that this process has ended. And it never goes on with the worker's work: it ends when it leaves
the job's function.
"""

import os
import signal
import socket
import sys
import threading
import traceback
import weakref
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

from processes import streams

Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None

#: The number of forks between the first process and this one. Code that sees the number change runs in a copy.
generation = 0

_handlers: dict[int, Handler] = {}
_private: "weakref.WeakSet[socket.socket]" = weakref.WeakSet()
_forking = 0  # the thread that is in `fork`
_masks: dict[int, set[Any]] = {}  # thread that is in os.fork → the signals that it blocks otherwise


def handle(signum: int, handler: Handler) -> None:
    """signal.signal, for this process and its own copies. A job's copy gets the default handler."""
    signal.signal(signum, handler)
    _handlers[signum] = handler


def stop_on_signal(handler: Handler) -> None:
    """Handle the signals that ask a program to end: SIGTERM, Ctrl-C, and a closed terminal (not under nohup)."""
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:
            handle(signum, handler)


def keep_private(private: socket.socket) -> None:
    """Close this socket in each copy that a job makes."""
    _private.add(private)


def fork() -> int:
    """os.fork for this process's own copy, which keeps its signal handlers and sockets. To be called without other threads."""
    global _forking
    _forking = threading.get_ident()
    try:
        return os.fork()
    finally:
        _forking = 0


def reap(pid: int, last: Callable[[], object], wait: Callable[[], int | None]) -> int | None:
    """Reap a child that has ended with `wait`, which returns its exit code; None while it runs.

    `last` is done before: until a child is reaped, its number, and that of its group, cannot become another's. Where the system
    does not tell of an end without reaping (macOS before Python 3.13), `last` comes after.
    """
    if not hasattr(os, "waitid"):
        code = wait()
        if code is not None:
            last()
        return code
    with suppress(ChildProcessError):  # other code has reaped it
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        last()
    return wait()


def exit_code(pid: int) -> int | None:
    """Reap a child that has ended. Returns its exit code (negative: a signal; 0: other code reaped it), None while it runs."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if ended else None


def end(error: BaseException | None, code: int = 0) -> NoReturn:
    """End this copy at once, as a program ends that raised `error` (None: that returned `code`)."""
    try:
        if isinstance(error, SystemExit):
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
            if isinstance(error.code, str):
                print(error.code, file=sys.stderr)
        elif error is not None:
            code = 1
            traceback.print_exception(error)
        streams.flush()
    finally:  # whatever happened, it never returns into the copy of the caller's code
        os._exit(code & 0xFF)


def _before() -> None:
    """Block signals until the copy has its default handlers: Python forgets signals that are pending in a copy."""
    if threading.get_ident() != _forking:
        _masks[threading.get_ident()] = signal.pthread_sigmask(signal.SIG_BLOCK, _handlers)


def _restore_mask() -> None:
    mask = _masks.pop(threading.get_ident(), None)
    if mask is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _after_in_child() -> None:
    global generation
    generation += 1
    if threading.get_ident() == _forking:
        return
    _reset_copy()
    _restore_mask()
    _masks.clear()


def _reset_copy() -> None:
    for signum, handler in _handlers.items():
        if signal.getsignal(signum) == handler:  # otherwise the job has set its own
            signal.signal(signum, signal.SIG_DFL)
    _handlers.clear()
    for private in list(_private):
        with suppress(OSError):
            private.close()


os.register_at_fork(before=_before, after_in_parent=_restore_mask, after_in_child=_after_in_child)
