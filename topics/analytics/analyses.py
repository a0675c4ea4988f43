"""One question about companies: a query, or its parts as fields. Answered by a job, or at once by a command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import clock
import errors
import models
import queues
from state.engine import dedup
from state.leads import score_days
from state.store import connection
from topics.analytics import answers, queries, reports, scopes, spellings
from topics.analytics.passes import Pass
from topics.analytics.queries import Query
from topics.analytics.scopes import Scope
from topics.scraping import stored


def call(
    func: Any, query: Query, company_ids: Sequence[str] | None = None, owner: str | None = None, queue: str | None = None
) -> models.Call:
    """The call that answers a query by the job `func`, checked. `owner`: whose reports `within` may name, None = everybody's.

    Raises ArgumentError, and NotFound for no report.
    """
    queries.checked(query)
    scope = _scope(query, company_ids, owner)
    ids = list(scope.ids or ()) if company_ids is not None else None
    return models.Call(func, (str(query), ids), queue=queue, keep_s=reports.KEPT_S)


def run(query: str, company_ids: Sequence[str] | None) -> dict[str, Any]:
    """Answer as a job: the answer is kept under the job's id, and a summary is returned.

    Its queries name it where it is about chosen companies. Raises DataError where none of those is there.
    """
    job_id, asked = queues.current_job_id() or dedup.direct_owner(), queries.parse(query)
    scope = _scope(asked, company_ids, scopes.whose())
    told = _answered(asked if company_ids is None else replace(asked, within=job_id), scope)
    if company_ids is not None and not told["companies"]:
        raise errors.DataError(reports.UNKNOWN)
    ids = None if company_ids is None else list(scope.ids or ())
    with connection.errors_translated():
        stored.put_result(job_id, {**told, "id": job_id, "company_ids": ids})
    short: dict[str, Any] = {name: told[name] for name in ("query", "companies", "value") if name in told}
    return {**short, "rows": len(told.get("rows", ())), "result": job_id}


def answer(query: Query, owner: str | None = None, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """The answer now: `{query, companies, value}`, or with `rows`. `progress` is told how many companies were read."""
    return _answered(query, _scope(query, None, owner), progress)


def _answered(query: Query, scope: Scope, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    asked = Pass()
    one = answers.ask(query, asked)
    with connection.errors_translated():
        asked.run(scope.chunks(), score_days.as_of, scopes.Progress(scope, progress))
    head = {"what": reports.ANALYSIS, "title": str(query), "made_at": clock.now().isoformat(timespec="seconds")}
    hints = spellings.hints(str(query))
    return {**head, "owner": scope.owner, **answers.told(one, asked.whole), **({"hints": hints} if hints else {})}


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
