"""Analytics: reports about companies, and single questions."""

from collections.abc import Mapping, Sequence
from typing import Any

import queues
from topics.analytics import analyses, reports


@queues.job(queue="default", kind="analytics", timeout_s=1800, retries=2)
@queues.listed
def make_report(report_type: str, company_ids: Sequence[str] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Make a report about companies in one pass; it is kept under the id of the job, each figure with the query that made it."""
    return reports.run(report_type, company_ids, options)


@queues.job(queue="default", kind="analytics", timeout_s=1800, retries=2)
@queues.listed
def analyze(query: str, company_ids: Sequence[str] | None) -> dict[str, Any]:
    """Answer one query about companies; the answer is kept under the id of the job."""
    return analyses.run(query, company_ids)
