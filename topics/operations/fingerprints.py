"""Which failures are the same: those of one kind, category and host whose messages have one shape. Pure."""

import hashlib
import re
from typing import NamedTuple

from parsing import message_shapes
from state.engine import changes
from topics.operations.job_records import Job

#: Characters of the latest message that are kept as an example.
EXAMPLE = 200

FINGERPRINT = re.compile(r"[0-9a-f]{16}")


class Fingerprint(NamedTuple):
    """What failures have in common; "" = none. `id` is made of the others."""

    id: str
    kind: str
    category: str
    host: str
    shape: str


def of(kind: str, category: str, host: str, message: str) -> Fingerprint:
    """The fingerprint of a failure.

    >>> of("scrape", "network", "a.com", "late: 30 s").id == of("scrape", "network", "a.com", "late: 7 s").id
    True
    """
    named = (kind, category, changes.plain(host), message_shapes.of(message))
    told = "\t".join(named).encode(errors="replace")
    return Fingerprint(hashlib.blake2b(told, digest_size=8).hexdigest(), *named)


def of_job(job: Job) -> Fingerprint:
    """The fingerprint of a job that failed, by its record."""
    return of(job.kind, job.error_category or "", job.host or "", job.error_message or "")


def row(found: Fingerprint, message: str) -> str:
    """A failure as the script that settles it is told: id, kind, category, host, shape and the message, between tabs."""
    return "\t".join((*found[:4], changes.plain(found.shape), changes.plain(message[:EXAMPLE])))
