"""The watchdog: lets the supervisor see whether the threads of a worker process still run.

C code that never releases the interpreter lock stops every thread of its process: a regular expression gone wild, a long
computation. Then the time limit of that job cannot be enforced from within. So a thread of the worker writes a heartbeat into
memory that the supervisor shares. Once a job is over its time and the heartbeat stops, the supervisor kills the process. From
then on the job runs alone in a process.
"""

import mmap
import struct
import threading
from collections.abc import Callable

import clock

HEARTBEAT_S = 0.5

#: Without a heartbeat for so long (s), no thread runs.
SILENT_S = 2.5

#: So many looks in a row must find the process stuck: after a pause of the whole machine, it gets time for a heartbeat.
LOOKS = 10

#: Seconds beyond the deadline of a job within which its own process should have ended the job.
LATE_S = 5.0

#: What a worker announces: it takes no more jobs and ends after those it has. EXITS_UNUSED: and it has run none at all.
EXITS, EXITS_UNUSED = 1, 2

#: Layout of the shared memory: heartbeat, deadline, announcement, whether nobody would replace the process.
_TIMES, _EXIT, _STAYS, _SIZE = "dd", 16, 17, 18


class Watchdog:
    """Made by the supervisor before it forks. The worker calls `start`, `expect` and `announce_exit`, the supervisor the rest."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE)
        self._first_deadline = 0.0  # as the worker wrote it last
        self._seen_stuck = 0
        self.was_stuck = False

    def start(self, first_deadline: Callable[[], float]) -> None:
        """Write heartbeats from now on. `first_deadline` returns the earliest deadline of the running jobs (0 = none runs)."""
        threading.Thread(target=self._run, args=(first_deadline,), name="watchdog", daemon=True).start()

    def expect(self, deadline: float) -> None:
        """Note the deadline of a job that is about to begin: once it runs, it may hold the interpreter lock."""
        first = self._first_deadline
        if not first or deadline < first:
            self._write(deadline)

    def announce_exit(self, *, unused: bool) -> None:
        """Announce that this process takes no more jobs and ends after those it has. `unused`: it has run none."""
        self._memory[_EXIT] = EXITS_UNUSED if unused else EXITS

    def ask_to_stay(self, stays: bool) -> None:
        """Say whether nobody would replace this process now. For the supervisor."""
        self._memory[_STAYS] = stays

    @property
    def is_to_stay(self) -> bool:
        """Whether nobody would replace this process now: it goes on, however many jobs it has run."""
        return self._memory[_STAYS] != 0

    @property
    def is_exiting(self) -> bool:
        """Whether the process announced its exit: it can be replaced now."""
        return self._memory[_EXIT] != 0

    @property
    def exits_unused(self) -> bool:
        """Whether the process announced its exit without having run a job."""
        return self._memory[_EXIT] == EXITS_UNUSED

    def is_stuck(self) -> bool:
        """Whether a job is long over its time and no thread of the process runs. To be called again and again."""
        (heartbeat, deadline), now = self._read(), clock.monotonic()
        silent = bool(deadline) and now > deadline + LATE_S and now > heartbeat + SILENT_S
        self._seen_stuck = self._seen_stuck + 1 if silent else 0
        self.was_stuck = self.was_stuck or self._seen_stuck >= LOOKS
        return self._seen_stuck >= LOOKS

    def _run(self, first_deadline: Callable[[], float]) -> None:
        while True:
            self._write(first_deadline())
            clock.wait(HEARTBEAT_S)

    def _write(self, deadline: float) -> None:
        self._first_deadline = deadline
        struct.pack_into(_TIMES, self._memory, 0, clock.monotonic(), deadline)

    def _read(self) -> tuple[float, float]:
        heartbeat, deadline = struct.unpack_from(_TIMES, self._memory)
        return heartbeat, deadline
