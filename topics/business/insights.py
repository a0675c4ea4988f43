"""Questions about a site: taken once its pages are there, answered by a job.

By rules, and where a language model is set and its budget allows, in its words (`generating.py`).
"""

from collections.abc import Sequence
from typing import Any

import clock
import errors
import models
import queues
from state.engine import dedup
from state.store import connection
from topics import llm
from topics.business import sites
from topics.business.answers import Answerer
from topics.business.generating import Writer
from topics.scraping import stored

#: Questions of one request, and characters of one.
MOST_QUESTIONS, MOST_CHARS = 50, 500

#: The model is asked for so long (s); what is left then is answered by rules.
ASKING_S = 600.0

#: How long the record of the job is kept (s).
KEPT_S = 24 * 3600


def call(func: Any, site_name: str, questions: Sequence[str], owner: str | None = None, queue: str | None = None) -> models.Call:
    """The call that answers questions by the job `func`, checked. `owner`: whose sites count, None = everybody's.

    Raises NotFound for a site that nobody scraped, and ArgumentError for no, too many or too long questions.
    """
    asked = checked(questions)
    known = sites.find(site_name, owner)
    return models.Call(func, (known.job, asked), queue=queue, labels={"host": known.site}, keep_s=KEPT_S)


def checked(questions: Sequence[str]) -> list[str]:
    """The questions, each on one line. Raises ArgumentError as `call` does."""
    asked = [" ".join(one.split()) for one in questions]
    if not 1 <= len(asked) <= MOST_QUESTIONS:
        raise errors.ArgumentError(f"Ask 1 to {MOST_QUESTIONS} questions at once, not {len(asked)}.")
    for number, one in enumerate(asked, 1):
        if not 1 <= len(one) <= MOST_CHARS:
            raise errors.ArgumentError(f"Question {number} has {len(one)} characters: write 1 to {MOST_CHARS}.")
    return asked


def run(scrape_id: str, questions: Sequence[str]) -> dict[str, Any]:
    """Answer as a job: the answers are kept under its id for RESULT_DAYS, and a summary is returned. Raises as `answer` does.

    Each answer is kept as it comes: a job that runs again pays for none of them twice.
    """
    job_id = queues.current_job_id() or dedup.direct_owner()
    told = answer(scrape_id, questions, job_id=job_id)
    with connection.errors_translated():
        stored.put_result(job_id, told)
    found = sum(one["found"] for one in told["answers"])
    return {"site": told["site"], "answered": found, "refused": len(told["answers"]) - found, "result": job_id}


def answer(scrape_id: str, questions: Sequence[str], *, by_rules: bool = False, job_id: str = "") -> dict[str, Any]:
    """Answers from what this scrape of a site kept. Raises NotFound where it is not kept any more.

    `by_rules`: no model is asked, whatever is set. `job_id`: whose answers of an earlier run stand, where they were paid for.
    """
    with connection.errors_translated():
        site = stored.result(scrape_id)
        before = (stored.result(job_id) if job_id else None) or {}
    if site is None:
        raise errors.NotFound(f"The pages of {scrape_id} are not kept any more (RESULT_DAYS): scrape the site again.")
    answerer = Answerer(site)
    writer = None if by_rules or not llm.is_configured() else Writer(answerer)
    paid = {one["question"]: one for one in before.get("answers", []) if one.get("by") == "llm"}
    told: dict[str, Any] = {"site": site["site"], "scraped_at": site["scraped_at"], "scrape": scrape_id, "answers": []}
    until = clock.monotonic() + ASKING_S
    for number, question in enumerate(questions, 1):
        one = paid.get(question) or answerer.answer(question)
        if writer and question not in paid:
            one = writer.answer(one) if clock.monotonic() < until else {**one, "why": "the time for asking the model is over"}
            if job_id and one["by"] == "llm":
                _keep(job_id, {**told, "answers": [*told["answers"], one]})
        told["answers"].append(one)
        queues.progress(number, len(questions), "questions answered")
    if writer:
        told["llm"] = {"model": writer.model, "answers": writer.asked, "cost_micro_usd": writer.cost_micro_usd}
    return told


def _keep(job_id: str, told: dict[str, Any]) -> None:
    with connection.errors_translated():
        stored.put_result(job_id, told)


def kept(task_id: str) -> dict[str, Any] | None:
    """The answers of a job; None where they are not kept (any more)."""
    with connection.errors_translated():
        return stored.result(task_id)
