"""Rescue: whoever notices that a lease ran out takes its job back, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import clock
from state.engine import jobs
from state.store import connection, keys, scripts

#: Rescues after which a job is given up as poisoned. Higher than POISON_DEATHS, because a job is rarely the cause when its whole
#: worker or machine dies.
POISON_RESCUES = 10

#: So many rescues poison no job.
NEVER = 10**9


@dataclass(frozen=True, slots=True)
class Rescue:
    """What a rescue did: jobs put back, and leases of poisoned jobs, which the caller must settle as failed: (lease, queue)."""

    put_back: list[str]
    poisoned: list[tuple[str, str]]


def rescue(dead_worker: str = "", late: Sequence[str] = (), at_most: int = 100) -> Rescue:
    """Take back jobs whose lease ran out, or that a worker held which is known to be dead. Each is taken back once.

    `late`: where that worker stood still, the leases of those of its jobs that were over their time (see `over_their_time`); only
    they spend a rescue then.
    """
    put_back, poisoned = _run(clock.script_now_ms(), at_most, POISON_RESCUES, dead_worker, late)
    pairs = [name.decode() for name in poisoned]
    return Rescue([job.decode() for job in put_back], list(zip(pairs[::2], pairs[1::2], strict=True)))


def _run(
    now_ms: str | int, at_most: int, poison: int, dead_worker: str = "", late: Sequence[str] = ()
) -> tuple[list[bytes], list[bytes]]:
    return _rescue(
        leases=keys.LEASES,
        limits=keys.LIMITS,
        kinds=keys.KINDS,
        events=keys.EVENTS,
        now_ms=now_ms,
        at_most=at_most,
        poison=poison,
        rq=keys.RQ,
        hours=keys.HOUR,
        dead_worker=dead_worker,
        late=late,
    )


@scripts.script("engine/rescue")
def _rescue(
    *,
    leases: str,
    limits: str,
    kinds: str,
    events: str,
    now_ms: str | int,
    at_most: int,
    poison: int,
    rq: str,
    hours: str,
    dead_worker: str,
    late: Sequence[str],
) -> tuple[list[bytes], list[bytes]]:
    raise scripts.InLua


def over_their_time(worker: str) -> list[str]:
    """Leases of a worker of this machine whose jobs run longer than they may, by this machine's clock, as when they began."""
    now = clock.now().timestamp()
    client = connection.client()
    names = (name.decode() for name in client.zrange(keys.LEASES, 0, -1))
    ours = [name for name in names if name.rpartition(":")[2].startswith(f"{worker}-")]
    late = []
    for name in ours:
        started_at, timeout = client.hmget(keys.job(name.rpartition(":")[0]), "started_at", "timeout")
        try:
            began = datetime.fromisoformat((started_at or b"").decode()).timestamp()
            if now > began + float(timeout or b""):
                late.append(name)
        except ValueError:  # nobody knows: it is no innocent
            late.append(name)
    return late


def lost(for_s: float) -> int:
    """Leases that ran out at least so long ago."""
    return int(connection.client().zcount(keys.LEASES, "-inf", _ms_ago(for_s)))


def rescue_old(for_s: float, at_most: int = 1000) -> list[str]:
    """Take back jobs whose lease ran out at least so long ago; says which. None is poisoned: that is left to the next rescue."""
    put_back, _ = _run(_ms_ago(for_s), at_most, NEVER)
    if put_back:
        jobs.wake_others(len(put_back))
    return [job.decode() for job in put_back]


def _ms_ago(seconds: float) -> int:
    return int((connection.now().timestamp() - seconds) * 1000)
