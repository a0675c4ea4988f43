"""The zygote: runs isolated jobs, each in a process of its own: `@job(isolated=True)`, and jobs that killed a process.

A worker has threads, and a process with threads must not fork. So each worker forks its zygote before its first thread starts.
The zygote waits for sockets, and forks a child for each. The child reads a request from its socket, runs the job, writes the
outcome and ends. If it ends before that, the job crashed.
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
from functools import partial
from typing import Any

import clock
import errors
import queues
from processes import descendants, forks, parent_death, streams
from state.engine import leases
from state.store import connection
from worker import child_lines, job_lines, memory, raised
from worker import execution as executions
from worker.execution import Execution

log = logging.getLogger("trawl.worker")

#: Seconds between the deadline of a job and the kill of its process.
KILL_AFTER_S = 2.0

#: Seconds between two checks of deadlines and stops.
CHECK_S = 0.5

#: Errors that pass: too many files or processes, or too little memory.
PASSING_ERRORS = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.ENOBUFS)

#: Seconds before a job that got no process is requeued, so that it does not return at once.
REQUEUE_PAUSE_S = 1.0

#: How a line begins that a job logged; its outcome begins in another way.
LOGGED = b"["

#: Stands for the reply of a child that never began.
NOT_FORKED: dict[str, Any] = {}


class Zygote:
    """The worker's side. Any thread may call `run`."""

    def __init__(self) -> None:
        """Fork the zygote's process. To be called before any thread is started."""
        self._socket, zygotes_end = socket.socketpair()
        forks.keep_private(self._socket)  # as long as any process has it open, the zygote waits
        gc.freeze()
        self.pid = forks.fork()
        if self.pid == 0:
            self._socket.close()
            _serve(zygotes_end)
        zygotes_end.close()

    def close(self) -> None:
        """End the zygote's process, and reap it."""
        self._socket.close()
        until = clock.monotonic() + KILL_AFTER_S
        with suppress(ChildProcessError):  # a job has reaped it
            while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
                if clock.monotonic() > until:
                    os.kill(self.pid, signal.SIGKILL)
                clock.wait(0.01)

    def run(self, execution: Execution) -> None:
        """Run an execution in a process of its own and wait for it. Result or error are set on it, as Execution.run does."""
        link, childs_end = socket.socketpair()
        for end in (link, childs_end):
            forks.keep_private(
                end
            )  # a copy of this process that a job makes must not keep the child alive, nor this thread waiting
        try:
            with link:
                with childs_end:
                    socket.send_fds(self._socket, [b"."], [childs_end.fileno()])
                link.sendall(_line(_request(execution)))
                link.settimeout(CHECK_S)
                reply = _await_reply(link, execution)
        except OSError as exc:  # nothing was started
            execution.fail(raised.NotStarted())
            if exc.errno in PASSING_ERRORS:
                log.error("No process of its own for a job (%s): it is requeued", exc)
                clock.wait(REQUEUE_PAUSE_S)
                return
            log.error("No process of its own for a job (%s): this worker ends after its jobs and is replaced", exc)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        except (ValueError, RecursionError):
            execution.fail(errors.Crashed("its process wrote no valid outcome"))
            return
        if reply is NOT_FORKED:
            log.error("No process of its own for a job: none could be forked. It is requeued")
            clock.wait(REQUEUE_PAUSE_S)
            execution.fail(raised.NotStarted())
        elif reply is None:
            execution.fail(errors.Crashed("its process ended in the middle of it (out of memory, a crash in C, a kill)"))
        elif "error" in reply:
            execution.error = _error_of(reply)
        else:
            execution.result = reply["result"]


def _request(execution: Execution) -> dict[str, Any]:
    job, call = execution.job, execution.call
    memory_mb = queues.spec_of(call.path).memory_mb
    return {
        "job": [job.id, job.execution, job.queue],
        "path": call.path,
        "args": call.args,
        "kwargs": call.kwargs,
        "timeout_s": call.timeout_s,
        "memory_mb": memory_mb,
        "proven_until": execution.proven_until,
        "owner": execution.owner,
        "parked_since": job.fields.get(b"parked_since", b"").decode(errors="replace"),
    }


def _await_reply(link: socket.socket, execution: Execution) -> dict[str, Any] | None:
    """The child's reply. None if the child ended without one, or was killed after its deadline or a stop."""
    received, pid, interrupted = b"", 0, False
    while True:
        try:
            part = link.recv(65536)
        except TimeoutError:
            part = b""
            now = clock.monotonic()
            ends = execution.cancelled() or execution.interrupted_by is errors.PutBack
            if pid and (ends or now > execution.deadline + KILL_AFTER_S):
                descendants.end_tree(pid)
            elif pid and now > execution.deadline and not interrupted:
                execution.interrupted_by, interrupted = errors.JobTimeout, True
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGALRM)
            continue
        if not part:
            if not pid:
                return _killed(execution) or NOT_FORKED
            parent_death.signal_group(pid, signal.SIGKILL)  # its programs, in case the zygote is gone too
            return _killed(execution)
        *lines, received = (received + part).split(b"\n")
        if lines and not pid:
            pid = int(lines.pop(0))
        for line in lines:
            if not line.startswith(LOGGED):
                reply: dict[str, Any] = json.loads(line)
                return reply
            execution.logged().add_written(line.decode(errors="replace"))


