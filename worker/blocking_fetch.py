"""The blocking fetch: how an idle worker waits for a job and gets it with no further round trip.

The worker sends two commands at once, on a connection of its own:

    BLPOP wake-ups     the server holds it until a submit adds a wake-up
    EVALSHA lease      the server runs it the moment the BLPOP ends

So the reply to the wake-up already holds a leased job. Between submit and start lies one trip instead of two.

Two things need care. The lease script may run long after it was sent, when there is no room any more: `fits` and `abandon`. And
an abandoned fetch may have leased jobs whose names nobody read: `recover` sends the same lease request again, with no room. The
script then renews and returns exactly the jobs of that request, and takes no others.

A lease begins when the server runs the script, not when this process reads the reply: it may have stood still in between. So the
age of a lease is measured from the last look that found no reply. Where it may be too old, it is renewed before its job starts.
"""

import logging
import math
import select
from collections.abc import Sequence
from dataclasses import replace

import clock
from state.engine import leases, wakeups
from state.store import connection

log = logging.getLogger("trawl.worker")

#: Its lease requests are numbered apart from the consumer's own.
CHANNEL = "s"

#: The first lease of a fetched job (ms). It is short: a process that stands still may lease a job all the same.
LEASE_MS = 5000

#: A lease that may be older (s) is renewed before its job starts.
SURE_S = LEASE_MS / 2000

#: Seconds until the next try where Redis takes no further client.
NO_CLIENT_PAUSE_S = 15.0

#: A worker that is full but for its threads, or but for its coroutines, hears wake-ups for jobs that it cannot run. After one in
#: vain it leaves the next ones to other workers for so long (s): it would hear them all, as nobody else asks as often.
REST_S = 0.05


class BlockingFetch:
    """One fetch at a time: `start` it, `read` its reply, or `abandon` it and `recover` what it leased."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._wait = wakeups.BlockingWait()
        self._number = 0
        self._empty_at = 0.0  # when the last look found no reply, by clock.boottime()
        self._paused_until = 0.0
        self._pending: leases.LeaseRequest | None = None
        self._unread: leases.LeaseRequest | None = None  # the request of an abandoned fetch

    @property
    def is_pending(self) -> bool:
        """Whether a fetch waits for its reply."""
        return self._pending is not None

    def fits(self, threads: int, coroutines: int) -> bool:
        """Whether there is room for all that the pending fetch can lease; also True if none is pending."""
        return self._pending is None or (self._pending.threads <= threads and self._pending.coroutines <= coroutines)

    def start(self, order: Sequence[str], threads: int, coroutines: int, functions: Sequence[str]) -> int | None:
        """Start a fetch, unless one is pending; returns a file descriptor that becomes readable with its reply.

        It leases at most one job for a thread and one coroutine. Returns None where Redis has no client to spare: the worker then
        finds jobs by polling, and the next try comes a little later.
        """
        if self._pending is None and clock.monotonic() < self._paused_until:
            return None
        if self._pending is None:
            self._number += 1
            room = min(1, threads), min(1, coroutines)
            self._pending = leases.LeaseRequest(self._number, order, *room, functions, CHANNEL, LEASE_MS)
        looked_at, waited = clock.boottime(), self._wait.waits
        try:
            fd = self._wait.wait(None if waited else leases.lease_call(self._worker, self._pending, later=True))
            if not (waited and _is_readable(fd)):
                self._empty_at = looked_at
            return fd
        except connection.NoFreeClient as exc:
            self.abandon()
            self._unread, self._paused_until = None, clock.monotonic() + NO_CLIENT_PAUSE_S
            log.warning("No wake-ups for now, jobs begin up to a second later: %s", exc)
            return None

    def read(self) -> tuple[bool, leases.ExchangeResult]:
        """The reply: whether a wake-up arrived, and the jobs that were leased. Renew their leases within LEASE_MS."""
        woken, reply = self._wait.read()
        self._pending = None
        sure_until = self._empty_at + SURE_S
        fetched = leases.exchange_result([], reply or (b"more" if woken else b"empty", []), sure_until)
        if fetched.taken and clock.boottime() > sure_until:  # a lease may have run out meanwhile
            fetched = replace(fetched, taken=leases.renewed(fetched.taken))
        return woken, fetched

    def rest(self) -> None:
        """Start no fetch for a moment: the next wake-ups are for others."""
        self._paused_until = clock.monotonic() + REST_S

    @property
    def rest_s(self) -> float:
        """Seconds until a fetch may be started again; infinite where it may be now."""
        left_s = self._paused_until - clock.monotonic()
        return left_s if left_s > 0 else math.inf

    def abandon(self) -> None:
        """End the pending fetch. `recover` returns the jobs that it leased unread."""
        self._wait.abandon()
        self._unread, self._pending = self._pending or self._unread, None

    def recover(self) -> list[leases.Leased]:
        """The jobs that an abandoned fetch leased."""
        if self._unread is None:
            return []
        again = replace(self._unread, threads=0, coroutines=0, lease_ms=leases.LEASE_MS)
        found = leases.exchange(self._worker, [], again).taken
        self._unread = None
        return found


def _is_readable(fd: int) -> bool:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(0))
