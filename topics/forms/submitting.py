"""Discoveries and analyses as jobs: submitted, and the same one never twice at a time."""

from typing import Any, NamedTuple

import models
import queues
from errors import ArgumentError
from state.engine import jobs, payload
from state.forms import networks as stored
from state.store import connection
from topics.forms import networks, views

DISCOVER, ANALYZE = "jobs.forms.discover_form_pages", "jobs.forms.analyze_form_details"

#: The largest number that is taken: 2^53 - 1, which JSON readers keep exactly.
MOST_NUMBER = 2**53 - 1


class Wanted(NamedTuple):
    """Who wants which network's forms; all are positive whole numbers."""

    project_id: int
    network_id: int
    user_id: int
    company_id: int
    product_id: int


class Queued(NamedTuple):
    """A discovery that was queued, or already is: its session, and its job."""

    session_id: int
    submission: models.Submission


def discover(wanted: Wanted) -> Queued:
    """Have the forms of a network looked for. While that is queued or runs, asking again returns the same job and session.

    Raises ArgumentError, NotFound, and ConfigError for a login whose key is missing.
    """
    for name, value in wanted._asdict().items():
        _check(name, value)
    networks.login_of(networks.named(wanted.network_id))
    with connection.errors_translated():
        session = stored.next_number("session")
    given = wanted._asdict() | {"session_id": session}
    made = queues.submit(queues.function(DISCOVER), **given)
    return Queued(_session_of(made.job_id, session) if made.duplicate_of else session, made)


def analyze(form_page_id: int, company_id: int) -> models.Submission:
    """Have the forms of a page analyzed. Raises ArgumentError, NotFound."""
    _check("company_id", company_id)
    views.page_named(form_page_id)
    return queues.submit(queues.function(ANALYZE), form_page_id, company_id)


def _session_of(job_id: str, otherwise: int) -> int:
    with connection.errors_translated():
        data = jobs.data_of(job_id)
    kwargs: dict[str, Any] = payload.of_job(data)[2] if data else {}
    return int(kwargs.get("session_id") or otherwise)


def _check(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_NUMBER:
        raise ArgumentError(f"{name} must be a whole number above 0, not {value!r:.40}.")
