"""The Redis keys beside the stream of events and of the schedule, with type and lifetime (`state/store/keys.py` has the others).

key                            type    lives
trawl:events:live              stream  60 s        starts and progress of jobs, while somebody follows
trawl:events:wanted            hash    permanent   somebody must be told of ends (*), starts and pages (lua/parts/outbox.lua)
trawl:events:wanted:<id>       string  RESULT_DAYS somebody must be told what becomes of this job, batch or crawl
trawl:events:outbox            stream  permanent   changes that somebody must be told of, until that is under way
trawl:events:roused            string  60 s        the job that reads the outbox is on its way
trawl:schedules:returns        zset    permanent   entry that was disabled for a time → when it is enabled again (ms)
trawl:failures                 zset    30 days     fingerprint of failures → when the last one was (ms), 500 of them at most
trawl:failures:<id>            hash    30 days     what these failures are, and how many (fields: state/engine/failures.py)
trawl:failures:<id>:muted      string  its end     nobody wants to see them until then (JSON)
trawl:children:<job>           set     40 days     ids of the jobs that it submitted and waits for
trawl:bulk:<job>               hash    7 days      how far a job is that acts on many others (state/engine/bulk_records.py)
trawl:bulk:<job>:ids           hash    7 days      the jobs it acts on: number of a block → ids, a line each
trawl:upkeep:<kind>            list    400 days    reports of what keeps house (JSON), the newest first, 200 of them at most
"""

from state.store import keys

LIVE = "trawl:events:live"
WANTED = "trawl:events:wanted"
OUTBOX = "trawl:events:outbox"
ROUSED = "trawl:events:roused"
RETURNS = "trawl:schedules:returns"
FAILURES = "trawl:failures"
CHILDREN = keys.CHILDREN
BULK = "trawl:bulk:"
UPKEEP = "trawl:upkeep:"


def wanted(job_id: str) -> str:
    """Somebody must be told what becomes of it (string)."""
    return f"{WANTED}:{job_id}"


def failure(fingerprint: str) -> str:
    """Failures of one fingerprint (hash)."""
    return f"{FAILURES}:{fingerprint}"


def muted(fingerprint: str) -> str:
    """Nobody wants to see them (string)."""
    return f"{FAILURES}:{fingerprint}:muted"


def children(job_id: str) -> str:
    """Jobs that a job submitted and waits for (set)."""
    return CHILDREN + job_id


def bulk(job_id: str) -> str:
    """How far a job is that acts on many others (hash)."""
    return BULK + job_id


def bulk_ids(job_id: str) -> str:
    """The jobs it acts on (hash)."""
    return f"{BULK}{job_id}:ids"


def upkeep(kind: str) -> str:
    """Reports of a kind of upkeep (list)."""
    return UPKEEP + kind
