"""Many companies enriched: each is a job of its own, and one job waits for them and says how far they are."""

from collections.abc import Sequence
from typing import Any

import models
import queues
from state.engine import dedup
from state.store import connection
from topics.leads import child_outcomes, children, llm_facts, processing
from topics.leads.children import Child
from topics.scraping import config as configs
from topics.scraping import stored

ENRICH_COMPANY = "jobs.lead_scores.enrich_company"


def call(
    func: Any, ids: Sequence[str], owner: str | None, queue: str | None = None, *, ask_llm: bool = False, render: bool = False
) -> models.Call:
    """The checked call that enriches companies by the job `func`. `owner`: whose they must be, None = whoever's.

    Raises ArgumentError for none, too many, and a language model that is not configured; NotFound for a company there is not;
    ConfigError for `render` without a browser.
    """
    if render:
        configs.of({"render": True})
    if ask_llm:
        llm_facts.check()
    made = processing.call(func, ids, owner, queue)
    made.args = (*made.args, ask_llm, queue or queues.DEFAULT, render)
    return made


def run(ids: Sequence[str], ask_llm: bool, queue: str, *, render: bool = False) -> dict[str, Any]:
    """Enrich them all. Raises NotNow until each is over; one that fails does not stop the others.

    Where none could be enriched, the list is kept all the same, and an error of the category of most of theirs is raised.
    """
    job_id = queues.current_job_id() or dedup.direct_owner()
    func = queues.function(ENRICH_COMPANY)
    calls = [children.call(job_id, one, models.Call(func, (one, ask_llm, render), queue=queue)) for one in ids]
    seen = children.follow(calls)
    child_outcomes.progress(seen, "companies enriched")
    children.wait(seen, "companies")
    told = {"enriched": child_outcomes.counts(seen)["done"], **child_outcomes.outcome(seen)}
    with connection.errors_translated():
        stored.put_result(job_id, {**told, "items": [_item(one, child) for one, child in zip(ids, seen, strict=True)]})
    child_outcomes.check_any(job_id, seen, "enriched")
    return {**told, "result": job_id}


def _item(company_id: str, child: Child) -> dict[str, str]:
    return {"company": company_id, "status": child.state, "error": child.error, "job": child.id}
