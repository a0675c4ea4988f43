"""The stream of one job, batch or crawl: its state now, what becomes of it, and its end."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import clock
from errors import NotFound, SystemFault
from state.scraping import ledgers
from topics.operations import jobs, states
from topics.operations.job_records import Job
from web import pasts, streams
from web.admission import Admission
from web.subscription import Event, Subscription

#: A batch or crawl is looked at so often (s): its pages are no events.
LOOK_S = 2.0


class JobStream:
    """What the stream of one id writes. Made after its subscription, so that no event is missed."""

    def __init__(self, job_id: str, stream: Subscription, *, resumed: bool) -> None:
        self._id, self._stream, self._resumed = job_id, stream, resumed
        self.job = jobs.get_job_status(job_id)
        self._past, self._admission = list(stream.before), Admission()
        is_ended = self.job.status in states.ENDED
        self._was_told = is_ended and not self._past and not pasts.is_coming(stream)  # of the end
        self._wrote_at = clock.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether a client that came back has seen everything."""
        return self._resumed and self._was_told

    def __iter__(self) -> Iterator[str]:
        yield streams.GREETING
        if not self._resumed:
            yield self._write("state", self.job, self._stream.since)
        self._stream.before = iter(self._past)
        if self._was_told:
            yield self._write(self.job.status.value, self.job, self._stream.since)
            return
        with suppress(NotFound):  # its record expired
            for event in self._stream:
                if not self._admission.holds():
                    return
                yield from self._told(event)
                if self._was_told:
                    return

    def _told(self, event: Event) -> Iterator[str]:
        if event.name == "quiet" or event.change is None or streams.name_of(event.name) in streams.ENDS:
            yield from self._look(event)
        else:
            self._wrote_at = clock.monotonic()
            yield streams.written(event)

    def _look(self, event: Event) -> Iterator[str]:
        """Read the record anew: at an end, where events are missing, and for what is no event."""
        before = self.job
        with suppress(SystemFault):  # Redis is away: the hub says when it is back
            self.job = jobs.get_job_status(self._id) if self._is_due(event) else before
        if event.name == "lost":
            yield self._write("state", self.job, self._stream.since)
        if self.job.status in states.ENDED:
            self._was_told = True
            yield self._write(self.job.status.value, self.job, event.id or self._stream.since)
        elif self.job.progress != before.progress:
            yield self._write("progress", self.job)
        elif clock.monotonic() >= self._wrote_at + streams.HEARTBEAT_S:
            self._wrote_at = clock.monotonic()
            yield streams.HEARTBEAT

    def _is_due(self, event: Event) -> bool:
        return event.name != "quiet" or ledgers.read(self._id) is not None

    def _write(self, event: str, job: Job, id_: str = "") -> str:
        self._wrote_at = clock.monotonic()
        return streams.write(event, {**streams.snapshot(job), "event": event}, id_)


def takes(job_id: str) -> Any:
    """Which changes the stream of this id takes. A batch or crawl goes on when the job that opened it has ended."""
    is_ledger = ledgers.read(job_id) is not None
    return lambda change: change.job_id == job_id and (not is_ledger or change.outcome in ("over", "halted"))
