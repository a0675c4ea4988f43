"""A call that goes with the next job that is submitted here, in its round trip: e.g. the line that says who submitted it.

with riders.riding(line_of) as ride:
    submit()
if not ride.is_done:
    write_the_line_apart()
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from state.store import scripts

#: Makes the call for the id of a job. The call does nothing where that job was not written.
Rider = Callable[[str], scripts.Call]


class Ride:
    """A rider that waits for a job, or went with one. `is_done`: its call did its work."""

    __slots__ = ("_rider", "is_done")

    def __init__(self, rider: Rider) -> None:
        self._rider: Rider | None = rider
        self.is_done = False

    def take(self, job_id: str) -> scripts.Call | None:
        """The call for this job; None where it went with another one before."""
        rider, self._rider = self._rider, None
        return rider(job_id) if rider else None


_waiting: ContextVar[Ride | None] = ContextVar("rider", default=None)


@contextmanager
def riding(rider: Rider) -> Iterator[Ride]:
    """Have this go with the first job that is submitted alone inside."""
    ride = Ride(rider)
    token = _waiting.set(ride)
    try:
        yield ride
    finally:
        _waiting.reset(token)


def waiting() -> Ride | None:
    """Who waits here for a job."""
    return _waiting.get()
