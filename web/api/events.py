"""What happens, as it happens: event streams (Server-Sent Events) of one job, batch or crawl, and of all."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field

import queues
from errors import ArgumentError, NotFound
from state.engine.changes import KIND, Change
from topics.operations import jobs, states
from web import access, job_stream, leaving, streams
from web.admission import Admission
from web.errors import RESPONSES
from web.homes import Homes
from web.hub import hub
from web.job_stream import JobStream
from web.models import Strict

api = APIBlueprint("events", __name__, url_prefix="/api/v1")

STREAM: dict[Any, Any] = {**RESPONSES, 200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}
JOB_STREAM = {**STREAM, 204: {"description": "It is over, and nothing came after Last-Event-ID: do not come back."}}

LAST = "Last-Event-ID"


class JobPath(Strict):
    """Whose events."""

    job_id: str = Field(description="id of a job, a batch or a crawl", max_length=200)


class StreamPlace(Strict):
    """Where a stream goes on."""

    last_event_id: str = Field("", description="As the header Last-Event-ID, for who can send none.", max_length=100)


class EventFilters(StreamPlace):
    """Which events. Several values of one filter stand between commas. An event must pass all filters."""

    kind: str = Field("", description="kinds of jobs, e.g. scrape,serp; batch and crawl are kinds, too", max_length=500)
    queue: str = Field("", description="queues: high, default, low", max_length=100)
    status: str = Field("", description="states after the event, e.g. completed,failed", max_length=200)


@api.get("/jobs/<job_id>/events", summary="Events of a job", responses=JOB_STREAM)
def job_events(path: JobPath, query: StreamPlace) -> Response:
    """Events of one job, batch or crawl, from its state now to its end. The header Last-Event-ID goes on after an event."""
    found = jobs.get_job_status(path.job_id)
    if not access.may_see(getattr(found, "owner", "")):
        raise NotFound(f"No job {path.job_id!r:.80}: it never existed, or ended longer ago than HISTORY_DAYS.")
    after = request.headers.get(LAST, query.last_event_id)
    with streams.begin() as held:
        stream = held.enter_context(hub().subscribe(job_stream.takes(path.job_id), after=after, quiet_s=job_stream.LOOK_S))
        leaving.call(stream.end)
        told = JobStream(path.job_id, stream, resumed=bool(after))
        if told.is_over:
            return Response(status=204)
        return streams.reply(iter(told), held.pop_all())


@api.get("/events", summary="Events of all jobs", responses=STREAM)
def all_events(query: EventFilters) -> Response:
    """Events of all jobs, batches and crawls that you may see, until you leave. Last-Event-ID goes on after an event.

    The event `lost` says that events are missing, because you read too slowly or were away too long: read the lists anew.
    """
    takes, after = _takes(query), request.headers.get(LAST, query.last_event_id)
    with streams.begin() as held:
        stream = held.enter_context(hub().subscribe(takes, after=after))
        leaving.call(stream.end)
        return streams.reply(streams.told(stream, Homes(_words(query.queue, queues.named)).takes, Admission()), held.pop_all())


def _takes(query: EventFilters) -> Callable[[Change], bool]:
    """The filter of a caller: what it may see and asks for."""
    kinds = _words(query.kind, _kind)
    statuses = _words(query.status, lambda word: states.named(word).value)
    sees_all, mine = access.may_see("somebody else"), access.owner()  # the reader's thread knows no caller

    def takes(change: Change) -> bool:
        status = streams.AFTER.get(streams.name_of(change.outcome))
        fits = (not kinds or change.kind in kinds) and (not statuses or status in statuses)
        return fits and (sees_all or getattr(change, "owner", "") == mine)

    return takes


def _words(text: str, named: Callable[[str], str]) -> frozenset[str]:
    return frozenset(named(word.strip()) for word in text.split(",") if word.strip())


def _kind(word: str) -> str:
    if not KIND.fullmatch(word):
        raise ArgumentError(f"no kind {word!r:.60}: it must be up to 40 letters, digits, - and _.")
    return word
