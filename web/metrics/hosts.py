"""Hosts and providers: how many were asked lately, and whose breaker is open."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

import config
from state.engine import records
from state.engine.snapshot import Snapshot
from state.scraping import hosts, ledger_looks
from state.tracking import keywords

#: Hosts that are looked at, the latest first, and named at most: a name is a series.
LOOKED_AT, NAMED = 1000, 20


def collect(seen: Snapshot) -> Iterator[Metric]:
    """Their families."""
    yield GaugeMetricFamily("trawl_hosts", "Hosts that were asked in the last two hours.", value=hosts.count())
    found = hosts.open_breakers(LOOKED_AT)
    says = f"Hosts whose breaker is open or half open, of the {LOOKED_AT:,} that were asked last."
    yield GaugeMetricFamily("trawl_host_breakers_open", says, value=len(found))
    named = GaugeMetricFamily("trawl_host_breaker_open", f"1 for a host whose breaker is open; {NAMED} at most.", labels=["host"])
    for host in [] if config.settings().metrics_open else found[:NAMED]:
        named.add_metric([host[:253]], 1)
    yield named
    provider = config.settings().serp_provider
    family = GaugeMetricFamily(
        "trawl_provider_breaker_open", "1 while the breaker of the SERP provider is not closed.", labels=["provider"]
    )
    family.add_metric([provider], hosts.provider_breaker(provider)[0] != "closed")
    yield family
    [running] = records.sizes([ledger_looks.live()])
    yield GaugeMetricFamily("trawl_crawls_open", "Batches and crawls that are not over.", value=running)
    yield GaugeMetricFamily("trawl_keywords_failed", "Keywords whose last check failed.", value=keywords.failed_count())
