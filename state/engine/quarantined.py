"""The quarantine: what stood in a queue and is no job of ours, and why."""

import json

import chunks
import clock
from state.engine import leases
from state.store import connection, keys

#: Records dropped by one command.
AT_ONCE = 200


def put(job: leases.Leased, reason: str) -> None:
    """Keep a record of what is no job of ours, and why."""
    value = json.dumps({"reason": reason, "queue": job.queue, "at_ms": round(clock.now().timestamp() * 1000)})
    connection.client().hset(keys.QUARANTINE, job.id, value)


def forget(older_than_s: float) -> int:
    """Drop records of the quarantine that are older, or that cannot be read; says how many."""
    before_ms = connection.now().timestamp() * 1000 - older_than_s * 1000
    old = []
    for name, value in connection.client().hscan_iter(keys.QUARANTINE, count=AT_ONCE):
        try:
            if json.loads(value)["at_ms"] >= before_ms:
                continue
        except (ValueError, KeyError, TypeError):
            pass
        old.append(name)
    return sum(int(connection.client().hdel(keys.QUARANTINE, *part)) for part in chunks.of(old, AT_ONCE))
