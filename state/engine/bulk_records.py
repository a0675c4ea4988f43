"""How far a job is that acts on many others: which jobs these are, and what became of them. Every write may be sent twice.

The ids are collected first, in blocks, and then acted on block by block. So the job goes on where it was, whoever is killed, and
what it does to the lists that it reads does not matter.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from state.engine import keys
from state.store import connection

#: How long a record is kept after its last change (s).
KEPT_S = 7 * 86400


@dataclass(slots=True)
class Progress:
    """Where a bulk action is. `begun`: the block that was begun last, -1 = none. `reasons`: why jobs were refused → how many."""

    cursor: str = ""
    blocks: int = 0
    matched: int = 0
    is_collected: bool = False
    begun: int = -1
    at: int = 0
    done: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """How many jobs were refused."""
        return sum(self.reasons.values())


def read(job_id: str) -> Progress:
    """How far that job is; its beginning where nothing is known."""
    told = connection.client().hget(keys.bulk(job_id), "progress")
    return Progress(**json.loads(told)) if told else Progress()


def write(job_id: str, now: Progress, block: Sequence[str] = ()) -> None:
    """Keep how far it is; with `block`, the ids of its last block, in one step."""
    told: Mapping[str, Any] = {name: getattr(now, name) for name in Progress.__slots__}
    with connection.client().pipeline() as pipe:
        if block:
            pipe.hset(keys.bulk_ids(job_id), str(now.blocks - 1), "\n".join(block))
            pipe.expire(keys.bulk_ids(job_id), KEPT_S)
        pipe.hset(keys.bulk(job_id), "progress", json.dumps(told))
        pipe.expire(keys.bulk(job_id), KEPT_S)
        pipe.execute()


def block(job_id: str, number: int) -> list[str]:
    """The ids of a block; [] where it is gone."""
    told = connection.client().hget(keys.bulk_ids(job_id), str(number))
    return told.decode().split("\n") if told else []


def forget_ids(job_id: str) -> None:
    """The ids are not needed any more."""
    connection.client().delete(keys.bulk_ids(job_id))
