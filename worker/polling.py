"""How often a worker process polls Redis: each second while it runs jobs, seldom while it idles.

A submit wakes an idle worker, and delayed jobs announce themselves. So polling only finds what arrives without a wake-up: jobs
that RQ's own `enqueue` pushed, and leases of workers whose machine died.

A wake-up goes to the worker that waits longest, whatever queues it serves. So a process that finds jobs in queues it does not
serve wakes one other process, at most once a second.
"""

import math
from random import uniform

import clock
import config
import queues
from engine.timers import SPREAD
from state.engine import jobs, leases

#: Interval of a process that runs jobs (s).
POLL_S = 1.0

#: Interval of a process that idles while others work (s).
UNQUIET_S = 5.0


class Polling:
    """Whether a process idles, and what its last poll found."""

    def __init__(self) -> None:
        self.is_idle = False
        self.is_quiet = False  # no job waited in any queue, and no worker ran one
        self.found_unannounced = False  # the last poll found jobs, perhaps without a wake-up
        self.next_poll_s = POLL_S
        self._name = leases.token()  # of this process, for the alarm that names who comes for a delayed job
        self._next_due = math.inf  # by the monotonic clock
        self.others: list[str] = []  # queues that this process does not serve
        self._passed_on = -math.inf
        self._idle_s = max(POLL_S, config.settings().idle_poll_interval)

    def note_running(self, running: int) -> bool:
        """Note how many jobs run. Returns whether the process just became busy or idle: then a poll is due soon."""
        changed = self.is_idle != (running == 0)
        self.is_idle = running == 0
        return changed

    def poll(self, room: int = 0) -> bool:
        """Promote delayed jobs that are due. Returns whether any job may wait. An idle process sends one plain command.

        `room`: so many jobs the caller asks for right after this; for more, other processes are woken.
        """
        promoted, next_due_s = 0, None
        is_due = self._next_due <= clock.monotonic()  # one that this process said it would come for
        self.is_quiet = not is_due and self.is_idle and jobs.is_nothing_to_do(*queues.QUEUES)
        any_wait = is_due or (not self.is_quiet and jobs.any_wait(*queues.QUEUES))
        if any_wait:
            promoted, next_due_s = jobs.promote_due(*queues.QUEUES, who=self._name, room=room)
        self._next_due = math.inf if next_due_s is None else clock.monotonic() + next_due_s
        self.found_unannounced = any_wait
        wait_s = self._interval_s() * uniform(*SPREAD)
        if next_due_s is None or (next_due_s == 0 and not promoted):  # a broken queue keeps a job that is due
            next_due_s = wait_s
        self.next_poll_s = min(wait_s, next_due_s, self._pass_wakeup_on() if any_wait else wait_s)
        return any_wait

    def _interval_s(self) -> float:
        if not self.is_idle:
            return POLL_S
        return self._idle_s if self.is_quiet else min(self._idle_s, UNQUIET_S)

    def _pass_wakeup_on(self) -> float:
        """Wake one other process if jobs wait in queues that this one does not serve. Returns when to check again (s)."""
        if not self.others or not jobs.any_queued(*self.others):
            return math.inf
        rest_s = self._passed_on + POLL_S - clock.monotonic()
        if rest_s > 0:  # the process that was woken may not serve them either, and wake this one again
            return rest_s
        self._passed_on = clock.monotonic()
        jobs.wake_others(1)
        return math.inf

    def took(self, is_more: bool) -> None:
        """Note that jobs were leased. If more of them wait without a wake-up, wake the other idle workers."""
        if self.found_unannounced and is_more:
            jobs.wake_others()
        self.found_unannounced = False

    def at_rest_s(self, every_s: float) -> float:
        """The interval of a timer that runs in an idle process too."""
        return max(every_s, self._idle_s)

    def heartbeat_in_s(self, every_s: float) -> float:
        """When the next heartbeat is due. `every_s` is the interval of a process that runs jobs."""
        return max(2 * every_s, self._idle_s) if self.is_idle else every_s


def worker_ttl_s() -> int:
    """Seconds without a heartbeat after which RQ counts a worker as dead; RQ adds a minute."""
    return round(max(60.0, 2 * config.settings().idle_poll_interval))
