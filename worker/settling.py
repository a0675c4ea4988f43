"""Settling: outcomes are stored many at a time, and an outcome that the server refuses is isolated.

The server may refuse an outcome for what it holds: it is too large, or a key of that job is broken. Such an outcome must not hold
up the other outcomes, nor waiting jobs, nor the end of the process. So after a refusal, outcomes are sent in halves. An outcome
that is refused alone, while the server takes other writes, is replaced by a failure without its result. If that is refused too,
the outcome is dropped, and its lease runs out.
"""

import logging
from collections.abc import Callable

import redis

import traces
from errors import TrawlError
from state.engine import leases
from worker import outcomes

log = logging.getLogger("trawl.worker")

#: Most outcomes, and most characters, in one script. A larger outcome goes alone.
MAX_OUTCOMES = 500
MAX_CHARS = 1 << 20

#: After so many refusals alone, an outcome is replaced.
MAX_REFUSALS = 3

#: An outcome with more characters may itself be the reason why the server is out of memory.
LARGE_CHARS = 64 << 10

#: Errors of a server that refuses every write.
REFUSES_ALL = ("OOM", "MISCONF", "READONLY", "NOREPLICAS", "LOADING", "MASTERDOWN", "BUSY", "NOPERM", "NOAUTH", "CLUSTERDOWN")

#: Does what follows an outcome that was stored (see follow_ups.Follow).
Follow = Callable[[leases.Settlement, bool], object]


class Settling:
    """The outcomes of one worker that are not stored yet, in `unsettled`."""

    def __init__(self, worker: str, follow: Follow) -> None:
        self.unsettled: list[leases.Settlement] = []
        self._worker, self._follow = worker, follow
        self._refusals: dict[str, int] = {}  # lease → how often its outcome was refused alone
        self._is_searching = False  # a refusal may be due to one outcome: it is sought

    def exchange(self, request: leases.LeaseRequest | None) -> leases.ExchangeResult:
        """Settle outcomes and lease jobs, in one round trip as long as nothing is refused."""
        if self._is_searching:
            self._is_searching = not self._settle(self._batch())
        sent = [] if self._is_searching else self._batch()
        try:
            done = leases.exchange(self._worker, sent, request)
        except Exception:
            self._is_searching = bool(sent)
            raise
        self._stored(sent, done.settled)
        return done

    def _batch(self) -> list[leases.Settlement]:
        chars, batch = 0, self.unsettled[:MAX_OUTCOMES]
        for count, settlement in enumerate(batch):
            chars += _chars(settlement)
            if chars > MAX_CHARS and count:
                return batch[:count]
        return batch

    def _settle(self, batch: list[leases.Settlement]) -> bool:
        """Settle these, in halves after a refusal. Returns whether all were stored. Raises errors that mean an outage."""
        if not batch:
            return True
        try:
            done = leases.exchange(self._worker, batch, None)
        except (redis.RedisError, TrawlError) as exc:
            if len(batch) > 1 and takes_writes(exc):
                half = len(batch) // 2
                return bool(self._settle(batch[:half]) & self._settle(batch[half:]))
            if not is_own_fault(batch[0], exc):
                raise
            self._refused(batch[0], exc)
            return False
        self._stored(batch, done.settled)
        return True

    def _stored(self, sent: list[leases.Settlement], settled: list[leases.Settled]) -> None:
        if self.unsettled[: len(sent)] == sent:
            del self.unsettled[: len(sent)]
        else:  # some from the middle
            for settlement in sent:
                self.unsettled.remove(settlement)
        for settlement, became in zip(sent, settled, strict=True):
            if self._refusals:
                self._refusals.pop(settlement.job.lease, None)
            if became is leases.Settled.LOST:
                log.warning("Outcome refused: lost lease", extra={"job": settlement.job.id, "outcome": settlement.outcome})
            else:
                self._follow(settlement, became is leases.Settled.FOLLOW_UP)

    def _refused(self, settlement: leases.Settlement, exc: Exception) -> None:
        """Count the refusal of an outcome that was sent alone. The outcome goes to the end, or is replaced or dropped."""
        lease, details = settlement.job.lease, {"job": settlement.job.id, "outcome": settlement.outcome, "reason": _reason(exc)}
        count = self._refusals[lease] = self._refusals.get(lease, 0) + 1
        self.unsettled.remove(settlement)
        if count >= 2 * MAX_REFUSALS or (count >= MAX_REFUSALS and settlement.outcome == outcomes.REQUEUED):
            del self._refusals[lease]
            log.error("Redis does not take the outcome of a job: its lease runs out", extra=details)
            return
        log.warning("Redis does not take the outcome of a job", extra={**details, "chars": _chars(settlement)})
        self.unsettled.append(outcomes.of_refusal(settlement, _reason(exc)) if count == MAX_REFUSALS else settlement)


def settle_one(worker: str, settlement: leases.Settlement) -> tuple[leases.Settlement, leases.Settled]:
    """Settle one outcome alone. If the server refuses it, a failure without its result is stored instead.

    Returns what was stored, and what became of it. Raises errors that mean an outage.
    """
    try:
        return settlement, leases.exchange(worker, [settlement], None).settled[0]
    except (redis.RedisError, TrawlError) as exc:
        if not is_own_fault(settlement, exc):
            raise
        smaller = outcomes.of_refusal(settlement, _reason(exc))
    return smaller, leases.exchange(worker, [smaller], None).settled[0]


def is_own_fault(settlement: leases.Settlement, exc: Exception) -> bool:
    """Whether the server refused this outcome for what it holds, and takes other writes."""
    if any(word in str(exc) for word in REFUSES_ALL) and _chars(settlement) < LARGE_CHARS:
        return False
    return takes_writes(exc)


def takes_writes(exc: Exception) -> bool:
    """Whether the server takes another write after `exc`. A server that did not answer is not asked again."""
    if isinstance(exc, redis.TimeoutError) or isinstance(exc.__cause__, redis.TimeoutError):
        return False
    try:
        leases.probe()
    except (redis.RedisError, TrawlError):
        return False
    return True


def _chars(settlement: leases.Settlement) -> int:
    return len(settlement.result) + len(settlement.error) + len(settlement.fields) + len(settlement.note)


def _reason(exc: Exception) -> str:
    return f"{type(exc).__name__}: {traces.plain(str(exc), 200)}"
