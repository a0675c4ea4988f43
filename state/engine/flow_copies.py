"""What was paused and disabled by hand, put by an import as it was: since when, by whom, why and until when."""

import json
from collections.abc import Mapping

from state.engine import keys as own_keys
from state.engine.schedule_records import Record
from state.engine.schedule_switches import HAND
from state.store import connection, keys

#: Fields of the record of an entry that is disabled.
SWITCH = ("off_reason", "off_by", "off_since", "off_until")


def put_pause(scope: str, reason: str, actor: str, since_ms: int, until_ms: int | None) -> None:
    """Put a pause in place of the one that a scope has. Safe to repeat."""
    until = "" if until_ms is None else str(until_ms)
    pause = {"reason": reason, "actor": actor, "since_ms": str(since_ms), "until_ms": until}
    with connection.client().pipeline() as pipe:
        pipe.hset(keys.PAUSES, scope, json.dumps(pause, ensure_ascii=False))
        if until_ms is None:
            pipe.zrem(keys.PAUSE_ENDS, scope)
        else:
            pipe.zadd(keys.PAUSE_ENDS, {scope: until_ms})
        pipe.execute()


def switch(record: Record) -> dict[str, str] | None:
    """Why an entry is disabled by hand, by the names of SWITCH; None where it is not."""
    if record.off != HAND:
        return None
    found = connection.client().hmget(keys.schedule(record.id), *SWITCH)
    return {name: value.decode(errors="replace") for name, value in zip(SWITCH, found, strict=True) if value}


def put_switch(entry: str, fields: Mapping[str, str]) -> None:
    """Disable an entry as it was where it comes from, also one that no scheduler has registered yet. Safe to repeat."""
    record, until_ms = keys.schedule(entry), fields.get("off_until", "")
    due = connection.client().zscore(keys.RQ_SCHEDULER_JOBS, entry)
    with connection.client().pipeline() as pipe:
        pipe.zrem(keys.RQ_SCHEDULER_JOBS, entry)
        pipe.sadd(keys.SCHEDULES, entry)
        pipe.hset(record, mapping={"off": HAND, **{name: fields.get(name, "") for name in SWITCH}})
        if due is not None:
            pipe.hset(record, "due", str(due))
        if until_ms:
            pipe.zadd(own_keys.RETURNS, {entry: int(until_ms)})
        else:
            pipe.zrem(own_keys.RETURNS, entry)
        pipe.execute()
