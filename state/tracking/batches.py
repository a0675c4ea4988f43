"""The batch: which keywords come next. Fair by project weight, atomic, and as dear as the batch is large, not as the stock is."""

import uuid
from dataclasses import dataclass

import clock
from state.engine import dedup, jobs
from state.store import connection, keys, scripts

#: Keywords taken in one script call: the server is busy for about 5 ms.
CHUNK = 250

#: Seconds the turns of projects in a queue are kept after its last batch.
TURNS_S = 7 * 86400

#: Seconds a claimed keyword stays out of the selection before its claim is looked at again.
HOLD_S = 900

#: Added to the end of a hold: held keywords have scores below zero, where a sorted set moves them cheaply (prelude.lua: HELD).
HELD = -(2**41)

#: Keys of the script, before and after the slot.
_SELECTED_FROM = (
    keys.RING,
    keys.WAITING,
    keys.VTIME,
    keys.claims(dedup.SERP),
    keys.claim_jobs(dedup.SERP),
    keys.CLAIM_NAMESPACES,
    keys.RQ_QUEUES,
    keys.queue("high"),
    keys.queue("default"),
)
_WRITTEN_TO = (keys.WAKE, keys.WEIGHTS, keys.turns("high"), keys.turns("default"), keys.LIMITS, keys.KINDS)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a tick took: keywords by queue, of how many projects, and whether the queues were too deep for a whole one."""

    high: int = 0
    default: int = 0
    projects: int = 0
    held_back: bool = False

    @property
    def total(self) -> int:
        """All keywords taken."""
        return self.high + self.default


@dataclass(frozen=True, slots=True)
class Work:
    """The job that each keyword of a batch becomes."""

    path: str  # dotted path of the function; its one argument is the keyword id
    timeout_s: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A scheduled tick's interval: several schedulers share one allowance of `limit` keywords in it."""

    number: int
    limit: int
    lifetime_s: int


def take(size: int, work: Work, *, max_depth: int, spare: int = 0, slot: Slot | None = None) -> Batch:
    """Claim and enqueue up to `size` due keywords. A kill between two calls leaves each keyword either queued or untouched.

    `spare`: so many places beyond `max_depth` are for projects that have next to nothing in a queue that others filled.
    """
    high = default = 0
    served: set[bytes] = set()
    held = False
    while (room := size - high - default) > 0:
        to_high, to_default, projects, held_back = _take_chunk(min(room, CHUNK), work, (max_depth, spare), slot)
        high, default, held = high + to_high, default + to_default, held or bool(held_back)
        served.update(projects)
        if to_high + to_default < min(room, CHUNK):
            break
    return Batch(high, default, len(served), held)


def _take_chunk(want: int, work: Work, depth: tuple[int, int], slot: Slot | None) -> tuple[int, int, list[bytes], int]:
    reply: tuple[int, int, list[bytes], int] = scripts.run(
        "tracking/take_batch",
        [*_SELECTED_FROM, keys.batch_slot(slot.number) if slot else "", *_WRITTEN_TO],
        [
            clock.script_now_ms(),
            want,
            HOLD_S,
            depth[0],
            slot.limit if slot else 0,
            slot.lifetime_s if slot else 0,
            uuid.uuid4().hex[:8],
            jobs.rq_time(clock.now()),
            work.path,
            work.timeout_s,
            keys.PROJECT,
            keys.KEYWORD,
            keys.RQ_JOB,
            keys.FAILURE_TTL_S,
            depth[1],
            TURNS_S,
        ],
    )
    return reply


def give_back_turn(job_id: str, project_id: str) -> bool:
    """A job of a batch bought nothing (its keyword rests by now, say): it costs its project no turn. Says whether it had one."""
    where = [keys.job(job_id), keys.RING, keys.WEIGHTS]
    return bool(scripts.run("tracking/give_back_turn", where, [project_id, keys.TURNS]))


def depth() -> int:
    """Jobs that wait in the queues a batch feeds."""
    redis = connection.client()
    return int(redis.llen(keys.queue("high"))) + int(redis.llen(keys.queue("default")))
