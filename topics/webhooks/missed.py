"""What became of a submission before anybody asked to be told of it."""

from collections.abc import Collection

from state.engine import outbox, records
from state.scraping import ledgers

#: RQ's words for a job that does nothing more.
FINAL = frozenset({"finished", "failed", "stopped", "canceled"})


def add(job_id: str, events: Collection[str]) -> None:
    """Put into the outbox what has come by now: the start, where that is wanted, and the end.

    What comes at the same moment by itself makes no second delivery: the moment of the end is in its id. Pages that are over by
    now are not told.
    """
    ledger = ledgers.read(job_id)
    [fields] = records.read([job_id])
    if ledger is not None:
        if "started" in events and ledger.number("started_ms"):
            outbox.add_missed(job_id, "started", ledger.kind)
        if ledger.is_over:
            outbox.add_missed(job_id, "over" if ledger.state == "over" else "halted", ledger.kind)
        return
    if "started" in events and "started_at" in fields:
        outbox.add_missed(job_id, "started", fields.get("kind", ""))
    if fields.get("status") in FINAL:
        outbox.add_missed(job_id, fields["status"], fields.get("kind", ""))
