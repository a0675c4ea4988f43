"""Every error Trawl raises, and what each means for a retry.

    TrawlError                 base; one line that names the value or setting and the remedy
    ├── NetworkError           timeout, refused connection, 5xx: the other side may be back in a minute
    │   ├── ProviderBusy       the provider's concurrency is used up (429): free, try again soon
    │   ├── Unreachable        no connection to the server of a page
    │   │   ├── NoSuchHost     its name has no address; not retried
    │   │   └── BadCertificate its certificate is not valid for it; not retried
    │   ├── PageLate           a page was not there in time
    │   └── PageCutOff         a page broke off, or is not written as HTTP or its encoding says
    ├── BlockedError           captcha, consent or JavaScript gate instead of the page we asked for
    ├── DataError              the input or the page is wrong: trying again gives the same
    │   ├── ArgumentError      an argument or option of the caller's (exit code 2)
    │   ├── NotFound           an id that names nothing
    │   ├── AlreadyExists      an id that is taken
    │   ├── WrongState         a job that cannot become what was asked, as it is now
    │   ├── Conflict           a dedup key that a job with another call holds
    │   ├── ResultError        a result that cannot be kept: JSON would change or refuse it, or it is too large
    │   ├── NotAllowed         robots.txt of the host forbids the page
    │   ├── BadUrl             an address that cannot or may not be fetched
    │   │   └── RefusedAddress it leads into a private network, or to our own store
    │   ├── PageTooLarge       a page is larger than its limit, packed or unpacked
    │   ├── TooManyRedirects   a page sends on more often than allowed
    │   ├── ParseFailure       an ordinary page in which nothing was found; the page is kept for study, and retried
    │   ├── BadAnswer          a language model refused, said nothing, or did not keep to the schema
    │   └── WrongPage          a page that answers another query; the page is kept for study, and retried
    ├── BudgetError            no money or credits left: wait for the next period
    │   ├── OutOfPages         the API key has no pages left this month
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
    ├── LeaseLost              the lease ended and another worker may have the job; this execution no longer counts
    └── PutBack                the worker ends, and so does its grace: the job goes back into its queue, nothing spent

The retry code reads `category` (of `CATEGORIES`), `retryable` and `retry_after_s`: seconds to the first retry.
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
    cost_credits: float | None = None  # what a provider charged all the same
    cost_micro_usd: int = 0  # what a language model cost all the same; its upper bound where that is not known


class NetworkError(TrawlError):
    """The other side did not answer, or answered that it failed."""

    category = "network"
    retryable = True


class ProviderBusy(NetworkError):
    """Too many requests at once (429); not billed."""

    retry_after_s = 15


class Unreachable(NetworkError):
    """No connection to the server of a page."""


class NoSuchHost(Unreachable):
    """The name of a server has no address."""

    retryable = False


class BadCertificate(Unreachable):
    """The certificate of a server is not valid for its name, or is signed by nobody we trust."""

    retryable = False


class RobotsUnreachable(Unreachable):
    """The robots.txt of a host cannot be reached, after several tries; RFC 9309 forbids its pages meanwhile."""

    retryable = False


class PageLate(NetworkError):
    """A page was not there, whole, in time."""


class PageCutOff(NetworkError):
    """A page broke off, or its bytes are not what HTTP or its encoding asks for."""


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


class WrongState(DataError):
    """A job cannot become what was asked, as it is now. `allowed` names what it can become."""

    def __init__(self, message: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class Conflict(DataError):
    """A job with another call holds the dedup key. `submissions`: of calls submitted together, in order; None: not submitted."""

    def __init__(self, message: str, submissions: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.submissions = list(submissions)


class ResultError(DataError):
    """The result of a job cannot be kept, or shows that the job never ran. Not retried: another run would return the same."""


class NotAllowed(DataError):
    """The host's robots.txt forbids the page to us."""


class BadUrl(DataError):
    """An address that cannot or may not be fetched."""


class RefusedAddress(BadUrl):
    """An address that leads into a private network, to this machine or to our own store."""


class PageTooLarge(DataError):
    """A page is larger than its limit, packed or unpacked."""


class TooManyRedirects(DataError):
    """A page sends on more often than allowed."""


class ParseFailure(DataError):
    """An ordinary page in which nothing was found. Its markup changed, or the page was cut short."""

    retryable = True
    retry_after_s = 600


class WrongPage(DataError):
    """A page that answers another query than the one that was asked."""

    retryable = True
    retry_after_s = 300


class BadAnswer(DataError):
    """A language model refused, said nothing, or its answer does not keep to the schema. `cost_micro_usd`: it was paid."""


class BudgetError(TrawlError):
    """Money or credits are used up. Work waits for the next period."""

    category = "budget"


class OutOfPages(BudgetError):
    """The API key has fewer pages left this month than the job may fetch."""


class OutOfCredits(BudgetError):
    """The provider has no credits left for us, or suspended the account."""


class NotNow(TrawlError):
    """Raised by a job that may not run yet: it is parked until then; no thread, no attempt, no retry; its dedup claim is kept.
    `reason` is one short line, the same for all jobs that wait for the same thing: `status` counts by it.
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
    """Jobs (`job_ids`) are written, but too few replicas (SUBMIT_WAIT_REPLICAS) said so; a dedup key keeps doubles away."""

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


class PutBack(Interruption):
    """The worker ends, and the grace of its jobs is over. The job goes back into its queue."""
