"""Rescue: jobs of a dead worker come back into their queues, and poisoned jobs are settled as failed.

The consumers, the supervisor and the doctor rescue. Each lost lease is rescued once, whoever comes first.
"""

import logging

import queues
from state.engine import jobs, leases, rescues
from state.store import connection
from worker import follow_ups, outcomes, settling

log = logging.getLogger("trawl.worker")


def rescue_lost(worker: str, follow: follow_ups.Follow | None = None, dead_worker: str = "", *, stood_still: bool = False) -> int:
    """Rescue jobs whose lease ran out, or that `dead_worker` held. Returns how many came back.

    `follow` does what follows the failure of a poisoned job; by default it is done at once, in this thread. `stood_still`: one
    job of that worker, on this machine, blocked all its threads. Only jobs over their time limit spend a rescue then.
    """
    late = rescues.over_their_time(dead_worker) if stood_still else []
    rescue = rescues.rescue(dead_worker, late) if late else rescues.rescue(dead_worker)
    if rescue.put_back:
        log.warning("Rescued jobs of a dead worker", extra={"count": len(rescue.put_back), "jobs": rescue.put_back[:10]})
    for lease, queue in rescue.poisoned:
        _fail_poisoned(lease, queue, worker, follow or follow_ups.follow_now)
    return len(rescue.put_back)


def _fail_poisoned(lease: str, queue: str, worker: str, follow: follow_ups.Follow) -> None:
    try:
        settlement, became = settling.settle_one(worker, outcomes.of_rescues(leases.find(lease, queue)))
    except connection.ResponseError as exc:  # a broken key of this job must not hold up the other jobs
        log.error("A poisoned job cannot be settled: %s", exc, extra={"lease": lease})
        return
    if became is not leases.Settled.LOST:
        follow(settlement, became is leases.Settled.FOLLOW_UP)


def pass_wakeup_on() -> None:
    """Wake another worker if delayed jobs exist: a process that ends may be the only one that knows of them."""
    if jobs.any_delayed(*queues.QUEUES):
        jobs.wake_others(1)