def _killed(execution: Execution) -> dict[str, Any] | None:
    """Why a child without a reply was killed by this worker; None if it was not."""
    kind: type[errors.Interruption]
    if execution.lost:
        kind, message = errors.LeaseLost, f"job {execution.job.id} was given to another worker; its process was killed"
    elif execution.stop_asked:
        kind, message = errors.JobCancelled, f"job {execution.job.id} was cancelled; its process was killed"
    elif execution.interrupted_by is errors.PutBack:
        kind, message = errors.PutBack, f"the worker of job {execution.job.id} ends; its process was killed"
    elif execution.interrupted_by is not None:
        kind, message = errors.JobTimeout, f"did not end within {execution.call.timeout_s:g} s; its process was killed"
    else:
        return None
    return _error_reply(raised.read(kind(message)))


def _error_reply(error: raised.Raised) -> dict[str, Any]:
    """An error as the child sends it."""
    return {"error": error._replace(known=None)._asdict(), "known": error.known and error.known.__name__}


def _error_of(reply: dict[str, Any]) -> raised.Raised:
    """The error that the child sent."""
    return raised.Raised(**reply["error"])._replace(known=raised.of_name(reply["known"] or ""))


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


# --- the zygote's process, and its children ---


def _serve(control: socket.socket) -> None:
    """Fork a child for each socket that arrives, until the worker is gone; never returns.

    The zygote has a process group of its own. When the worker's group is killed, it still ends its children and their programs.
    """
    groups: set[int] = set()
    try:
        os.setpgid(0, 0)
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            forks.handle(signum, signal.SIG_IGN)  # the worker ends the zygote after its jobs
        zygote = os.getpid()
        while True:
            ready = select.select([control], [], [], CHECK_S if groups else None)[0]
            _reap(groups)
            data, received, _, _ = socket.recv_fds(control, 1, 1) if ready else (b".", [], 0, None)
            if not data:
                break
            for fd in received:
                try:
                    groups.add(_start_child(control, fd, zygote))
                except OSError:  # no memory, or too many processes: the worker sees the end of the socket
                    os.close(fd)
    finally:
        for group in groups:
            parent_death.signal_group(group, signal.SIGKILL)
        os._exit(0)


def _reap(groups: set[int]) -> None:
    """Reap children that ended, but first kill what is left in their group: until then its number is not used again."""
    for pid in list(groups):
        if forks.reap(pid, partial(parent_death.signal_group, pid, signal.SIGKILL), partial(forks.exit_code, pid)) is not None:
            groups.discard(pid)


def _start_child(control: socket.socket, fd: int, zygote: int) -> int:
    pid = forks.fork()
    if pid == 0:
        control.close()
        _run_child(socket.socket(fileno=fd), zygote)
    os.close(fd)
    with suppress(OSError):  # the child has done it, and perhaps has ended
        os.setpgid(pid, pid)
    return pid


def _run_child(link: socket.socket, parent: int) -> None:
    """Run the one job of the request, and end."""
    try:
        os.setpgid(0, 0)
        forks.keep_private(link)  # the worker waits until it is closed
        link.set_inheritable(False)  # a program that outlives this child must not keep the worker waiting
        parent_death.die_with_parent(parent)
        for signum in (
            signal.SIGINT,
            signal.SIGTERM,
            signal.SIGUSR1,
        ):  # sent by a service manager to all: the worker ends this one;
            forks.handle(signum, _ignore)  # not SIG_IGN, which programs of the job would inherit
        link.sendall(f"{os.getpid()}\n".encode())
        request = json.loads(link.makefile("rb").readline())
        parent_death.die_with_peer(link.fileno())
        sender = child_lines.Sender(link)
        outcome = _outcome(request, sender)
        streams.flush()  # what the job printed is written before its outcome
        descendants.end_below()  # e.g. a browser in a group of its own
        parent_death.outlive_peer(link.fileno())
        link.sendall(sender.rest() + _line(outcome))
    finally:
        streams.flush()
        os._exit(0)


def _outcome(request: dict[str, Any], sender: child_lines.Sender) -> dict[str, Any]:
    connection.use(None)  # the child's own connection
    if request["memory_mb"]:
        limit = memory.mapped_bytes() + (request["memory_mb"] << 20)  # the job may use so much more than the process has now
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    job_id, execution_id, queue = request["job"]
    fields = {name.encode(): request[name].encode() for name in ("owner", "parked_since")}
    job = leases.Leased(job_id, execution_id, queue, fields=fields, proven_until=request["proven_until"])
    call = executions.Call(
        request["path"],
        queues.function(request["path"]),
        request["args"],
        request["kwargs"],
        request["timeout_s"],
        isolated=True,
        is_coroutine=False,
    )
    execution = Execution(job, call, lines=job_lines.Lines(sender.send))
    forks.handle(signal.SIGALRM, _raise_timeout)
    if execution.begin():
        execution.run()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    return {"result": execution.result} if execution.error is None else _error_reply(execution.error)


def _ignore(signum: int, frame: Any) -> None:
    pass


def _raise_timeout(signum: int, frame: Any) -> None:
    raise errors.JobTimeout("its time is up")
