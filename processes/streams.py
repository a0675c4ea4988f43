"""Standard output and error that never fail: a lost reader ends no process, restarts none, and fails no job.

`forgive` replaces both. Output that cannot be written is dropped: nobody reads the pipe any more, the disk is full, or the
descriptor was closed. Output is also dropped if the reader takes nothing for PATIENCE_S. Once there is room again, a line says
how much is missing.
"""

import fcntl
import io
import os
import select
import stat
import sys
import termios
import threading
from contextlib import suppress
from typing import Any, TextIO

#: Seconds that a reader may take nothing before output is dropped. Far less than a lease, because the writer may hold leases.
PATIENCE_S = 2.0

#: So many bytes go into a pipe without a wait, if it has room at all (POSIX: at least 512; Linux: 4096).
CHUNK = select.PIPE_BUF


class Forgiving(io.RawIOBase):
    """The raw end of a standard stream; `write` always succeeds."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._dropped = 0
        self._is_full = False
        try:
            self._may_wait = not stat.S_ISREG(os.fstat(descriptor).st_mode)
        except OSError:
            self._may_wait = True

    def writable(self) -> bool:
        """Always true."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether a terminal shows it."""
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        """Write or drop all of it."""
        view = memoryview(data).cast("B")
        size = len(view)
        if self._dropped and self._has_room():
            note = f"\n... {self._dropped} bytes of output were dropped here: nobody took them\n".encode()
            self._dropped = 0
            self._write(memoryview(note))
        self._write(view)
        return size

    def _write(self, view: memoryview) -> None:
        while view:
            try:
                if self._may_wait and not self._has_room():
                    self._dropped += len(view)
                    return
                view = view[os.write(self._descriptor, view[:CHUNK] if self._may_wait else view) :]
            except OSError:
                self._dropped += len(view)
                return

    def _has_room(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        self._is_full = not poll.poll(0 if self._is_full else PATIENCE_S * 1000)
        return not self._is_full


class Standing(io.TextIOWrapper):
    """A standard stream. It belongs to the process, so no job can close it."""

    def close(self) -> None:
        """Write what is buffered."""
        with suppress(OSError, ValueError):
            self.flush()


def open_missing() -> None:
    """Open missing standard streams (`>&-`), to nowhere. Otherwise the next file or socket would get their number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
        if getattr(sys, name) is None:
            stream = open(number, mode, closefd=False)  # noqa: SIM115 (lives as long as the process)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def leave_terminal() -> None:
    """Detach this process, and what it forks or starts, from the terminal and from standard input.

    Otherwise the kernel stops the whole group of a background process when any of them reads from the terminal.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    with suppress(OSError):  # there is none
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.ioctl(terminal, termios.TIOCNOTTY)
        finally:
            os.close(terminal)


def forgive() -> None:
    """Replace the standard streams of this process, and of what it forks. Each line is written at once. Safe to call again."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not getattr(sys, f"__{name}__"):  # a test has captured it
            continue
        replaced = _replaced(stream)
        setattr(sys, name, replaced)
        setattr(sys, f"__{name}__", replaced)


def _replaced(stream: TextIO | None) -> TextIO:
    if stream is None or stream.closed:
        return open(os.devnull, "w", encoding="utf-8")
    raw = getattr(stream, "buffer", None)
    if isinstance(getattr(raw, "raw", raw), Forgiving):
        return stream
    with suppress(OSError, ValueError):
        stream.flush()
    at_once = bool(getattr(stream, "write_through", False))
    forgiving = Forgiving(stream.fileno())
    buffer: Any = forgiving if at_once else io.BufferedWriter(forgiving)  # like Python's own, with and without -u
    _before.append(stream)
    return Standing(
        buffer,
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=True,
        write_through=at_once,
    )


def flush(within_s: float = 2 * PATIENCE_S) -> None:
    """Write what is buffered. Never raises, and never waits for ever: a thread that hangs may hold the stream."""
    thread = threading.Thread(target=_flush, name="flush", daemon=True)
    try:
        thread.start()
    except (RuntimeError, MemoryError):  # no thread can be started, e.g. at the memory limit of a job
        _flush()
    else:
        thread.join(within_s)


def flush_now() -> None:
    """Like `flush`, but in this thread: for a process that is about to fork."""
    _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, broken, or None
            stream.flush()


#: The streams that Python made. They are kept, because their destructor would close the descriptors.
_before: list[TextIO] = []
