"""The three queues, and what users of the engine call.

    @queues.job(queue="high", kind="serp", timeout_s=300)
    def track_keyword(keyword_id: str) -> str: ...

    submission = queues.submit(serp.track_keyword, "4k2j…")

`@job` registers the function under its dotted path and returns it unchanged (engine/registry.py). `submit` puts a call of the
function into its queue (engine/submission.py). Inside a job, `progress` records how far the job is, and `note` what people should
know (engine/context.py).
"""

from engine.context import Run, cancelled, current_job_id, current_run, note, progress
from engine.metering import fetched as pages_fetched
from engine.metering import more as take_more_pages
from engine.metering import settle_over as settle_pages
from engine.ownership import current_owner, owned_by
from engine.registry import (
    DEFAULT,
    HIGH,
    LOW,
    MAX_RETRIES,
    QUEUES,
    check,
    coroutine_functions,
    function,
    is_listed,
    job,
    kinds,
    listed,
    load_jobs,
    named,
    spec_of,
)
from engine.rq_job import Job
from engine.submission import JOB_ID, cancel, prepare, submit, submit_after, submit_many

__all__ = [
    "DEFAULT",
    "HIGH",
    "JOB_ID",
    "LOW",
    "MAX_RETRIES",
    "QUEUES",
    "Job",
    "Run",
    "cancel",
    "cancelled",
    "check",
    "coroutine_functions",
    "current_job_id",
    "current_owner",
    "current_run",
    "function",
    "is_listed",
    "job",
    "kinds",
    "listed",
    "load_jobs",
    "named",
    "note",
    "owned_by",
    "pages_fetched",
    "prepare",
    "progress",
    "settle_pages",
    "spec_of",
    "submit",
    "submit_after",
    "submit_many",
    "take_more_pages",
]
