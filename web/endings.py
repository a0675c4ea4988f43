"""Whether a job, a batch or a crawl has ended: read from its record."""

from state.engine import records
from state.scraping import ledgers
from state.store import connection

#: RQ's words for a job that does nothing more.
FINAL = frozenset({"finished", "failed", "stopped", "canceled"})


def is_over(id_: str) -> bool:
    """Whether nothing is to be waited for any more. An id of which there is no record (any more) is over, too.

    A batch or crawl has the id of the job that opens it: it is over when its ledger is. Raises StoreUnreachable.
    """
    with connection.errors_translated():
        ledger = ledgers.read(id_)
        [fields] = records.read([id_])
    status = fields.get("status", "")
    if ledger is None:
        return not status or status in FINAL
    opened_in_vain = ledger.state == "opening" and status in FINAL - {"finished"}
    return ledger.is_over or opened_in_vain
