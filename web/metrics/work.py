"""Queues, workers and limits of kinds."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

import queues
from state.engine import limits, tallies
from state.engine.snapshot import Snapshot
from web.metrics import labels


def collect(seen: Snapshot) -> Iterator[Metric]:
    """Their families."""
    yield from _jobs()
    yield from _waits(seen)
    yield from _workers(seen)
    yield from _limits(seen)


def _jobs() -> Iterator[Metric]:
    jobs = GaugeMetricFamily(
        "trawl_jobs",
        "Jobs by queue and state; pending ones include blocked ones, ended ones count while RQ keeps them.",
        labels=["queue", "state"],
    )
    for queue in queues.QUEUES:
        for state, count in tallies.by_state(queue).items():
            jobs.add_metric([queue, state], count)
    yield jobs
    held = tallies.held()
    yield GaugeMetricFamily("trawl_jobs_parked", "Jobs that wait until a moment for a reason.", value=held["parked"])
    yield GaugeMetricFamily("trawl_quarantine_entries", "Entries of queues that were no job.", value=held["quarantined"])


def _waits(seen: Snapshot) -> Iterator[Metric]:
    oldest = GaugeMetricFamily(
        "trawl_queue_oldest_wait_seconds", "How long the next job of a queue has waited.", labels=["queue"]
    )
    serving = GaugeMetricFamily("trawl_queue_workers", "Worker processes that serve a queue.", labels=["queue"])
    for one in seen.waiting:
        waits = (seen.now - one.since).total_seconds() if one.since else 0.0
        oldest.add_metric([one.queue], max(0.0, waits))
        serving.add_metric([one.queue], sum(one.queue in worker.queues for worker in seen.workers))
    yield oldest
    yield serving


def _workers(seen: Snapshot) -> Iterator[Metric]:
    busy = sum(worker.busy for worker in seen.workers)
    workers = GaugeMetricFamily("trawl_workers", "Worker processes that live.", labels=["state"])
    workers.add_metric(["busy"], busy)
    workers.add_metric(["idle"], len(seen.workers) - busy)
    yield workers
    used = sum(worker.memory_mb or 0 for worker in seen.workers) << 20
    yield GaugeMetricFamily("trawl_workers_memory_bytes", "Resident memory of all worker processes.", value=used)
    yield GaugeMetricFamily("trawl_executions_running", "Jobs that workers hold now.", value=seen.running)


def _limits(seen: Snapshot) -> Iterator[Metric]:
    most = GaugeMetricFamily("trawl_limit_places", "Jobs of a limited kind that may run at a time.", labels=["kind"])
    used = GaugeMetricFamily("trawl_limit_places_used", "Jobs of a limited kind that run.", labels=["kind"])
    blocked = GaugeMetricFamily("trawl_jobs_blocked", "Jobs that wait for a place of their kind.", labels=["kind"])
    known = labels.kinds()
    for limit in limits.every(queues.QUEUES):
        if limit.kind in known:
            most.add_metric([limit.kind], limit.most)
            used.add_metric([limit.kind], limit.running)
            blocked.add_metric([limit.kind], limit.blocked)
    yield from (most, used, blocked)
