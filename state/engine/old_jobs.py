"""Records of jobs that ended long ago: found in RQ's registries, and deleted with their results."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import chunks
from state.engine import records
from state.engine.records import Place
from state.store import keys, scripts

#: Statuses of RQ that a job in these registries may have.
OVER = frozenset({"finished", "failed", "canceled", "stopped"})

#: Jobs deleted by one run of the script, which is all that others wait for: some 0.3 ms.
AT_ONCE = 25

REGISTRIES = {"completed": keys.RQ_FINISHED, "failed": keys.RQ_FAILED, "cancelled": keys.RQ_CANCELED}


def ended_before(before_s: float, queues: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """How jobs ended that ended before then, the key of their registry, and ids, 500 at a time; the caller deletes them.

    What the caller could not delete is passed over.
    """
    for name, prefix in REGISTRIES.items():
        for queue in queues:
            place, start, before = Place(prefix + queue, "zset"), 0, list[str]()
            while ids := records.ids_at(place, start, records.CHUNK):
                old = [job_id for job_id, fields in zip(ids, records.read(ids), strict=True) if _is_old(fields, before_s)]
                start += len(ids) if old == before else len(ids) - len(old)
                if old and old != before:
                    yield name, place.key, old
                before = old


def _is_old(fields: dict[str, str], before_s: float) -> bool:
    if not fields.get("status"):
        return True  # only its entry is left
    if fields["status"] not in OVER:
        return False
    try:
        ended = datetime.fromisoformat(fields.get("ended_at") or fields.get("created_at") or "")
    except ValueError:
        return False
    return (ended if ended.tzinfo else ended.replace(tzinfo=UTC)).timestamp() < before_s


def delete(registry: str, job_ids: Sequence[str]) -> int:
    """Delete jobs of a registry (its key) that are still over, with their results; returns how many."""
    return sum(_delete(registry=registry, rq=keys.RQ, ids=part) for part in chunks.of(job_ids, AT_ONCE))


@scripts.script("engine/delete_jobs")
def _delete(*, registry: str, rq: str, ids: Sequence[str]) -> int:
    raise scripts.InLua
