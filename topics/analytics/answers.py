"""What a query answers, as JSON: one value, rows, or companies. Each row has the query that gives it alone."""

from collections.abc import Sequence
from typing import Any

from topics.analytics import fields
from topics.analytics.fields import Row
from topics.analytics.grouping import Grouped
from topics.analytics.measures import Best, Seen
from topics.analytics.passes import Pass, Single
from topics.analytics.queries import Query
from topics.analytics.tokens import quoted


def ask(query: Query, asked: Pass) -> Single | Grouped:
    """Put a query into a pass."""
    return asked.grouped(query) if query.by else asked.single(query)


def told(one: Single | Grouped, whole: int) -> dict[str, Any]:
    """`{query, companies, value}` or `{…, rows, more}`."""
    head: dict[str, Any] = {"query": str(one.query), "companies": whole}
    if isinstance(one, Grouped):
        groups = one.groups(whole)
        rows = [row(group.value, group.figure, group_query(one.query, group.value)) for group in groups[: one.query.rows]]
        return {**head, "rows": rows, "more": max(0, len(groups) - len(rows)), "is_cut": one.is_cut}
    if isinstance(one.measure, Best):
        return {**head, "rows": leads(one.query, one.measure.figure(whole)), "more": 0, "is_cut": False}
    value = {**head, "value": one.figure(whole)}
    if isinstance(one.measure, Seen) and one.query.measure == "doubles":
        query = f"list of completeness where {one.query.of} ="
        value["examples"] = [{"value": text, "query": f"{query} {quoted(text)}"} for text in one.measure.examples.values()]
    return value


def row(label: str, value: Any, query: Query | str) -> dict[str, Any]:
    """A row with one figure."""
    return {"label": label, "value": value, "query": str(query)}


def leads(query: Query, best: Sequence[tuple[float, Row]]) -> list[dict[str, Any]]:
    """Companies of a list, each with the query of its number."""
    found = []
    for number, seen in best:
        company = seen.company
        name = next(iter(fields.OWN["id"](company)))
        one = Query("max", query.of, since=query.since, within=query.within, where=f"id = {quoted(name)}")
        found.append({**row(name_of(seen), number, one), "id": company.id, "domain": company.domain})
    return found


def name_of(seen: Row) -> str:
    """How a company is called."""
    company = seen.company
    return company.name or str(next(iter(fields.getter("name")(seen)), "")) or company.domain or company.id


def group_query(query: Query, value: str) -> Query:
    """The query of one group alone. Fields that are known or invalid are told by their names."""
    if query.by in ("known", "invalid") and value in fields.FACTS:
        return query.narrowed(f"{value} {query.by}")
    return query.narrowed(f"{query.by} = {quoted(value)}")
