"""Whether the threads of a worker process still run, as its supervisor sees it.

C code that never lets go of the interpreter (a regular expression gone wild, a long computation) stops every thread of its
process: the courier too, and with it the time limit of that job. A thread beats into memory that the supervisor shares; once a
job's time is over and nothing beats any more, the supervisor kills the process, and the job runs alone in one from then on.
"""

import mmap
import struct
import threading
from collections.abc import Callable

import clock

BEAT_S = 0.5

#: Without a beat for so long no thread runs.
SILENT_S = 2.5

#: Looks in a row that must find it so: a machine that was paused as a whole gets time to beat again.
LOOKS = 10

#: Seconds beyond the end of a job's time in which its own process should have ended it.
LATE_S = 5.0

#: What a worker says of itself: it takes no more jobs and ends after those it has; GOES_UNUSED: and it has run none at all.
GOES, GOES_UNUSED = 1, 2


class Pulse:
    """Made by the supervisor before it forks; the worker calls `start`, `expect` and `go`, the supervisor asks the rest."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 17)
        self._seen = 0
        self.was_stuck = False

    def start(self, deadline: Callable[[], float]) -> None:
        """Beat from now on. `deadline` says when the first of the running jobs has to be over (0 = none runs)."""
        threading.Thread(target=self._beat, args=(deadline,), name="pulse", daemon=True).start()

    def expect(self, deadline: float) -> None:
        """A job begins that has to be over then; to be called before it can hold the interpreter."""
        first = self._read()[1]
        if not first or deadline < first:
            self._write(deadline)

    def go(self, *, unused: bool) -> None:
        """This process will take no more jobs and end after those it has: it can be replaced. `unused`: it has run none."""
        self._memory[16] = GOES_UNUSED if unused else GOES

    @property
    def goes(self) -> bool:
        """Whether it said so."""
        return self._memory[16] != 0

    @property
    def goes_unused(self) -> bool:
        """Whether it said so without having run a job."""
        return self._memory[16] == GOES_UNUSED

    def is_stuck(self) -> bool:
        """Whether a job is long over its time and no thread of the process runs; to be asked again and again."""
        (at, deadline), now = self._read(), clock.monotonic()
        silent = bool(deadline) and now > deadline + LATE_S and now > at + SILENT_S
        self._seen = self._seen + 1 if silent else 0
        self.was_stuck = self.was_stuck or self._seen >= LOOKS
        return self._seen >= LOOKS

    def _beat(self, deadline: Callable[[], float]) -> None:
        while True:
            self._write(deadline())
            clock.wait(BEAT_S)

    def _write(self, deadline: float) -> None:
        struct.pack_into("dd", self._memory, 0, clock.monotonic(), deadline)

    def _read(self) -> tuple[float, float]:
        at, deadline = struct.unpack_from("dd", self._memory)
        return at, deadline
