"""Child processes that never outlive their parent, however it ends. They are first asked to end, then killed.

`start` runs a program in a process group of its own. Ctrl-C in a terminal then reaches only the parent, which stops its children
in its own order. `fork` runs a function of this program. Both kinds end with the parent even by kill -9 (parent_death.py).
"""

import atexit
import logging
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import clock
from processes import descendants, forks, parent_death, streams

log = logging.getLogger("trawl.processes")

PAUSE_S = 0.05

#: A killed process may take so long (s) to be gone, on a machine that is busy; then its disk hangs, and nobody waits for it.
DYING_S = 10.0

#: The program that ends children with this process. Its text is kept, because a new release may remove the file.
_PROGRAM_FILE = Path(parent_death.__file__).resolve()
_PROGRAM_TEXT = _PROGRAM_FILE.read_text("utf-8")
_PYTHON = os.path.realpath(sys.executable)


@dataclass
class Child:
    """One child process. `output` is what it writes, if `start` was given a pipe.

    With `ask_group` it is a shell: a signal goes to its programs too, and it counts as running until those it asked have ended.
    """

    name: str
    pid: int
    _poll: Callable[[], int | None] = field(repr=False)
    has_group: bool = False
    ask_group: bool = False
    output: IO[bytes] | None = field(default=None, repr=False)
    started_at: float = field(default_factory=clock.monotonic)  # of clock.monotonic()
    returncode: int | None = None
    _group_until: float = field(default=0.0, repr=False)  # until then (of clock.monotonic()) its programs count as well

    def poll(self) -> int | None:
        """The exit code (negative: killed by that signal), or None while it runs. What it left in its group is killed."""
        if self.returncode is None and not (clock.monotonic() < self._group_until and descendants.group_runs(self.pid)):
            self.returncode = forks.reap(self.pid, self._end_group, self._poll)
            if self.returncode is not None:
                _unreaped.discard(self.pid)
                _group_killer.forget(self.pid)
        return self.returncode

    def _end_group(self) -> None:
        if self.has_group:
            parent_death.signal_group(self.pid, signal.SIGKILL)

    def send(self, signum: int) -> None:
        """Send a signal to the process (with `ask_group` to its whole group), if it still runs."""
        if self.poll() is not None:
            return
        if self.ask_group:
            self._group_until = math.inf
            parent_death.signal_group(self.pid, signum)
        else:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Send SIGKILL to the whole group."""
        if self.poll() is not None:
            return
        if self.has_group:
            if self._group_until == math.inf:
                self._group_until = clock.monotonic() + DYING_S
            parent_death.signal_group(self.pid, signal.SIGKILL)
        else:
            os.kill(self.pid, signal.SIGKILL)

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self.returncode
        if code is None:
            return "still runs"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def start(
    argv: Sequence[str | Path],
    *,
    name: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | int | None = None,
    keep_fds: Sequence[int] = (),
) -> Child:
    """Run a program that ends with this process.

    `env` is added to this process's environment. `output` receives both streams of the program: a file, subprocess.PIPE (read
    `Child.output`), or None for the streams of this process. `keep_fds` stay open in the program, e.g. a lock.
    """
    # the kernel takes the starting thread for the parent, so a short-lived thread must not ask for it
    bound_to = os.getpid() if threading.current_thread() is threading.main_thread() else 0
    popen = subprocess.Popen(
        [*_parent_death(), "become", str(bound_to), *map(str, argv)],
        env={**os.environ, **env} if env else None,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        pass_fds=tuple(keep_fds),
        process_group=0,
    )
    _unreaped.add(popen.pid)
    _group_killer.remember(popen.pid)
    return Child(name, popen.pid, popen.poll, has_group=True, output=popen.stdout)


def _parent_death() -> list[str]:
    return [_PYTHON, "-I", "-S", *([str(_PROGRAM_FILE)] if _PROGRAM_FILE.exists() else ["-c", _PROGRAM_TEXT])]


def fork(target: Callable[[], int], *, name: str, own_group: bool = False) -> Child:
    """Run `target` in a copy of this process. Its return value is the exit code; an exception makes it 1.

    The copy belongs to this process's group, or with `own_group` to one of its own: then what it started ends with it.
    """
    parent_pid = os.getpid()
    streams.flush_now()
    pid = forks.fork()
    if pid == 0:
        if own_group:
            os.setpgid(0, 0)
        _run_forked(parent_pid, target)
    _unreaped.add(pid)
    if own_group:
        with suppress(OSError):  # the child has done it, and perhaps has ended
            os.setpgid(pid, pid)
        _group_killer.remember(pid)
    return Child(name, pid, lambda: forks.exit_code(pid), has_group=own_group)


def _run_forked(parent_pid: int, target: Callable[[], int]) -> None:
    code, failure = 1, None
    try:
        parent_death.die_with_parent(parent_pid)
        code = target()
    except BaseException as exc:  # whatever happened, it never returns into the copy of the caller's code
        failure = exc
    finally:
        forks.end(failure, code)


def reap_orphans() -> None:
    """As process 1 (a container without an init) or as a subreaper: reap orphans, but not the children of this process.

    Otherwise it does nothing. To be called now and then.
    """
    if not parent_death.inherits_orphans():
        return
    known = {*_unreaped, _group_killer.pid}
    try:
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in known:  # its own poll() reaps it soon; orphans are reaped after that
                return
            os.waitpid(ended.si_pid, 0)
    except ChildProcessError:  # there are none
        return


def rest() -> None:
    """The pause between two polls of children that should end."""
    clock.wait(PAUSE_S)


def stop(
    children: Iterable[Child],
    grace_s: float,
    *,
    signum: int = signal.SIGTERM,
    pause: Callable[[], object] = rest,
) -> None:
    """Ask all to end, wait up to `grace_s` for the last one, then kill what is left. Returns when all have ended.

    `pause` is called between two polls, e.g. to go on printing output meanwhile.
    """
    running = [child for child in children if child.poll() is None]
    for child in running:
        child.send(signum)
    deadline = clock.monotonic() + grace_s
    while any(child.poll() is None for child in running) and clock.monotonic() < deadline:
        pause()
    for child in running:
        child.kill()
    while any(child.poll() is None for child in running):
        pause()


#: Children whose end was not seen yet.
_unreaped: set[int] = set()


class _GroupKiller:
    """The process that ends the groups of this process after its death. Started with the first group, replaced if it dies."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id; 0 if there is none."""
        return self._process.pid if self._process else 0

    def remember(self, group: int) -> None:
        self._groups.add(group)
        self._write(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._groups.discard(group)
        self._write(f"-{group}\n")

    def _write(self, line: str) -> None:
        if self._process is None or self._process.poll() is not None:
            self.release()
            try:
                self._process = self._start()
            except OSError as exc:  # e.g. no memory: the kernel still ends each child, but not their programs
                log.warning("Cannot start the process that would end child groups after this one: %s", exc)
                return
            line = "".join(f"+{group}\n" for group in self._groups)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
        except BrokenPipeError:  # it was killed just now; the next call starts another one
            self.release()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*_parent_death(), "watch", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # otherwise a pipe after this process would stay open as long as it lives
            stderr=subprocess.DEVNULL,
            process_group=0,
            cwd="/",
            bufsize=0,
        )

    def release(self) -> None:
        """Close its pipe: it ends what is left of the groups, then itself."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def abandon(self) -> None:
        """In a forked copy: forget it, because it watches the parent."""
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()  # otherwise it would never see the end of the pipe
            self._process.returncode = 0  # only the parent waits for it
        self._process = None
        self._groups.clear()
        _unreaped.clear()


_group_killer = _GroupKiller()
atexit.register(_group_killer.release)
os.register_at_fork(after_in_child=_group_killer.abandon)
