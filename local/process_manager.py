"""Processes that are kept running together with their Redis: what dies is started again, what keeps dying ends the run.

No thread: the owner calls `tend` a few times a second and does its own work (printing, progress) between the calls.
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

#: This many ends within the window mean that starting again does not help.
MAX_ENDS = 5
ENDS_WINDOW_S = 60.0

FIRST_BACK_OFF_S = 0.5  # doubled with every end inside the window
LONGEST_BACK_OFF_S = 10.0


@dataclass
class Member:
    """One process of the team. It writes into `log`, or without one into a pipe that `Team.on_start` hands out."""

    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    is_shell: bool = False  # a shell that waits for programs: they are asked to end, too
    is_last: bool = False  # the others still speak to it while they end
    child: children.Child | None = None
    start_at: float = 0.0  # of clock.monotonic(), while it does not run
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_ENDS))  # of clock.monotonic()

    def ended(self) -> float:
        """Count one end; the seconds to wait before the next start, or -1 where it ended too often."""
        now = clock.monotonic()
        self.ends.append(now)
        recent = sum(now - end < ENDS_WINDOW_S for end in self.ends)
        return -1 if recent >= MAX_ENDS else min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2 ** (recent - 1))


class Team:
    """The members and their Redis. `say` gets one line for people; `on_start` each fresh process."""

    def __init__(
        self,
        members: list[Member],
        server: Server,
        say: Callable[[str], None],
        on_start: Callable[[Member, children.Child], None] = lambda _member, _child: None,
    ) -> None:
        self.members = members
        self._server = server
        self._server_ends = Member("redis", ())
        self._say = say
        self._on_start = on_start

    def tend(self) -> None:
        """Look at each process once; start what is due. Raises SystemFault naming the one that keeps dying."""
        if line := self._server.check():
            self._say(line)
            if self._server_ends.ended() < 0:
                raise SystemFault(f"the embedded server ended {MAX_ENDS} times within a minute: see DATA_DIR/redis/server.log")
        for member in self.members:
            if member.child is None:
                if clock.monotonic() >= member.start_at:
                    try:
                        self._start(member)
                    except OSError as exc:  # no memory, too many files, or this folder was moved away
                        self._plan_restart(member, f"cannot be started ({exc})")
            elif member.child.poll() is not None:
                self._plan_restart(member, member.child.ending)

    def _start(self, member: Member) -> None:
        with member.log.open("ab") if member.log else nullcontext(subprocess.PIPE) as output:
            member.child = children.start(member.argv, name=member.name, env=member.env, cwd=config.ROOT, output=output)
        member.child.ask_group = member.is_shell
        self._on_start(member, member.child)

    def _plan_restart(self, member: Member, ending: str) -> None:
        member.child = None
        wait_s = member.ended()
        if wait_s < 0:
            raise SystemFault(f"{member.name} {ending}, for the {MAX_ENDS}th time within a minute: its own output says why")
        self._say(f"{member.name} {ending}; it is started again in {wait_s:g} s")
        member.start_at = clock.monotonic() + wait_s

    def kill(self) -> None:
        """kill -9 for all members that run."""
        for child in self._children():
            child.kill()

    def stop(self, grace_s: float, pause: Callable[[], object] = children.rest) -> None:
        """Ask all members to end, kill what is left after `grace_s`; see processes.stop. The server is its owner's to end.

        Those that are to be last are asked when all others have ended.
        """
        last = [member.child for member in self.members if member.is_last and member.child is not None]
        children.stop([child for child in self._children() if child not in last], grace_s, pause=pause)
        children.stop(last, grace_s, pause=pause)

    def _children(self) -> list[children.Child]:
        return [member.child for member in self.members if member.child is not None]
