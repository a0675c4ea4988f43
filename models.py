"""Frozen dataclasses that cross layers. No behaviour beyond what their own fields answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import wording
from page_models import Address as Address
from page_models import Contacts as Contacts
from page_models import Email as Email
from page_models import Form as Form
from page_models import FormField as FormField
from page_models import Found as Found
from page_models import Hours as Hours
from page_models import Name as Name
from page_models import Person as Person
from page_models import Phone as Phone
from page_models import Profile as Profile

# --- a search result page, as parsing.serp reads it -----------------------------------------------------------------


class PageClass(StrEnum):
    """The class of a fetched page. It decides the outcome of a check."""

    RESULTS = "results"
    NO_RESULTS = "no_results"
    CAPTCHA = "captcha"
    JS_REQUIRED = "js_required"
    CONSENT = "consent"
    ANSWER_ONLY = "answer_only"  # an ordinary page with answers, maps or ads and no organic result at all
    PARSE_FAILURE = "parse_failure"


class Confidence(StrEnum):
    """Which tier of rules found the organic results; the most certain tier first."""

    STRICT = "strict"  # every mark of an organic result is there
    RELAXED = "relaxed"  # some marks are missing, the structure agrees
    LOOSE = "loose"  # titles and links only
    NONE = "none"  # nothing found


@dataclass(frozen=True, slots=True)
class Organic:
    """One organic result. `position` counts from 1 on its own page."""

    position: int
    url: str | None  # absolute and unwrapped; None where the page has only an opaque link
    goto_url: str | None  # the opaque link (absolute), if any
    title: str
    displayed_host: str | None  # host in the displayed address (`<cite>`), lower case; None where there is none


@dataclass(frozen=True, slots=True)
class SerpPage:
    """One parsed result page."""

    page_class: PageClass
    organic: tuple[Organic, ...] = ()
    features: frozenset[str] = frozenset()
    total_results: int | None = None  # "About 1,230 results", None where the page does not say
    confidence: Confidence = Confidence.NONE
    query: str | None = None  # the query in the page's search box; None where the page has none
    is_corrected: bool = False  # the page shows results of another spelling, so `query` may differ from the query that was sent
    is_cut_off: bool = False  # the body ends before the page does
    cited: tuple[str, ...] = ()  # source addresses of the AI overview, unwrapped


# --- what is tracked ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Project:
    """A tracked domain and how its keywords are checked."""

    id: str
    domain: str  # host, registrable domain, `*.host` or `host/path`: see parsing.domains
    name: str
    active: bool = True
    weight: float = 1.0  # share of a batch, relative to other projects
    country: str = "us"  # Google's gl
    language: str = "en"  # Google's hl
    device: str = "desktop"  # desktop | mobile
    depth: int = 10  # results to scan, 10 a page
    every_h: float = 24.0  # hours between checks
    folder: str = ""  # first part of the object keys; unique per project
    zone: str = "UTC"  # time zone of its days (IANA)
    hour: int | None = None  # hour in `zone` at which the checks are due; None = each keyword at its own time
    location: str | None = None  # town or region of the search by Google's canonical name; None = the whole country
    created_at: datetime | None = None


class RankState(StrEnum):
    """The three states of a rank. There is no fourth: a rank is never a guess."""

    RANKED = "ranked"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a keyword stood on one day.

    `rank`, `url` and `title` are set only when `state` is RANKED. `scanned` counts the organic results that were really read.
    `reason` says why an UNKNOWN is unknown: a page class or an error category.
    """

    day: date
    state: RankState
    scanned: int = 0
    rank: int | None = None
    approximate: bool = False  # matched by the displayed host alone
    url: str | None = None
    title: str | None = None
    reason: str | None = None
    sandbox: bool = False  # invented by the sandbox provider
    cited: bool = False  # the target is a source of the AI overview: a feature, not a rank
    page_dropped: bool = False  # URL and title were removed to make room for newer ones

    def __str__(self) -> str:
        marks = ("approximate",) * self.approximate + ("cited in the AI overview",) * self.cited
        marks += ("page no longer kept",) * self.page_dropped + ("sandbox",) * self.sandbox
        return self._words() + (f" ({', '.join(marks)})" if marks else "")

    def _words(self) -> str:
        if self.state is RankState.RANKED:
            return f"ranked {self.rank}"
        if self.state is RankState.NOT_FOUND and not self.scanned:
            return "not found: no organic results on the page"
        if self.state is RankState.NOT_FOUND:
            return f"not found in the first {self.scanned} scanned"
        return f"unknown: {wording.of_unknown(self.reason)}"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A tracked keyword and its state. Times are aware UTC; None = never."""

    id: str
    project_id: str
    text: str  # as it was typed (NFC, white space folded)
    archived: bool = False
    due_at: datetime | None = None  # when its next regular check is due; None = never scraped, due at once
    scraped_at: datetime | None = None  # last time a page was read
    attempted_at: datetime | None = None  # last attempt, failed or not
    failures: int = 0  # in a row
    volume: int | None = None  # searches a month, from an import
    tags: tuple[str, ...] = ()
    target_url: str | None = None  # the page that is meant to rank


@dataclass(frozen=True, slots=True)
class RankSummary:
    """The summary of a history. `last` may be an unknown; the others are known states or None."""

    first: Rank | None = None
    best: Rank | None = None
    last: Rank | None = None
    previous: Rank | None = None  # the last known rank of a day before `last`


# --- the outside world ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SerpQuery:
    """A request to a SERP provider. One page is 10 results."""

    text: str
    country: str = "us"
    language: str = "en"
    device: str = "desktop"
    location: str | None = None  # Google's canonical name of a town or region


@dataclass(frozen=True, slots=True)
class SerpReply:
    """One fetched page. `body` is HTML or, if `format` is "json", the provider's parsed reply."""

    body: bytes
    format: str  # html | json
    url: str  # the page that was asked for, without any token
    cost: float | None = None  # provider credits, from its own header
    remaining: float | None = None  # provider credits left
    elapsed_ms: int = 0
    request_id: str | None = None
    charset: str | None = None  # the charset that the reply's Content-Type names


