"""When a worker process asks the queues for jobs, and for how many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from state.engine import leases
from state.engine.leases import Backlog
from worker import in_flight
from worker.execution import Execution
from worker.shares import Shares


@dataclass(slots=True)
class Leasing:
    """The lease requests of one process. `is_due`: a look at the queues may find jobs that can run here."""

    order: Callable[[], Sequence[str]]  # names of the queues, the first one first
    in_flight: in_flight.InFlight
    shares: Shares | None  # how the queues share the threads and coroutines; None = strictly in order
    is_due: bool = True
    backlog: Backlog = Backlog.EMPTY
    _request: int = 0  # number of the last request

    @property
    def has_backlog(self) -> bool:
        """Whether the queues held more jobs than this process could run."""
        return self.backlog is not Backlog.EMPTY

    @property
    def may_prefetch(self) -> bool:
        """Whether a job that this process could run is known to wait: only then some are leased ahead."""
        return self.backlog is Backlog.MORE or self.backlog is Backlog.UNFINISHED

    def request(self, threads: int, coroutines: int) -> leases.LeaseRequest | None:
        """A request for as many jobs as there is room for; None without room."""
        if not threads + coroutines:
            return None
        ahead = in_flight.ahead_of(self.in_flight, threads, coroutines)
        shares = self.shares.of(threads, coroutines) if self.shares else None
        functions = self.in_flight.coroutines
        return leases.LeaseRequest(self._request + 1, self.order(), threads, coroutines, functions, ahead=ahead, shares=shares)

    def answered(self, request: leases.LeaseRequest, done: leases.ExchangeResult) -> None:
        """Note what a request found. The next one is due if this one found jobs, and left some."""
        self._request, self.backlog = request.request, done.backlog
        self.is_due = done.unfinished or (done.more and bool(done.taken))
        if self.shares:
            self.shares.took(len(done.taken))

    def began(self, request: leases.LeaseRequest, started: Sequence[Execution | None], threads: int, coroutines: int) -> None:
        """Note what became of the jobs that a request found (None: refused), and what room is left.

        Where it found fewer jobs for threads than it asked for, or for coroutines, it found all of that sort that can run now. So
        no look is due for the room that is left.
        """
        if self.is_due and self.backlog is not Backlog.UNFINISHED and None not in started:
            on_loop = sum(execution.on_loop for execution in started if execution) if request.coroutines else 0
            found_threads, found_coroutines = len(started) - on_loop >= request.threads, on_loop >= request.coroutines
            self.is_due = (threads > 0 and found_threads) or (coroutines > 0 and found_coroutines)
