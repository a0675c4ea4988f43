"""Reports: asked for, made by a job in one pass over the companies, and kept as other results are (RESULT_DAYS)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import clock
import errors
import models
import queues
from state.engine import dedup
from state.leads import score_days
from state.store import connection
from topics.analytics import plans, scopes
from topics.analytics.comparison import Sides
from topics.analytics.scopes import Scope
from topics.scraping import stored

#: How long the record of the job is kept (s).
KEPT_S = 24 * 3600

#: What they are kept as, and answers of single questions beside them.
REPORT, ANALYSIS = "report", "analysis"

TITLES = {"comprehensive": "Companies: the whole report", "summary": "Companies in short", "comparison": "Two sets of companies"}

UNKNOWN = "None of these companies is known to you: `python manage.py lead list` shows those that are."


def call(
    func: Any,
    report_type: str = "comprehensive",
    company_ids: Sequence[str] | None = None,
    options: Mapping[str, Any] | None = None,
    queue: str | None = None,
) -> models.Call:
    """The checked call that makes a report by the job `func`. `company_ids`: None = all that the caller may see.

    `options`: `since` (a day), `stale_days`, `compare` (`{by, a, b}`). Raises ArgumentError.
    """
    told = dict(options or {})
    _plan(report_type, told)
    ids = scopes.of(None, company_ids).ids
    return models.Call(func, (report_type, list(ids) if ids is not None else None, told), queue=queue, keep_s=KEPT_S)


def run(report_type: str, company_ids: Sequence[str] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Make a report as a job: it is kept under the job's id, and a summary is returned. Raises DataError for no companies."""
    job_id = queues.current_job_id() or dedup.direct_owner()
    with connection.errors_translated():
        report = make(job_id, report_type, scopes.of(scopes.whose(), company_ids), options)
        stored.put_result(job_id, report)
    figures = sum(len(line["figures"]) for section in report["sections"] for line in section["lines"])
    return {"report_type": report_type, "companies": report["companies"], "figures": figures, "result": job_id}


def make(report_id: str, report_type: str, scope: Scope, options: Mapping[str, Any]) -> dict[str, Any]:
    """The report now. Its queries name it where it is about chosen companies. Raises DataError where none of those is there."""
    planned = _plan(report_type, options)
    if scope.ids is not None:
        planned = replace(planned, within=report_id)
    told = plans.made(planned, scope.chunks(), score_days.as_of, scopes.Progress(scope))
    if scope.ids is not None and not told["companies"]:
        raise errors.DataError(UNKNOWN)
    return {
        "what": REPORT,
        "id": report_id,
        "title": TITLES[report_type],
        "report_type": report_type,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "since": planned.since,
        "stale_before": planned.stale_before,
        "owner": scope.owner,
        "company_ids": list(scope.ids) if scope.ids is not None else None,
        "unknown": len(scope.ids) - told["companies"] if scope.ids is not None else 0,
        **told,
    }


def kept(job_id: str) -> dict[str, Any] | None:
    """What a job of analytics made; None where it is not kept (any more), or is something else."""
    with connection.errors_translated():
        found = stored.result(job_id)
    return found if found and found.get("what") in (REPORT, ANALYSIS) else None


def scope_of(report_id: str, owner: str | None) -> Scope:
    """The companies of a report or an analysis, for `within`. Raises NotFound for another owner's, too."""
    found = kept(report_id)
    whose = found["owner"] if found else None
    if found is None or owner not in (None, whose):
        raise errors.NotFound(f"No report {report_id!r:.100} is kept (RESULT_DAYS): make it again, or leave `within` out.")
    return Scope(owner if owner is not None else whose, None if found["company_ids"] is None else tuple(found["company_ids"]))


def _plan(report_type: str, options: Mapping[str, Any]) -> plans.Plan:
    compare = options.get("compare")
    rest = {name: options[name] for name in ("since", "stale_days") if options.get(name)}
    return plans.plan(report_type, clock.now(), sides=Sides(**compare) if compare else None, **rest)