# --- jobs -----------------------------------------------------------------------------------------------------------


class JobStatus(StrEnum):
    """The states of a job, by the words that commands, the API and the history use (topics/operations/states.py has others')."""

    PENDING = "pending"  # waits in a queue, also where a limit blocks it
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RETRY = "retry"  # failed, and waits for its next attempt
    SCHEDULED = "scheduled"  # waits for the time it was submitted for
    PARKED = "parked"  # waits until a moment, for a reason; nothing is spent


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What `@job` declares about a function."""

    path: str  # dotted path, the name RQ stores
    queue: str
    kind: str
    timeout_s: int
    retries: int
    dedup_key: str | None = None  # format string over the call's arguments
    isolated: bool = False  # always runs in a process of its own
    memory_mb: int = 0  # most memory of that process; 0 = no limit
    pages: int = 0  # pages that a call may fetch
    shared: bool = False  # the dedup key stands for all owners
    listed: bool = False  # those that are not over stand in a list of their kind


@dataclass(frozen=True, slots=True)
class Submission:
    """The answer to a submit. `job_id` does the work. `duplicate_of` is the same id if that job was there before.

    `warnings` names what keeps the job from starting, as far as the submit saw. Each is one sentence with the remedy. `place` is
    its place in its queue, 1 = the first; None where it is delayed, or was there before.
    """

    job_id: str
    queue: str
    duplicate_of: str | None = None
    warnings: tuple[str, ...] = field(default=(), compare=False)
    place: int | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        """The id of the job, as a job itself calls it."""
        return self.job_id


@dataclass(frozen=True, slots=True)
class Stop:
    """Something that stops all work or a part of it. `says` is a sentence; `fix` is the command or action that ends the stop.

    `wrong`: the stop is a fault; else somebody wants it. `queue`: the queue that stands still; None = all queues, or none.
    `fix` is empty where nothing has to be done. `until`: when it ends by itself, where that is known.
    """

    name: str
    says: str
    fix: str
    since: datetime | None = None
    wrong: bool = True
    queue: str | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        return f"{self.says} Fix: {self.fix}" if self.fix else self.says


@dataclass(slots=True)  # not frozen: a frozen one costs a microsecond more
class Call:
    """One call for `queues.submit_many`."""

    func: Any
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    dedup_key: str | None = None
    queue: str | None = None
    delay_s: float = 0
    meta: dict[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)  # host, tag, project: by them the history of jobs finds it
    retry_of: str | None = None  # the job that this one runs again
    parent: str | None = None  # the job that waits for this one: who cancels that cancels this one, too
    job_id: str | None = None  # submitting the same id again queues nothing new; default: a new id
    keep_s: int | None = None  # how long its record and result are kept after it succeeded (s); None = RQ's 500
    pages: int | None = None  # pages that it may fetch, taken from the owner's quota; default: as @job says
    owner: str | None = None  # who owns the job ("" = nobody); default: as queues.owned_by says


@dataclass(frozen=True, slots=True)
class Step:
    """What one look at the schedule does about one entry. Times are seconds since 1970.

    `run` is the due time of the occurrence that begins (None = none begins). `following` is the entry's next due time. `missed`
    counts occurrences that no scheduler was there for, `skipped` those that were due while an earlier one still ran.
    """

    run: int | None
    following: int
    missed: int = 0
    skipped: int = 0
