"""What the webhooks that came with a job were told."""

from typing import Any

from flask import request

import queues
from topics.operations.job_records import Job
from topics.webhooks import endpoints, past
from topics.webhooks import views as webhook_views
from web.pages import tables
from web.pages.tables import Column

COLUMNS = (
    Column("type", "Told"),
    Column("status", "Status"),
    Column("url", "Whom"),
    Column("tries", "Tries", numeric=True),
    Column("answer", "Last answer"),
    Column("created_at", "Since"),
)

#: Deliveries of one webhook that are shown.
MOST_DELIVERIES = 20


def table(found: Job) -> tables.Table | None:
    """What the webhooks that came with it were told; None where none came."""
    rows = rows_of(found)
    if rows is None:
        return None
    return tables.make("deliveries", "What its webhooks were told", COLUMNS, tables.all_at_once(rows), "Nothing was told yet.")


def rows_of(found: Job) -> Any:
    """A row for each delivery; None where no webhook came with the job and no file is asked for."""
    told = endpoints.of_job(found.id) if queues.JOB_ID.fullmatch(found.id) else []
    if not told and "format" not in request.args:
        return None
    return [
        _delivery(webhook_views.shown_url(one.url), webhook_views.delivery(sent))
        for one in told
        for sent in past.latest(MOST_DELIVERIES, endpoint_id=one.id)
        if sent.target == found.id
    ]


def _delivery(url: str, sent: dict[str, Any]) -> dict[str, Any]:
    last = sent["attempts"][-1] if sent["attempts"] else {}
    answer = last.get("status") or last.get("message") or ""
    return {**{name: sent[name] for name in ("type", "status", "tries", "created_at")}, "url": url, "answer": answer}
