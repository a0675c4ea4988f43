"""Runs one job alone in a process of its own: a job that took its worker down once, and every `@job(isolated=True)`.

A worker has threads, and a process with threads must not fork. So each worker forks this one before its first thread: it waits
for sockets and forks a child for each. The child reads a request from its socket, runs the job, writes the outcome and ends;
whatever ends it before that is a crash.
"""

import errno
import gc
import json
import logging
import os
import resource
import select
import signal
import socket
from contextlib import suppress
from typing import Any

import clock
import errors
import queues
from processes import descendants, forks, parent_death, streams
from state.engine import leases
from state.store import connection
from worker import execution as executions
from worker import memory, raised

log = logging.getLogger("trawl.worker")

#: Seconds from the end of a job's time until its process is killed.
KILL_AFTER_S = 2.0

#: Seconds between two looks at time limits and stops.
LOOK_S = 0.5


#: Errors that pass: too many files, processes, or too little memory.
SHORT_OF = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.ENOBUFS)

#: Seconds that a job which found no process waits before it goes back, so that it does not come again at once.
PAUSE_S = 1.0

#: In place of a reply: the child never began.
NOT_FORKED: dict[str, Any] = {}


class Zygote:
    """The worker's side. Any thread may call `run`."""

    def __init__(self) -> None:
        """Fork the waiting process: before any thread was started."""
        self._socket, theirs = socket.socketpair()
        forks.keep_private(self._socket)  # as long as it is open anywhere, the waiting process waits
        gc.freeze()
        self.pid = forks.fork()
        if self.pid == 0:
            self._socket.close()
            _serve(theirs)
        theirs.close()

    def close(self) -> None:
        """End the waiting process, and reap it."""
        self._socket.close()
        until = clock.monotonic() + KILL_AFTER_S
        with suppress(ChildProcessError):  # a job has reaped it
            while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
                if clock.monotonic() > until:
                    os.kill(self.pid, signal.SIGKILL)
                clock.wait(0.01)

    def run(self, task: executions.Task) -> None:
        """Run a task in a process of its own and wait for it; the outcome is written on the task, as Task.run would."""
        ours, theirs = socket.socketpair()
        try:
            with ours:
                with theirs:
                    socket.send_fds(self._socket, [b"."], [theirs.fileno()])
                ours.sendall(_line(_request(task)))
                ours.settimeout(LOOK_S)
                reply = _await_reply(ours, task)
        except OSError as exc:  # nothing was started
            task.fail(raised.NotStarted())
            if exc.errno in SHORT_OF:
                log.error("No process of its own for a job (%s): it goes back into its queue", exc)
                clock.wait(PAUSE_S)
                return
            log.error("No process of its own for a job (%s): this worker ends after its jobs and is replaced", exc)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        except (ValueError, RecursionError):
            task.fail(errors.Crashed("its process wrote what is no outcome of a job"))
            return
        if reply is NOT_FORKED:
            log.error("No process of its own for a job: none could be forked. It goes back into its queue")
            clock.wait(PAUSE_S)
            task.fail(raised.NotStarted())
        elif reply is None:
            task.fail(errors.Crashed("its process ended in the middle of it (out of memory, a crash in C, a kill)"))
        elif "error" in reply:
            task.error = _error(reply)
        else:
            task.result = reply["result"]


def _request(task: executions.Task) -> dict[str, Any]:
    job, call = task.job, task.call
    memory_mb = queues.spec_of(call.path).memory_mb
    return {
        "job": [job.id, job.execution, job.queue],
        "path": call.path,
        "args": call.args,
        "kwargs": call.kwargs,
        "timeout_s": call.timeout_s,
        "memory_mb": memory_mb,
    }


def _await_reply(ours: socket.socket, task: executions.Task) -> dict[str, Any] | None:
    """The child's reply; None when it ended without one, or was killed because it did not end in time or was asked to stop."""
    received, pid, told = b"", 0, False
    while True:
        try:
            part = ours.recv(65536)
        except TimeoutError:
            part = b""
            now = clock.monotonic()
            if pid and (now > task.deadline + KILL_AFTER_S or task.cancelled()):
                descendants.end_tree(pid)
            elif pid and now > task.deadline and not told:
                task.interrupted_by, told = errors.JobTimeout, True
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGALRM)
            continue
        if not part:
            if not pid:
                return _killed(task) or NOT_FORKED
            parent_death.signal_group(pid, signal.SIGKILL)  # what it started, if the waiting process is gone too
            return _killed(task)
        received += part
        if not pid and b"\n" in received:
            first, received = received.split(b"\n", 1)
            pid = int(first)
        if pid and received.endswith(b"\n"):
            reply: dict[str, Any] = json.loads(received)
            return reply


