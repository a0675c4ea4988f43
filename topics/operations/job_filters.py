"""Which jobs a list seeks, a count counts and a bulk action acts on: filters, all of which must hold."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import JobStatus
from parsing import urls
from topics.operations import fingerprints, ledger_jobs
from topics.operations.job_records import Job

#: Longest text that is sought.
MOST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs are sought; None = any. `since` and `until` bound when a job ended, or was created where it has not.

    `queue`: of jobs that ended only those whose record is kept. `parts`: also jobs that fetch the pages of batches and crawls.
    `text`: what the id, name, description, labels or error of a job holds, in any case. `fingerprint`: how it failed.
    """

    statuses: frozenset[JobStatus] = frozenset(JobStatus)
    kind: str | None = None
    queue: str | None = None
    host: str | None = None
    project: str | None = None
    tag: str | None = None
    category: str | None = None
    owner: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    parts: bool = True
    text: str | None = None
    fingerprint: str | None = None

    def __post_init__(self) -> None:
        """People type `Example.com`, or paste an address: it is sought as jobs have it."""
        if self.host:
            object.__setattr__(self, "host", _host(self.host))

    def fits(self, job: Job) -> bool:
        """Whether a job has the labels that are sought: it has them for life."""
        named = (("kind", job.kind), ("queue", job.queue), ("host", job.host), ("project", job.project), ("tag", job.tag))
        return self.owner in (None, job.owner) and all(getattr(self, name) in (None, value) for name, value in named)

    def takes(self, job: Job, name: str = "") -> bool:
        """Whether it seeks this job. `name`: what the job works on, where that is looked for too."""
        at = job.ended_at or job.created_at
        return (
            job.status in self.statuses
            and self.fits(job)
            and self.category in (None, job.error_category)
            and (self.since is None or (at is not None and at >= self.since))
            and (self.until is None or (at is not None and at < self.until))
            and (self.parts or not ledger_jobs.part_of(job.id))
            and (self.fingerprint is None or self.fingerprint == _fingerprint(job))
            and (self.text is None or holds(job, self.text, name))
        )

    @property
    def is_narrow(self) -> bool:
        """Whether few of the jobs that are looked at may be sought."""
        return any((self.kind, self.host, self.project, self.tag))

    @property
    def print(self) -> str:
        """Tells lists apart: a cursor belongs to one. Bounds of time do not count: `2h ago` moves on between two pages."""
        names = ("kind", "queue", "host", "project", "tag", "category", "owner", "parts", "text", "fingerprint")
        told = [sorted(self.statuses), *(getattr(self, name) for name in names)]
        return hashlib.blake2b(repr(told).encode(errors="replace"), digest_size=6).hexdigest()


def _host(typed: str) -> str:
    """A host in the form of labels: lower case, punycode; an address as its host. What is none stays.

    >>> _host("Example.COM"), _host("https://münchen.example/a?b"), _host("no host")
    ('example.com', 'xn--mnchen-3ya.example', 'no host')
    """
    return urls.host_of(typed if "://" in typed else f"//{typed}") or typed


def holds(job: Job, text: str, name: str = "") -> bool:
    """Whether what is known of a job holds this text."""
    told: list[Any] = [job.id, name, job.description, job.host, job.tag, job.project, job.error_message, job.parked_for]
    return text.casefold() in "\n".join(str(one) for one in told if one).casefold()


def _fingerprint(job: Job) -> str | None:
    return fingerprints.of_job(job).id if job.status is JobStatus.FAILED and job.kept else None
