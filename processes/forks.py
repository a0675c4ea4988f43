"""Copies of this process: those that we make, and those that a job makes (os.fork, multiprocessing, a pool).

A copy that a job makes gets the default signals: with our handlers for SIGTERM and SIGINT it would be deaf to terminate(). It
keeps nothing open that tells others that we live. And it never goes on with our work: when it leaves the job's function, it ends.
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

#: Counts the forks between the first process and this one: code that finds another number than before runs in a copy.
generation = 0

_ours: dict[int, Handler] = {}
_private: "weakref.WeakSet[socket.socket]" = weakref.WeakSet()
_forking = 0  # the thread that is in `fork`
_masks: dict[int, set[Any]] = {}  # thread that is in os.fork → the signals that it blocks otherwise


def handle(signum: int, handler: Handler) -> None:
    """signal.signal, for this process and the copies that we make of it; a copy that a job makes gets the default."""
    signal.signal(signum, handler)
    _ours[signum] = handler


def stop_on_signal(handler: Handler) -> None:
    """Handle what asks a program to end: SIGTERM, Ctrl-C, and a terminal that was closed (not under nohup)."""
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:
            handle(signum, handler)


def keep_private(ours: socket.socket) -> None:
    """Close this socket in each copy that a job makes."""
    _private.add(ours)


def fork() -> int:
    """os.fork for a copy that goes on with our work: it keeps our signals and sockets. To be called without other threads."""
    global _forking
    _forking = threading.get_ident()
    try:
        return os.fork()
    finally:
        _forking = 0


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
    """A signal that came before the copy has its default handlers would be forgotten: Python clears what is pending."""
    if threading.get_ident() != _forking:
        _masks[threading.get_ident()] = signal.pthread_sigmask(signal.SIG_BLOCK, _ours)


def _restore_mask() -> None:
    mask = _masks.pop(threading.get_ident(), None)
    if mask is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _after_in_child() -> None:
    global generation
    generation += 1
    if threading.get_ident() == _forking:
        return
    _become_a_copy()
    _restore_mask()
    _masks.clear()


def _become_a_copy() -> None:
    for signum, handler in _ours.items():
        if signal.getsignal(signum) == handler:  # else the job has set its own
            signal.signal(signum, signal.SIG_DFL)
    _ours.clear()
    for ours in list(_private):
        with suppress(OSError):
            ours.close()


os.register_at_fork(before=_before, after_in_parent=_restore_mask, after_in_child=_after_in_child)
