"""Why a scrape failed, in the words of Firecrawl: a status and a code, by what the job recorded of its error."""

import re
from typing import NamedTuple

from flask import Response

from topics.operations.job_records import Job
from web.firecrawl import errors

ANSWERED = re.compile(r"answered (\d{3})\b")


class Failure(NamedTuple):
    """How a failure is told."""

    status: int
    code: str


#: Category of an error → how it is told, unless its words say more.
BY_CATEGORY = {
    "blocked": Failure(403, "BLOCKED"),
    "network": Failure(500, "SCRAPE_SITE_ERROR"),
    "data": Failure(400, "BAD_REQUEST"),
    "budget": Failure(402, "PAYMENT_REQUIRED"),
    "config": Failure(400, "UNSUPPORTED_OPTION"),
    "system": Failure(500, "SCRAPE_FAILED"),
}

#: Words of our errors → how they are told. The first that fits decides.
BY_WORDS = (
    ("There is no kept page", Failure(404, "SCRAPE_NO_CACHED_DATA")),
    ("robots.txt", Failure(403, "ROBOTS_DISALLOWED")),
    ("certificate", Failure(500, "SCRAPE_SSL_ERROR")),
    ("has no address", Failure(500, "SCRAPE_DNS_RESOLUTION_ERROR")),
    ("no such host", Failure(500, "SCRAPE_DNS_RESOLUTION_ERROR")),
)


def of(category: str, message: str) -> Failure:
    """How a failure is told.

    >>> of("blocked", "https://a.example/ answered with a captcha page (…)"), of("data", "https://a.example/ answered 404: …")
    (Failure(status=403, code='BLOCKED'), Failure(status=404, code='PAGE_NOT_FOUND'))
    """
    if category != "blocked":
        for words, failure in BY_WORDS:
            if words in message:
                return failure
        answered = ANSWERED.search(message)
        if answered and category == "data":
            return Failure(404, "PAGE_NOT_FOUND") if answered[1] in ("404", "410") else Failure(403, "PAGE_REFUSED")
    return BY_CATEGORY.get(category, BY_CATEGORY["system"])


def reply(job: Job) -> Response:
    """The reply for a scrape that failed."""
    category, message = job.error_category or "system", job.error_message or "The scrape failed."
    failure = of(category, message)
    return errors.reply(failure.status, message, failure.code)
