"""Redis itself: its memory."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from state.engine.snapshot import Snapshot
from state.store import connection


def collect(seen: Snapshot) -> Iterator[Metric]:
    """Its families; a server that does not say gives none."""
    used, most = connection.memory()
    if used is not None:
        yield GaugeMetricFamily("trawl_redis_memory_bytes", "Memory that Redis uses.", value=used)
    if most is not None:
        yield GaugeMetricFamily(
            "trawl_redis_memory_max_bytes", "Memory that Redis may use (maxmemory); 0 = no limit.", value=most
        )
