"""Companies as leads: scored by the points model, and enriched by what their sites say."""

from collections.abc import Sequence
from typing import Any

import queues
from topics.leads import enriching, enrichments, scores, scoring_again


@queues.job(queue="default", kind="leads", timeout_s=900, retries=3)
def score_companies(company_ids: Sequence[str]) -> dict[str, Any]:
    """Score these companies; each score with the reason and the evidence behind every point."""
    return scores.score(company_ids)


@queues.job(queue="low", kind="leads", timeout_s=3600, retries=3, dedup_key="rescore-companies", shared=True)
def rescore() -> dict[str, Any]:
    """Score all companies again where the model changed or a day is over; what comes out as it was is not written."""
    return scoring_again.rescore()


@queues.job(queue="default", kind="leads", timeout_s=900, retries=3, pages=1)
def enrich_company(company_id: str, ask_llm: bool = False, render: bool = False) -> dict[str, Any]:
    """Read of a company's site what is not known yet, each with its page and time; then score it. `render`: in a browser."""
    return enriching.run(company_id, ask_llm=ask_llm, render=render)


@queues.job(queue="default", kind="leads", timeout_s=900, retries=3)
def enrich_companies(
    company_ids: Sequence[str], ask_llm: bool = False, queue: str = queues.DEFAULT, render: bool = False
) -> dict[str, Any]:
    """Enrich many companies, each as a job of its own; waits for them, and keeps the list of what became of each."""
    return enrichments.run(company_ids, ask_llm, queue, render=render)
