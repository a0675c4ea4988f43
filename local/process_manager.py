"""Keeps processes running together with their Redis. A process that dies is started again; one that keeps dying ends the run.

There is no thread. The owner calls `poll` a few times a second, and does its own work between the calls.
"""

import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import clock
import config
from errors import SystemFault
from local.server import Server
from processes import children

#: After so many ends within the window, a process is not started again.
MAX_ENDS = 5
ENDS_WINDOW_S = 60.0

FIRST_BACK_OFF_S = 0.5  # doubled with every end inside the window
LONGEST_BACK_OFF_S = 10.0


@dataclass
class ManagedProcess:
    """One process. Its output goes into `log`, or without one into a pipe that `ProcessManager.on_start` receives."""

    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    is_shell: bool = False  # a shell that waits for programs: at the end, they are signalled too
    is_last: bool = False  # it ends after the others, which use it until their end
    child: children.Child | None = None
    start_at: float = 0.0  # of clock.monotonic(), while it does not run
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_ENDS))  # of clock.monotonic()

    def ended(self) -> float:
        """Count one end. Returns the seconds until the next start, or -1 if it ended too often."""
        now = clock.monotonic()
        self.ends.append(now)
        recent = sum(now - end < ENDS_WINDOW_S for end in self.ends)
        return -1 if recent >= MAX_ENDS else min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2 ** (recent - 1))


class ProcessManager:
    """The processes and their Redis. `say` receives lines for people, `on_start` each process that was started."""

    def __init__(
        self,
        processes: list[ManagedProcess],
        server: Server,
        say: Callable[[str], None],
        on_start: Callable[[ManagedProcess, children.Child], None] = lambda _process, _child: None,
    ) -> None:
        self.processes = processes
        self._server = server
        self._server_ends = ManagedProcess("redis", ())
        self._say = say
        self._on_start = on_start

    def poll(self) -> None:
        """Check each process once, and start those that are due. Raises SystemFault for a process that keeps dying."""
        if line := self._server.check():
            self._say(line)
            if self._server_ends.ended() < 0:
                raise SystemFault(f"the embedded server ended {MAX_ENDS} times within a minute: see DATA_DIR/redis/server.log")
        for process in self.processes:
            if process.child is None:
                if clock.monotonic() >= process.start_at:
                    try:
                        self._start(process)
                    except OSError as exc:  # no memory, too many files, or this folder was moved away
                        self._plan_restart(process, f"cannot be started ({exc})")
            elif process.child.poll() is not None:
                self._plan_restart(process, process.child.ending)

    def _start(self, process: ManagedProcess) -> None:
        with process.log.open("ab") if process.log else nullcontext(subprocess.PIPE) as output:
            process.child = children.start(process.argv, name=process.name, env=process.env, cwd=config.ROOT, output=output)
        process.child.ask_group = process.is_shell
        self._on_start(process, process.child)

    def _plan_restart(self, process: ManagedProcess, ending: str) -> None:
        process.child = None
        wait_s = process.ended()
        if wait_s < 0:
            raise SystemFault(f"{process.name} {ending}, for the {MAX_ENDS}th time within a minute: its own output says why")
        self._say(f"{process.name} {ending}; it is started again in {wait_s:g} s")
        process.start_at = clock.monotonic() + wait_s

    def kill(self) -> None:
        """Send SIGKILL to all processes that run."""
        for child in self._children():
            child.kill()

    def stop(self, grace_s: float, pause: Callable[[], object] = children.rest) -> None:
        """Ask all processes to end, and kill what is left after `grace_s` (see children.stop). The server goes on.

        Processes with `is_last` are asked when all others have ended.
        """
        last = [process.child for process in self.processes if process.is_last and process.child is not None]
        children.stop([child for child in self._children() if child not in last], grace_s, pause=pause)
        children.stop(last, grace_s, pause=pause)

    def _children(self) -> list[children.Child]:
        return [process.child for process in self.processes if process.child is not None]
