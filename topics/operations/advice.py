"""What to do about a job that failed, in one sentence: by the class of its error, else by how it ended, else by category.

Also where to look on: the state of the host and of the provider it needed.
"""

from urllib.parse import quote

import errors
from models import JobStatus
from topics.operations.job_records import Job

#: Class of errors.py → what to do; it holds for the classes below it that have none.
OF_CLASS = {
    "ProviderBusy": "The provider takes no more requests at once: lower SERP_CONCURRENCY to what its plan allows.",
    "NoSuchHost": "Its name has no address: correct the host in the URL, or wait until its owner has it in the DNS again.",
    "BadCertificate": "Open the page in a browser: its owner must renew the certificate, or the URL names another host.",
    "RobotsUnreachable": "Nothing may be fetched while robots.txt fails: see the host; run the job again when it answers.",
    "Unreachable": "See the state of its host; when that answers again, run the job again.",
    "PageLate": "The page took too long: run it again when its host is less busy, or raise REQUEST_TIMEOUT.",
    "PageCutOff": "The host broke the page off: run the job again; if that repeats, the page itself is broken.",
    "NetworkError": "The other side did not answer: run the job again when its host or the provider works again.",
    "BlockedError": "A wall stood in place of the page: lower the rate for its host, wait some hours, or render it in a browser.",
    "ArgumentError": "Correct the arguments, and run it again with them: `python manage.py jobs retry ID --arguments JSON`.",
    "NotFound": "What it was to work on is gone: see that the id is right, or leave the job.",
    "AlreadyExists": "What it was to make is there already: nothing is left to do.",
    "WrongState": "What it works on has changed meanwhile: look at it first, then run the job again if it is still needed.",
    "Conflict": "Another job has the same dedup key: wait for that one.",
    "ResultError": "Its result cannot be kept: store large data elsewhere and return its key, or raise RESULT_MAX_KB.",
    "NotAllowed": "The robots.txt of the host forbids the page: leave it, or ask its owner.",
    "RefusedAddress": "The address leads into a private network: if that is meant, allow it in FETCH_ALLOW_NETWORKS.",
    "BadUrl": "Correct the address, and submit the job again.",
    "PageTooLarge": "The page is larger than its limit: leave it, or ask for the page alone without its files.",
    "TooManyRedirects": "The page sends on in a circle: open it in a browser, and submit the address it ends at.",
    "ParseFailure": "The page was kept: look at it; if its markup changed, update Trawl and run `python manage.py serp reparse`.",
    "WrongPage": "The page answers another query, and was kept: look at it; if that repeats, tell the provider.",
    "BadAnswer": "The language model gave no usable answer: make the schema or the question simpler, or set another LLM_MODEL.",
    "DataError": "The input is wrong, and another run gives the same: correct it, and submit the job again.",
    "OutOfPages": "Raise the quota of the API key (`python manage.py apikey set`), or wait for the next month.",
    "OutOfCredits": "Buy credits at the provider, or wait for its next period; then `python manage.py serp resume`.",
    "BudgetError": "Raise the budget (`python manage.py budget set`), or wait for the next period.",
    "NotNow": "It waited for longer than a job may: end what it waited for (`python manage.py why ID`), and run it again.",
    "BadToken": "Set the right token (SCRAPEDO_TOKEN), start the workers again, then `python manage.py serp resume`.",
    "UnsafeStore": "Redis may lose jobs as it is set: `python manage.py doctor` names the setting to change.",
    "ConfigError": "A setting is missing or wrong: `python manage.py check` names it; run the job again when it is right.",
    "Unconfirmed": "Too few replicas confirmed the write: see their state, then submit again; the dedup key keeps doubles away.",
    "StoreUnreachable": "Redis did not answer: `python manage.py doctor` says how it is; run the job again when it answers.",
    "LostClaim": "Another job took the work over: nothing is left to do.",
    "TimedOut": "It ran longer than its limit: raise `timeout_s` of its @job, or give it less to do at once.",
    "Crashed": "Its process ended in the middle: see the worker's log of that time, and give it less to do at once.",
    "Poisoned": "It killed its process again and again: find the cause in the worker's log before it runs again.",
    "SystemFault": "This machine or its store failed: `python manage.py doctor` and `check` name what; run the job again after.",
    "TrawlError": "See its message and traceback (`python manage.py jobs show ID`); run it again when the cause is gone.",
}

#: How a job ended (its field `failure`) → the class that says so.
OF_FAILURE = {"timed_out": "TimedOut", "crashed": "Crashed", "poisoned": "Poisoned"}

#: Classes of Python for which there is more to say than for a fault of the code of a job.
OF_OTHERS = {
    "MemoryError": "It needs more memory than there is: give it less to do at once, or a machine with more.",
    "ModuleNotFoundError": "A library is missing: install the requirements of this version, and start the workers again.",
    "OSError": "This machine refused a file or a connection: its message says which; run the job again after mending it.",
    "PermissionError": "The user of the worker may not touch that file: give it the right, and run the job again.",
}

#: What there is to say of any other error of the code of a job.
OF_CODE = "The code of the job broke: its traceback names the line (`python manage.py jobs show ID`). Mend it, then run it again."

#: By category alone, where nothing else is known.
OF_CATEGORY = {
    "network": OF_CLASS["NetworkError"],
    "blocked": OF_CLASS["BlockedError"],
    "data": OF_CLASS["DataError"],
    "budget": OF_CLASS["BudgetError"],
    "config": OF_CLASS["ConfigError"],
    "system": OF_CLASS["SystemFault"],
}

#: Classes after which the state of the provider tells more, and kinds of jobs that need it.
OF_PROVIDER, PROVIDED = frozenset({"ProviderBusy", "OutOfCredits", "BadToken"}), frozenset({"serp"})

HAS_FAILED = (JobStatus.FAILED, JobStatus.RETRY)


def of(job: Job) -> str | None:
    """What to do about a job that failed, or whose last attempt did; None for any other. Never longer than a sentence or two."""
    if job.status not in HAS_FAILED or not job.error_category:
        return None
    if job.failure in OF_FAILURE:
        return _named(OF_CLASS[OF_FAILURE[job.failure]], job)
    return _named(_of_class(job.error_class or "", job.error_category), job)


def links(job: Job) -> dict[str, str]:
    """Where to look on about a job that failed: paths of the API to the state of its host and of the provider."""
    found = {}
    if job.status in HAS_FAILED:
        if job.host:
            found["host"] = f"/api/v1/hosts/{quote(job.host, safe='')}"
        if needs_provider(job):
            found["provider"] = "/api/v1/status"
    return found


def commands(job: Job) -> list[str]:
    """The same, as commands."""
    if job.status not in HAS_FAILED:
        return []
    host = [f"hosts show {job.host}"] if job.host else []
    return [f"python manage.py {one}" for one in (*host, *(["status"] if needs_provider(job) else []))]


def needs_provider(job: Job) -> bool:
    """Whether the provider's state tells more about a failure."""
    return job.kind in PROVIDED or (job.error_class or "") in OF_PROVIDER


def _of_class(name: str, category: str) -> str:
    kind = vars(errors).get(name)
    if isinstance(kind, type) and issubclass(kind, errors.TrawlError):
        return next(OF_CLASS[one.__name__] for one in kind.__mro__ if one.__name__ in OF_CLASS)
    if name in OF_OTHERS:
        return OF_OTHERS[name]
    return OF_CODE if name and category == "system" else OF_CATEGORY.get(category, OF_CODE)


def _named(advice: str, job: Job) -> str:
    """With the id of the job where the advice names a command for it."""
    return advice.replace(" ID", f" {job.id}")
