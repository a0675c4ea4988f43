"""RQ's job class without its unsafe parts, for RQ's own tools and RQ's follow-up of a job."""

from collections.abc import Callable
from typing import Any

import rq.job
from rq.serializers import JSONSerializer

from engine import registry

__all__ = ["JSONSerializer", "Job"]


class Job(rq.job.Job):
    """RQ's job. It reads JSON instead of pickle, and runs registered functions only."""

    def __init__(self, id: str | None = None, connection: Any = None, serializer: Any = None) -> None:
        super().__init__(id, connection, serializer or JSONSerializer)

    def restore(self, raw_data: Any) -> Any:
        """As RQ's, without callbacks and webhooks: a name in Redis is never imported, an address there never called from here."""
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []

    @property
    def func(self) -> Callable[..., Any]:
        """The registered function; any other name raises ArgumentError and is never imported."""
        return registry.function(self.func_name or "")
