"""Facts of companies brought to one spelling, with a report for each company. What is one company then becomes one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import chunks
import errors
import models
import queues
from lead_models import Company
from state.engine import dedup
from state.leads import companies
from state.leads.companies import Update
from state.store import connection
from topics.leads import identity, normal, views
from topics.leads.normal import Finding
from topics.scraping import stored

#: Companies of one job, and of one step.
MOST_IDS, STEP = 10_000, 200


def call(func: Any, ids: Sequence[str], owner: str | None, queue: str | None = None) -> models.Call:
    """The call that processes companies by the job `func`. `owner`: whose they must be, None = whoever's.

    Raises ArgumentError for none and too many, NotFound for one that there is not.
    """
    wanted = list(dict.fromkeys(views.id_of(one, owner) for one in ids))
    if not 1 <= len(wanted) <= MOST_IDS:
        raise errors.ArgumentError(f"Give 1 to {MOST_IDS:,} companies at once, not {len(wanted):,}.")
    with connection.errors_translated():
        found = companies.get(wanted, owner)
    if missing := [one for one, company in zip(wanted, found, strict=True) if company is None]:
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        raise errors.NotFound(f"There is no company {missing[0]!r:.40}{more}: `python manage.py lead list` shows them.")
    return models.Call(func, (wanted,), queue=queue)


def run(ids: Sequence[str]) -> dict[str, Any]:
    """Process companies now. A second run after a kill goes on: what was reported stays reported."""
    job_id = queues.current_job_id() or dedup.direct_owner()
    with connection.errors_translated():
        reports: dict[str, Any] = (stored.result(job_id) or {}).get("reports", {})
    done = 0
    for piece in chunks.of(ids, STEP):
        with connection.errors_translated():
            found = [one for one in companies.get(piece, None) if one]
            updates, new = _read(found)
            reports = reports | {one: told for one, told in new.items() if one not in reports}
            stored.put_result(job_id, {"reports": reports})
            companies.put(updates)
        done += len(piece)
        queues.progress(done, len(ids), f"{done} of {len(ids)} companies processed")
    told = _counts(reports)
    with connection.errors_translated():
        stored.put_result(job_id, told | {"reports": reports})
    return told | {"result": job_id}


def kept(job_id: str) -> dict[str, Any] | None:
    """The report of such a job; None where it is not kept (any more)."""
    with connection.errors_translated():
        return stored.result(job_id)


def findings(company: Company) -> list[Finding]:
    """What processing would change in a company, what it cannot read, and what it lacks."""
    even, told = normal.facts(company.facts)
    return [*told, *normal.lacking(even)]


def _read(found: Iterable[Company]) -> tuple[list[Update], dict[str, list[dict[str, Any]]]]:
    updates, reports = [], {}
    for company in found:
        even, told = normal.facts(company.facts)
        reports[company.id] = [one.told() for one in (*told, *normal.lacking(even))]
        changed = {name: fact for name, fact in even.items() if fact != company.facts.get(name)}
        updates.append(replace(identity.update(company.owner, even, id=company.id), facts=changed))
    return updates, reports


def _counts(reports: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    told = [one for found in reports.values() for one in found]
    changed = sum(any(one["after"] is not None for one in found) for found in reports.values())
    return {"companies": len(reports), "changed": changed, "problems": sum(one["after"] is None for one in told)}
