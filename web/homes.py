"""The queues of jobs, for a stream that tells of some queues only: an event does not name its queue."""

from collections import OrderedDict

from errors import SystemFault
from state.engine import records
from state.store import connection
from topics.operations import job_records
from web.subscription import Event

#: Jobs whose queue one stream remembers.
MOST_KNOWN = 2000


class Homes:
    """Filters events by queue. A job that is gone, and a batch or crawl, which has no queue, pass no such filter."""

    def __init__(self, queues: frozenset[str]) -> None:
        self._queues = queues
        self._known: OrderedDict[str, str] = OrderedDict()

    def takes(self, event: Event) -> bool:
        """Whether the event's job is in one of the queues; True where all are taken."""
        if not self._queues or event.change is None:
            return True
        job_id = event.change.job_id
        if job_id not in self._known:
            self._known[job_id] = self._queue_of(job_id)
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return self._known[job_id] in self._queues

    def _queue_of(self, job_id: str) -> str:
        try:
            with connection.errors_translated():
                found = job_records.of_record(job_id, records.read([job_id])[0])
        except SystemFault:
            return ""
        return found.queue if found else ""
