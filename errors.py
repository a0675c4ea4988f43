"""Every error Trawl raises, and what each means for a retry.

    TrawlError                 base; one line that names the value or setting and the remedy
    ├── NetworkError           timeout, refused connection, 5xx: the other side may be back in a minute
    │   └── ProviderBusy       the provider's concurrency is used up (429): free, try again soon
    ├── BlockedError           captcha, consent or JavaScript gate instead of the page we asked for
    ├── DataError              the input or the page is wrong: trying again gives the same
    │   ├── ArgumentError      an argument or option of the caller's (exit code 2)
    │   ├── NotFound           an id that names nothing
    │   ├── AlreadyExists      an id that is taken
    │   ├── Conflict           a dedup key that a job with another call holds
    │   ├── ResultError        a result that cannot be kept: JSON would change or refuse it, or it is too large
    │   ├── ParseFailure       an ordinary page in which nothing was found; the page is kept for study, and retried
    │   └── WrongPage          a page that answers another query; the page is kept for study, and retried
    ├── BudgetError            no money or credits left: wait for the next period
    │   └── OutOfCredits       the provider refuses for lack of credits, or the account is suspended
    ├── NotNow                 the job may not run yet: it is parked until a moment, and nothing is spent
    ├── ConfigError            a setting or key is missing or wrong: retrying cannot help
    │   └── BadToken           the provider refuses the token
    └── SystemFault            this machine: disk full, no Redis, a broken store
        ├── StoreUnreachable   Redis does not answer
        │   └── Unconfirmed    Redis wrote the job, but too few replicas confirmed it (SUBMIT_WAIT_REPLICAS)
        ├── UnsafeStore        Redis answers but may lose jobs (evicts, not persistent, too old)
        ├── LostClaim          another job took over the claim on this work; the late outcome is refused
        ├── TimedOut           the job ran longer than its time limit
        ├── Crashed            the process that ran the job ended in the middle of it
        └── Poisoned           the process of the job died too often, so the job is not tried again

    Interruption               raised inside a running job; a BaseException, so that `except Exception` does not catch it
    ├── JobTimeout             its time is up
    ├── JobCancelled           somebody cancelled it
    └── LeaseLost              the lease ended and another worker may have the job; this execution no longer counts

The retry code reads three class attributes and nothing else. `category` is a word of `CATEGORIES`. `retryable` decides about a
retry. `retry_after_s` is the delay before the first retry in seconds; the back-off grows from there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

CATEGORIES = ("network", "blocked", "data", "budget", "config", "system")


class TrawlError(Exception):
    """Base of all errors of this project; `str(error)` is one line fit for a user."""

    category = "system"
    retryable = False
    retry_after_s = 60


class NetworkError(TrawlError):
    """The other side did not answer, or answered that it failed."""

    category = "network"
    retryable = True


class ProviderBusy(NetworkError):
    """Too many requests at once (429); not billed."""

    retry_after_s = 15


class BlockedError(TrawlError):
    """A captcha, a consent page or a JavaScript gate came instead of the page. `page_class` says which."""

    category = "blocked"
    retryable = True
    retry_after_s = 300

    def __init__(self, message: str, page_class: str = "captcha") -> None:
        super().__init__(message)
        self.page_class = page_class


class DataError(TrawlError):
    """The input is wrong; trying again cannot help."""

    category = "data"


class ArgumentError(DataError):
    """An argument or option with a value that is not allowed."""


class NotFound(DataError):
    """An id that names nothing here."""


class AlreadyExists(DataError):
    """An id that is taken."""


class Conflict(DataError):
    """A job with another call holds the dedup key that the caller chose.

    `submissions` has one item for each call that was submitted together, in order. None: the call was not submitted, because its
    key is held by another call.
    """

    def __init__(self, message: str, submissions: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.submissions = list(submissions)


class ResultError(DataError):
    """The result of a job cannot be kept, or shows that the job never ran. Not retried: another run would return the same."""


class ParseFailure(DataError):
    """An ordinary page in which nothing was found. Its markup changed, or the page was cut short."""

    retryable = True
    retry_after_s = 600


class WrongPage(DataError):
    """A page that answers another query than the one that was asked."""

    retryable = True
    retry_after_s = 300


class BudgetError(TrawlError):
    """Money or credits are used up. Work waits for the next period."""

    category = "budget"


class OutOfCredits(BudgetError):
    """The provider has no credits left for us, or suspended the account."""


class NotNow(TrawlError):
    """Raised by a job that may not run yet: a host asked for a pause, a breaker is open, a budget is spent.

    The job is parked until then. It spends no attempt and no retry, holds no thread, and keeps its dedup claim. `reason` is one
    short line, the same for all jobs that wait for the same thing: `status` counts by it.
    """

    def __init__(self, until: datetime, reason: str) -> None:
        if until.tzinfo is None:
            raise ArgumentError(f"NotNow needs a time with its zone, not {until!r}.")
        super().__init__(reason)
        self.until = until


class ConfigError(TrawlError):
    """A setting or key is missing or wrong."""

    category = "config"


class BadToken(ConfigError):
    """The provider refuses the token."""


class SystemFault(TrawlError):
    """This machine or its store failed, not the work."""

    retryable = True


class StoreUnreachable(SystemFault):
    """Redis does not answer."""

    retry_after_s = 5


class Unconfirmed(StoreUnreachable):
    """The jobs are written, but fewer replicas than SUBMIT_WAIT_REPLICAS confirmed them in time.

    The jobs will run, unless the primary is lost before it has replicated them. Submit again to be sure: with the same dedup key
    or job id nothing is queued twice. `job_ids` names the jobs that were submitted.
    """

    def __init__(self, message: str, job_ids: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.job_ids = list(job_ids)


class UnsafeStore(SystemFault):
    """Redis answers, but its settings may lose jobs."""

    category = "config"
    retryable = False


class LostClaim(SystemFault):
    """Another job holds the claim on this work, so the outcome of this job is refused."""

    retryable = False


class TimedOut(SystemFault):
    """The job ran longer than its time limit."""


class Crashed(SystemFault):
    """The process that ran the job ended before the job did: out of memory, a segmentation fault, a kill."""


class Poisoned(SystemFault):
    """The process of the job died too often, so the job is not tried again."""

    retryable = False


class Interruption(BaseException):
    """Ends a running job from outside. Not an Exception, so a job that catches every Exception does not catch it."""


class JobTimeout(Interruption):
    """The job's time is up."""


class JobCancelled(Interruption):
    """Somebody cancelled the job."""


class LeaseLost(Interruption):
    """The lease ended, and another worker may have the job. This execution no longer counts."""
