"""How often a worker process asks Redis for what nobody announced: each second while it runs jobs, seldom while it idles.

A submit wakes an idle worker, and a delayed job announces itself. So polling finds only what other tools put into Redis, e.g.
jobs that RQ's own `enqueue` pushed, and the leases of workers on machines that died.

A wake-up goes to whoever waits longest, also where it serves other queues. So a process that finds jobs in queues it does not
serve wakes one other, at most once a second.
"""

import math

import clock
import config
import queues
from state.engine import jobs

#: Between two looks of a process that runs jobs (s).
LOOK_S = 1.0

#: Between two looks of a process that idles while others work (s).
UNQUIET_S = 5.0


class Polling:
    """Whether a process idles, and what it found at its last look."""

    def __init__(self) -> None:
        self.is_idle = False
        self.is_quiet = False  # nothing waited anywhere, and nobody ran anything
        self.found_unannounced = False  # the last look found jobs, of which perhaps nobody had told
        self.next_look_s = LOOK_S
        self.others: list[str] = []  # queues that this process does not serve
        self._passed_on = -math.inf
        self._idle_s = max(LOOK_S, config.settings().idle_poll_interval)

    def turns(self, running: int) -> bool:
        """Note how many jobs run; says whether the process begins to work, or to idle: then it looks soon."""
        turns = self.is_idle != (running == 0)
        self.is_idle = running == 0
        return turns

    def look(self) -> bool:
        """Move delayed jobs that are due; says whether any job may wait. An idle process sends one plain command."""
        moved, next_due_s = 0, None
        self.is_quiet = self.is_idle and jobs.is_nothing_to_do(*queues.QUEUES)
        any_wait = not self.is_quiet and jobs.any_wait(*queues.QUEUES)
        if any_wait:
            moved, next_due_s = jobs.promote_due(*queues.QUEUES)
        self.found_unannounced = any_wait
        wait_s = LOOK_S if not self.is_idle else self._idle_s if self.is_quiet else min(self._idle_s, UNQUIET_S)
        if next_due_s is None or (next_due_s == 0 and not moved):  # what is due and stays has a broken queue
            next_due_s = wait_s
        self.next_look_s = min(wait_s, next_due_s, self._pass_on() if any_wait else wait_s)
        return any_wait

    def _pass_on(self) -> float:
        """Wake one other process where jobs wait that are not for this one; says in how many seconds to see to it again."""
        if not self.others or not jobs.any_queued(*self.others):
            return math.inf
        rest_s = self._passed_on + LOOK_S - clock.monotonic()
        if rest_s > 0:  # whoever was woken may not be the right one either, and wake this one again
            return rest_s
        self._passed_on = clock.monotonic()
        jobs.wake_others(1)
        return math.inf

    def took(self, is_more: bool) -> None:
        """Note that jobs were taken: where more of them wait that nobody announced, other idle workers are woken."""
        if self.found_unannounced and is_more:
            jobs.wake_others()
        self.found_unannounced = False

    def at_rest_s(self, every_s: float) -> float:
        """The time between two chores that an idle process does, too."""
        return max(every_s, self._idle_s)

    def show_in_s(self, every_s: float) -> float:
        """When the next sign of life is due; `every_s` is the time between two of a process that runs jobs."""
        return max(2 * every_s, self._idle_s) if self.is_idle else every_s


def worker_ttl_s() -> int:
    """Seconds without a sign of life after which RQ counts a worker as dead; RQ adds a minute."""
    return round(max(60.0, 2 * config.settings().idle_poll_interval))
