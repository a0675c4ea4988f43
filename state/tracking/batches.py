"""The batch: which keywords come next. Fair by project weight, and atomic.

Its cost grows with the batch, not with the number of keywords stored.
"""

import uuid
from dataclasses import dataclass
from typing import TypedDict

import clock
from state.engine import dedup, jobs
from state.store import keys, scripts

#: Keywords taken in one script call: the server is busy for about 5 ms.
CHUNK = 250

#: Seconds the turns of projects in a queue are kept after its last batch.
TURNS_S = 7 * 86400

#: Seconds a claimed keyword stays out of the selection before its claim is looked at again.
HOLD_S = 900


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
class TickAllowance:
    """How many keywords the ticks of one interval may take together, whichever scheduler queued them."""

    interval: int  # its number since 1970
    limit: int
    lifetime_s: int


def take(size: int, work: Work, *, max_depth: int, spare: int = 0, allowance: TickAllowance | None = None) -> Batch:
    """Claim and enqueue up to `size` due keywords. A kill between two calls leaves each keyword either queued or untouched.

    `spare`: so many jobs beyond `max_depth` are for projects that have next to nothing in a queue that others filled.
    """
    high = default = 0
    served: set[bytes] = set()
    held_back = False
    while (room := size - high - default) > 0:
        to_high, to_default, projects, extent = _take_chunk(min(room, CHUNK), work, (max_depth, spare), allowance)
        high, default, held_back = high + to_high, default + to_default, held_back or extent == b"held back"
        served.update(projects)
        if to_high + to_default < min(room, CHUNK):
            break
    return Batch(high, default, len(served), held_back)


def give_back_turn(job_id: str, project_id: str) -> bool:
    """Give a project back the turn of a job that bought nothing (its keyword was archived, say); returns whether it had one."""
    outcome = _give_back_turn(
        job=keys.job(job_id), ring=keys.RING, weights=keys.WEIGHTS, project_id=project_id, turns_prefix=keys.TURNS
    )
    return outcome == b"given back"


def _take_chunk(
    size: int, work: Work, depth: tuple[int, int], allowance: TickAllowance | None
) -> tuple[int, int, list[bytes], bytes]:
    return _take_batch(
        **_KEYS,
        allowance=keys.batch_slot(allowance.interval) if allowance else "",
        now_ms=clock.script_now_ms(),
        size=size,
        hold_s=HOLD_S,
        max_depth=depth[0],
        allowance_size=allowance.limit if allowance else 0,
        allowance_s=allowance.lifetime_s if allowance else 0,
        token=uuid.uuid4().hex[:8],
        now_iso=jobs.rq_time(clock.now()),
        path=work.path,
        timeout_s=work.timeout_s,
        project_prefix=keys.PROJECT,
        keyword_prefix=keys.KEYWORD,
        job_prefix=keys.RQ_JOB,
        failure_ttl_s=keys.FAILURE_TTL_S,
        spare=depth[1],
        turns_s=TURNS_S,
    )


class _Keys(TypedDict):
    """What every batch reads and writes."""

    ring: str
    waiting: str
    vtime: str
    claims: str
    claim_jobs: str
    namespaces: str
    queues: str
    high_queue: str
    default_queue: str
    wakeups: str
    weights: str
    high_turns: str
    default_turns: str
    limits: str
    kinds: str
    pauses: str


_KEYS = _Keys(
    ring=keys.RING,
    waiting=keys.WAITING,
    vtime=keys.VTIME,
    claims=keys.claims(dedup.SERP),
    claim_jobs=keys.claim_jobs(dedup.SERP),
    namespaces=keys.CLAIM_NAMESPACES,
    queues=keys.RQ_QUEUES,
    high_queue=keys.queue("high"),
    default_queue=keys.queue("default"),
    wakeups=keys.WAKE,
    weights=keys.WEIGHTS,
    high_turns=keys.turns("high"),
    default_turns=keys.turns("default"),
    limits=keys.LIMITS,
    kinds=keys.KINDS,
    pauses=keys.PAUSES,
)


@scripts.script("tracking/take_batch")
def _take_batch(
    *,
    ring: str,
    waiting: str,
    vtime: str,
    claims: str,
    claim_jobs: str,
    namespaces: str,
    queues: str,
    high_queue: str,
    default_queue: str,
    allowance: str,
    wakeups: str,
    weights: str,
    high_turns: str,
    default_turns: str,
    limits: str,
    kinds: str,
    pauses: str,
    now_ms: str,
    size: int,
    hold_s: int,
    max_depth: int,
    allowance_size: int,
    allowance_s: int,
    token: str,
    now_iso: str,
    path: str,
    timeout_s: int,
    project_prefix: str,
    keyword_prefix: str,
    job_prefix: str,
    failure_ttl_s: int,
    spare: int,
    turns_s: int,
) -> tuple[int, int, list[bytes], bytes]:
    raise scripts.InLua


@scripts.script("tracking/give_back_turn")
def _give_back_turn(*, job: str, ring: str, weights: str, project_id: str, turns_prefix: str) -> bytes:
    raise scripts.InLua
