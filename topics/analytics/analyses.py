"""One question about companies: a query, or its parts as fields. Answered by a job, or at once by a command."""

from collections.abc import Mapping, Sequence
from typing import Any

import clock
import models
import queues
from state.engine import dedup
from state.leads import score_days
from state.store import connection
from topics.analytics import answers, queries, reports, scopes
from topics.analytics.passes import Pass
from topics.analytics.queries import Query
from topics.analytics.scopes import Scope
from topics.scraping import stored

#: What an analysis is kept as.
ANALYSIS = "analysis"


def call(
    func: Any, query: Query, company_ids: Sequence[str] | None = None, owner: str | None = None, queue: str | None = None
) -> models.Call:
    """The call that answers a query by the job `func`, checked. Raises ArgumentError, and NotFound for no report of `within`."""
    queries.checked(query)
    scope = _scope(query, company_ids, owner)
    ids = list(scope.ids) if company_ids is not None and scope.ids else None
    return models.Call(func, (str(query), ids, owner), queue=queue, keep_s=reports.KEPT_S)


def run(query: str, company_ids: Sequence[str] | None, owner: str | None) -> dict[str, Any]:
    """Answer as a job: the answer is kept under the job's id, and a summary is returned."""
    job_id = queues.current_job_id() or dedup.direct_owner()
    told = answer(queries.parse(query), company_ids, owner)
    with connection.errors_translated():
        stored.put_result(job_id, {**told, "id": job_id, "company_ids": company_ids})
    return {name: told[name] for name in ("query", "companies", "value") if name in told} | {
        "rows": len(told.get("rows", ())),
        "result": job_id,
    }


def answer(query: Query, company_ids: Sequence[str] | None = None, owner: str | None = None) -> dict[str, Any]:
    """The answer now: `{query, companies, value}`, or with `rows` of label, value and query."""
    scope, asked = _scope(query, company_ids, owner), Pass()
    one = answers.ask(query, asked)
    with connection.errors_translated():
        asked.run(scope.chunks(), score_days.as_of, scopes.Progress(scope))
    head = {"what": ANALYSIS, "title": str(query), "made_at": clock.now().isoformat(timespec="seconds"), "owner": owner}
    return {**head, **answers.told(one, asked.whole)}


def query_of(parts: Mapping[str, Any]) -> Query:
    """The query of parts: measure, of (a field), by, where, since, top or bottom. Raises ArgumentError."""
    text = " ".join(
        [
            str(parts.get("measure") or "count"),
            *(f"{word} {parts[word]}" for word in ("of", "by", "where", "since", "top", "bottom") if parts.get(word)),
        ]
    )
    return queries.parse(text)


def _scope(query: Query, company_ids: Sequence[str] | None, owner: str | None) -> Scope:
    if not query.within:
        return scopes.of(owner, company_ids)
    inside = reports.scope_of(query.within, owner)
    if company_ids is None:
        return inside
    chosen = scopes.of(inside.owner, company_ids)
    return chosen if inside.ids is None else Scope(inside.owner, tuple(sorted({*inside.ids} & {*(chosen.ids or ())})))
