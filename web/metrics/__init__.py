"""/metrics for Prometheus: the commands that a scrape costs do not depend on the number of jobs, and none of them writes."""

import threading
from typing import Any

from flask import Response, current_app, request
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder

import config
import queues
from web import access
from web.errors import Problem
from web.metrics.collector import Collector
from web.metrics.replies import Replies

#: Scrapes at a time: where Redis is slow they must not pile up.
AT_A_TIME = 4


#: The formats of a reply.
TEXTS: Any = {
    200: {"content": {name: {"schema": {"type": "string"}} for name in ("text/plain", "application/openmetrics-text")}},
}


def register(app: OpenAPI) -> None:
    """The route. With METRICS_OPEN it asks nobody for a key."""
    mark: Any = access.public if config.settings().metrics_open else access.needs(access.Role.VIEWER)
    queues.load_jobs()  # their kinds are the labels
    replies = Replies()
    app.after_request(replies.note)
    app.extensions["trawl_metrics"] = registry(replies)
    app.get("/metrics", responses=TEXTS, tags=[Tag(name="Health")], summary="Figures for Prometheus")(mark(_view()))


def registry(replies: Replies) -> CollectorRegistry:
    """What is exposed: our figures, and replies, memory, CPU time and open files of this process."""
    found = CollectorRegistry(auto_describe=False)
    found.register(Collector())
    found.register(replies)
    ProcessCollector(registry=found)
    PlatformCollector(registry=found)
    return found


def _view() -> Any:
    guard = threading.BoundedSemaphore(AT_A_TIME)

    def metrics() -> Response:
        """The figures in the format that the client asks for: Prometheus' text, or OpenMetrics."""
        if not guard.acquire(blocking=False):
            raise Problem(503, f"{AT_A_TIME} scrapes run already.", headers={"Retry-After": "1"})
        try:
            encode, content_type = choose_encoder(request.headers.get("Accept", ""))
            body = encode(current_app.extensions["trawl_metrics"])
        finally:
            guard.release()
        return Response(body, content_type=content_type, headers={"Cache-Control": "no-store"})

    return metrics
