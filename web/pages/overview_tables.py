"""The tables of the first page: queues, kinds, errors, hosts, and what is left of quotas."""

import dataclasses
from typing import Any

from topics.access import quotas
from topics.operations import overview
from topics.operations.overview import Overview
from web import access
from web.access import Role
from web.pages import tables
from web.pages.tables import Column

LATELY = "this hour and the last"

#: What stands where no job ran.
NO_KIND = "No job ran in 24 h, and no kind is limited or paused."

QUEUES = (
    Column("name", "Queue"),
    Column("waiting", "Waiting", "jobs that a worker could take now", numeric=True),
    Column("blocked", "Blocked", "jobs that wait for a place of their kind", numeric=True),
    Column("since", "Oldest waits since"),
    Column("came", "In a minute", "new jobs, on an average of the last 15 minutes", numeric=True),
    Column("left", "Out a minute", "jobs that were over, on an average of the last 15 minutes", numeric=True),
    Column("empty_in_s", "Empty in", "if all goes on as in the last 15 minutes", numeric=True),
    Column("running", "Running", "jobs of it that run now, and those that its workers run at a time", numeric=True),
    Column("places", "Places", "jobs that its workers run at a time, of all queues that they serve", numeric=True),
    Column("workers", "Workers", numeric=True),
    Column("paused", "Paused", "by whom, until when, why"),
)

KINDS = (
    Column("name", "Kind"),
    Column("running", "Running", "now", numeric=True),
    Column("limit", "Limit", "jobs of it that may run at a time", numeric=True),
    Column("completed", "Completed", LATELY, numeric=True),
    Column("failed", "Failed", LATELY, numeric=True),
    Column("p50_s", "p50", f"half of the completed jobs took no longer; {LATELY}, within a factor of two", numeric=True),
    Column("p95_s", "p95", f"19 of 20 completed jobs took no longer; {LATELY}, within a factor of two", numeric=True),
    Column("paused", "Paused"),
)

ERRORS = (
    Column("category", "Category"),
    Column("kind", "Kind"),
    Column("failed", "Jobs failed", "in 24 h", numeric=True),
    Column("retried", "Attempts tried again", "in 24 h", numeric=True),
)

HOSTS = (
    Column("host", "Host"),
    Column("failed", "Requests failed", LATELY, numeric=True),
    Column("requests", "Of", LATELY, numeric=True),
    Column("outcomes", "How"),
)

BUDGETS = (
    Column("name", "API key"),
    Column("left", "Pages left", numeric=True),
    Column("limit", "Of", numeric=True),
    Column("reserved", "Reserved", "for jobs that are not over", numeric=True),
    Column("until", "Until"),
)


def of(seen: Overview) -> dict[str, tables.Table]:
    """Every table of the page by its name."""
    errors, hosts = [dataclasses.asdict(one) for one in seen.errors], [dataclasses.asdict(one) for one in seen.hosts]
    found = (
        tables.Table("queues", "Queues now", QUEUES, [_row(one) for one in seen.queues]),
        tables.Table("kinds", f"Kinds of jobs: now, and {LATELY}", KINDS, [_row(one) for one in seen.kinds], empty=NO_KIND),
        tables.Table("errors", "Errors of the last 24 h", ERRORS, errors, empty="No job failed in 24 h."),
        tables.Table("hosts", f"Hosts with the most failures: {LATELY}", HOSTS, hosts, empty=f"No request failed {LATELY}."),
        tables.Table("budgets", "Pages of API keys this month", BUDGETS, _budgets(), empty="No key has a quota of pages."),
    )
    return {one.name: one for one in found}


def _row(one: overview.Queue | overview.Kind) -> dict[str, Any]:
    """A row; its pause in words."""
    facts = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    return {**facts, "paused": one.paused.says if one.paused else None, "pause": one.paused}


def _budgets() -> list[dict[str, Any]]:
    """What is left of quotas: of all keys for who may see them, else of the key that asks."""
    if access.caller().role >= Role.ADMIN:
        found = quotas.all_limited()
    elif access.caller().key_id:
        own = quotas.of(access.caller().key_id)
        found = [(access.caller().name, own)] if own.limit is not None else []
    else:
        found = []
    return [{"name": name, **dataclasses.asdict(quota)} for name, quota in found]
