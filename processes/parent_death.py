"""Ends a process when its parent ends. Standard library only: it also runs as a program, which must start in milliseconds.

    parent_death.py become PARENT_PID PROGRAM [ARGUMENT ...]  become PROGRAM; the kernel kills it when PARENT_PID dies (Linux)
    parent_death.py watch PARENT_PID                          end the groups named on standard input once PARENT_PID is gone

The first acts at once, even after a kill -9 of the parent. The second covers grandchildren, and systems without PR_SET_PDEATHSIG
(macOS).
"""

import ctypes
import fcntl
import os
import select
import signal
import sys
import threading

PR_SET_PDEATHSIG, PR_GET_CHILD_SUBREAPER = 1, 37  # linux/prctl.h
POLL_S = 0.5  # between two checks of the parent where the kernel sends no signal
GRACE_STEPS = 40  # of 0.05 s between TERM and KILL for the groups of a dead parent


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent `parent_pid` ends in any way. If it has ended already, end at once.

    On Linux the "parent" is the thread that started this process: start children from the main thread.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_poll_parent, args=(parent_pid,), name="parent death", daemon=True).start()
    if os.getppid() != parent_pid:  # the parent died before the call
        os.kill(os.getpid(), signal.SIGKILL)


def die_with_peer(peer: int) -> None:
    """Have the kernel kill this process in the moment in which the other end of a socket pair closes (Linux).

    So it is over before anybody learns of the death of the process that held that end. To be called when nothing more is to be
    read from the socket, and to be ended by `outlive_peer` before anything is written to it.
    """
    if sys.platform == "linux" and _asks_for_sigkill(peer):
        look = select.poll()  # not select(): the number may be beyond 1,023
        look.register(peer, select.POLLIN)
        if look.poll(0):  # it was closed before
            os.kill(os.getpid(), signal.SIGKILL)


def _asks_for_sigkill(peer: int) -> bool:
    try:
        fcntl.fcntl(peer, fcntl.F_SETSIG, signal.SIGKILL)  # first: without it, SIGIO would come
        fcntl.fcntl(peer, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(peer, fcntl.F_SETFL, fcntl.fcntl(peer, fcntl.F_GETFL) | os.O_ASYNC)
    except OSError:  # a kernel that is not Linux itself, in a sandbox: then its parent ends it, a moment later
        return False
    return True


def outlive_peer(peer: int) -> None:
    """End what `die_with_peer` began."""
    if sys.platform == "linux":
        fcntl.fcntl(peer, fcntl.F_SETFL, fcntl.fcntl(peer, fcntl.F_GETFL) & ~os.O_ASYNC)


def inherits_orphans() -> bool:
    """Whether processes below this one become its children when their parent dies."""
    if os.getpid() == 1:
        return True
    if sys.platform != "linux":
        return False
    answer = ctypes.c_int(0)
    ctypes.CDLL(None).prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(answer), 0, 0, 0)
    return bool(answer.value)


def _poll_parent(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        _sleep(POLL_S)
    os.kill(os.getpid(), signal.SIGKILL)


def become(parent_pid: int, argv: list[str]) -> None:
    """Turn this process into `argv`. With a parent of 0 the kernel is not asked to kill it; `watch` then does the work."""
    if parent_pid and sys.platform == "linux":
        die_with_parent(parent_pid)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and exec would pass that on
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as exc:
        sys.exit(f"cannot start {argv[0]}: {exc.strerror}")


def watch(parent_pid: int) -> None:
    """Read `+GROUP` and `-GROUP` lines until the parent closes the pipe or is gone, then end the groups that are left."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        signal.signal(signum, signal.SIG_IGN)
    groups: set[int] = set()
    rest = b""
    while True:
        ready = select.select([0], [], [], POLL_S)[0]
        data = os.read(0, 65536) if ready else b""
        if ready and not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            (groups.add if line[:1] == b"+" else groups.discard)(int(line[1:]))
        if not ready and os.getppid() != parent_pid:  # only after all lines that it wrote were read
            break
    _end(groups)


def _end(groups: set[int]) -> None:
    left = {group for group in groups if signal_group(group, signal.SIGTERM)}
    for _ in range(GRACE_STEPS):
        left = {group for group in left if signal_group(group, 0)}
        if not left:
            return
        _sleep(0.05)
    for group in left:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, signum: int) -> bool:
    """Send `signum` (0 = only check) to a process group. Returns False if no process is left in it."""
    try:
        os.killpg(group, signum)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        return False
    return True


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        watch(int(sys.argv[2]))
    else:
        become(int(sys.argv[2]), sys.argv[3:])
