"""What a check saw, small enough to be kept for every keyword: whose pages rank, which features the result page shows."""

import functools
from datetime import date

from parsing import domains, marks, urls
from state.tracking.serp_summaries import MOST_HOSTS, Summary
from topics.tracking import records


def of_check(stored: records.StoredCheck, day: date) -> Summary:
    """The summary of a check that read its pages; `day` is that of its rank."""
    ours = [(marks.without(row.url) if row.url else "", row.rank) for row in stored.organic if row.ours]
    shown = [(domain_of(row), row.rank) for row in stored.organic if row.rank <= MOST_HOSTS]
    return Summary(
        day,
        hosts=tuple((domain, rank) for domain, rank in shown if domain),
        features=frozenset(stored.features),
        ours=tuple(ours),
        scanned=stored.rank.scanned,
        cited=stored.rank.cited,
        sandbox=stored.sandbox,
        sourced=bool(stored.cited),
    )


def domain_of(row: records.StoredOrganic) -> str | None:
    """The registrable domain of a result, an IP address as it is; None where the result shows no host."""
    host = urls.host_of(row.url) if row.url else row.displayed_host
    return _domain(host) if host else None


@functools.lru_cache(10_000)
def _domain(host: str) -> str:
    is_address = ":" in host or host.rpartition(".")[2].isdigit()
    return host if is_address else domains.registrable(host) or host