def _killed(task: executions.Task) -> dict[str, Any] | None:
    """What a process died of that ended without a reply; None = not by us."""
    kind: type[errors.Interruption]
    if task.lost:
        kind, message = errors.LeaseLost, f"job {task.job.id} was given to another worker; its process was killed"
    elif task.stop_asked:
        kind, message = errors.JobCancelled, f"job {task.job.id} was cancelled; its process was killed"
    elif task.interrupted_by is not None:
        kind, message = errors.JobTimeout, f"did not end within {task.call.timeout_s:g} s; its process was killed"
    else:
        return None
    return _told(raised.read(kind(message)))


def _told(error: raised.Raised) -> dict[str, Any]:
    """What crosses the border of an error."""
    return {"error": error._replace(known=None)._asdict(), "known": error.known and error.known.__name__}


def _error(reply: dict[str, Any]) -> raised.Raised:
    """The error of the child."""
    return raised.Raised(**reply["error"])._replace(known=raised.of_name(reply["known"] or ""))


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


# --- the waiting process, and its children ---


def _serve(control: socket.socket) -> None:
    """Fork a child for every socket that comes, until the worker is gone; never returns.

    In a group of our own: whoever kills that of the worker leaves us to end our children, and what those started.
    """
    groups: set[int] = set()
    try:
        os.setpgid(0, 0)
        for signum in (signal.SIGINT, signal.SIGTERM):
            forks.handle(signum, signal.SIG_IGN)  # the worker ends us, after its jobs
        me = os.getpid()
        while True:
            ready = select.select([control], [], [], LOOK_S if groups else None)[0]
            _bury(groups)
            data, received, _, _ = socket.recv_fds(control, 1, 1) if ready else (b".", [], 0, None)
            if not data:
                break
            for fd in received:
                try:
                    groups.add(_start_child(control, fd, me))
                except OSError:  # no memory, or too many processes: the end of the socket tells the worker
                    os.close(fd)
    finally:
        for group in groups:
            parent_death.signal_group(group, signal.SIGKILL)
        os._exit(0)


def _bury(groups: set[int]) -> None:
    """End what children that are over left behind: nobody else takes a dead child's number before its group is gone."""
    for pid in list(groups):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            parent_death.signal_group(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            groups.discard(pid)


def _start_child(control: socket.socket, fd: int, me: int) -> int:
    pid = forks.fork()
    if pid == 0:
        control.close()
        _run_child(socket.socket(fileno=fd), me)
    os.close(fd)
    with suppress(OSError):  # it was faster, and perhaps is gone
        os.setpgid(pid, pid)
    return pid


def _run_child(ours: socket.socket, parent: int) -> None:
    """Run the one job that is asked for, and end."""
    try:
        os.setpgid(0, 0)
        forks.keep_private(ours)  # the worker waits for its end
        ours.set_inheritable(False)  # a program that outlives us must not keep the worker waiting
        parent_death.die_with_parent(parent)
        for signum in (signal.SIGINT, signal.SIGTERM):  # sent to all of a service they are no crash: the worker ends us;
            forks.handle(signum, _pass_by)  # no SIG_IGN, which a program that the job starts would inherit
        ours.sendall(f"{os.getpid()}\n".encode())
        request = json.loads(ours.makefile("rb").readline())
        outcome = _outcome(request)
        streams.flush()  # what the job printed is there when it is over
        descendants.end_below()  # a browser has a group of its own
        ours.sendall(_line(outcome))
    finally:
        streams.flush()
        os._exit(0)


def _outcome(request: dict[str, Any]) -> dict[str, Any]:
    connection.use(None)  # a connection of its own
    if request["memory_mb"]:
        limit = memory.mapped_bytes() + (request["memory_mb"] << 20)  # what it has already is not the job's
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    job_id, execution, queue = request["job"]
    job = leases.Leased(job_id, execution, queue, fields={})
    call = executions.Call(
        request["path"],
        queues.function(request["path"]),
        request["args"],
        request["kwargs"],
        request["timeout_s"],
        isolated=True,
        is_coroutine=False,
    )
    task = executions.Task(job, call)
    forks.handle(signal.SIGALRM, _raise_timeout)
    task.run()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    return {"result": task.result} if task.error is None else _told(task.error)


def _pass_by(signum: int, frame: Any) -> None:
    pass


def _raise_timeout(signum: int, frame: Any) -> None:
    raise errors.JobTimeout("its time is up")
