"""Outcomes on their way to Redis: many in one script, and told apart where the server takes one of them not.

A server may refuse what one outcome holds: too large for it, or for its memory, or a key of that job that somebody broke. Such an
outcome must not stand in the way of the others, nor of jobs that wait, nor of the end of the process. So after a refusal what
waits is sent in halves; what is refused alone, while the server takes other writes, is stored as a failure without its result,
and given up if even that is refused: its lease runs out then.
"""

import logging
from collections.abc import Callable

import redis

import traces
from errors import TrawlError
from state.engine import leases
from worker import outcomes

log = logging.getLogger("trawl.worker")

#: Most outcomes, and characters, of one script. A larger one goes alone.
MOST = 500
MOST_CHARS = 1 << 20

#: So often the server refuses an outcome, alone, until it is replaced.
REFUSALS = 3

#: An outcome with more characters may itself be why the server has no memory for it.
LARGE = 64 << 10

#: Words of a server that refuses whatever is written.
STATES = ("OOM", "MISCONF", "READONLY", "NOREPLICAS", "LOADING", "MASTERDOWN", "BUSY", "NOPERM", "NOAUTH", "CLUSTERDOWN")

#: What follows an outcome that was stored (see afterwards.Follow).
Follow = Callable[[leases.Settlement, bool], object]


class Settling:
    """The outcomes of one worker that are not stored yet, in `unsettled`."""

    def __init__(self, worker: str, follow: Follow) -> None:
        self.unsettled: list[leases.Settlement] = []
        self._worker, self._follow = worker, follow
        self._refusals: dict[str, int] = {}  # lease → how often its outcome was refused alone
        self._is_apart = False  # something was refused, perhaps because of what was sent

    def exchange(self, wanted: leases.LeaseRequest | None) -> leases.ExchangeResult:
        """Settle what waits and take jobs: in one round trip, as long as nothing is refused."""
        if self._is_apart:
            self._is_apart = not self._settle(self._batch())
        sent = [] if self._is_apart else self._batch()
        try:
            done = leases.exchange(self._worker, sent, wanted)
        except Exception:  # whatever it was, it goes on rising
            self._is_apart = bool(sent)
            raise
        self._stored(sent, done.settled)
        return done

    def _batch(self) -> list[leases.Settlement]:
        chars, count = 0, 0
        for one in self.unsettled[:MOST]:
            chars += len(one.result) + len(one.error) + len(one.fields)
            if chars > MOST_CHARS and count:
                break
            count += 1
        return self.unsettled[:count]

    def _settle(self, some: list[leases.Settlement]) -> bool:
        """Settle these, in halves where they are refused; says whether all were taken. Raises what means an outage."""
        if not some:
            return True
        try:
            done = leases.exchange(self._worker, some, None)
        except (redis.RedisError, TrawlError) as exc:
            if len(some) > 1 and takes_writes(exc):
                half = len(some) // 2
                return bool(self._settle(some[:half]) & self._settle(some[half:]))
            if not is_its_own(some[0], exc):
                raise
            self._refused(some[0], exc)
            return False
        self._stored(some, done.settled)
        return True

    def _stored(self, sent: list[leases.Settlement], settled: list[leases.Settled]) -> None:
        if self.unsettled[: len(sent)] == sent:
            del self.unsettled[: len(sent)]
        else:  # a part of them, from the middle
            for one in sent:
                self.unsettled.remove(one)
        for settlement, became in zip(sent, settled, strict=True):
            if self._refusals:
                self._refusals.pop(settlement.job.lease, None)
            if became is leases.Settled.LOST:
                log.warning("Outcome refused: lost lease", extra={"job": settlement.job.id, "outcome": settlement.outcome})
            else:
                self._follow(settlement, became is leases.Settled.FOLLOW_UP)

    def _refused(self, settlement: leases.Settlement, exc: Exception) -> None:
        """Count the refusal of an outcome that was sent alone; after some, something smaller takes its place, at the end."""
        lease, details = settlement.job.lease, {"job": settlement.job.id, "outcome": settlement.outcome, "reason": _words(exc)}
        count = self._refusals[lease] = self._refusals.get(lease, 0) + 1
        self.unsettled.remove(settlement)
        if count >= 2 * REFUSALS or (count >= REFUSALS and settlement.outcome == "again"):
            del self._refusals[lease]
            log.error("Redis does not take the outcome of a job: its lease runs out", extra=details)
            return
        log.warning("Redis does not take the outcome of a job", extra={**details, "chars": _chars(settlement)})
        self.unsettled.append(outcomes.of_refusal(settlement, _words(exc)) if count == REFUSALS else settlement)


def settle_one(worker: str, settlement: leases.Settlement) -> tuple[leases.Settlement, leases.Settled]:
    """Settle one outcome by itself; one that the server does not take is stored as a failure without its result.

    Returns what was stored and what the script says of it. Raises what means an outage.
    """
    try:
        return settlement, leases.exchange(worker, [settlement], None).settled[0]
    except (redis.RedisError, TrawlError) as exc:
        if not is_its_own(settlement, exc):
            raise
        smaller = outcomes.of_refusal(settlement, _words(exc))
    return smaller, leases.exchange(worker, [smaller], None).settled[0]


def is_its_own(settlement: leases.Settlement, exc: Exception) -> bool:
    """Whether the server refused this outcome for what it holds: other writes are taken."""
    if any(word in str(exc) for word in STATES) and _chars(settlement) < LARGE:
        return False
    return takes_writes(exc)


def takes_writes(exc: Exception) -> bool:
    """Whether the server takes a write, now that something else failed with `exc`; a server that is silent is not asked again."""
    if isinstance(exc, redis.TimeoutError) or isinstance(exc.__cause__, redis.TimeoutError):
        return False
    try:
        leases.probe()
    except (redis.RedisError, TrawlError):
        return False
    return True


def _chars(settlement: leases.Settlement) -> int:
    return len(settlement.result) + len(settlement.error) + len(settlement.fields)


def _words(exc: Exception) -> str:
    return f"{type(exc).__name__}: {traces.plain(str(exc), 200)}"
