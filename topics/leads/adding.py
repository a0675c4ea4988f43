"""Companies that a person types: what cannot be read is refused at once, with the remedy."""

from collections.abc import Mapping, Sequence
from typing import Any

import errors
from lead_models import Fact
from state.leads import companies
from state.leads.companies import Put
from state.store import connection
from topics.leads import fields, keeping, normal, views


def add(values: Mapping[str, Any], tags: Sequence[str] = (), owner: str = "") -> Put:
    """Add a company, or add to the one that has this site, or this name and phone. Raises ArgumentError."""
    update = keeping.update(owner, _facts(values), keeping.tags_of(tags))
    with connection.errors_translated():
        return companies.put([update])[0]


def change(company_id: str, values: Mapping[str, Any], tags: Sequence[str] = (), owner: str | None = None) -> Put:
    """Type facts of a company that is there. Raises NotFound and ArgumentError."""
    company = views.find(company_id, owner)
    given = _facts(values, company.facts)
    update = keeping.update(company.owner, given, keeping.tags_of(tags), company.id)
    with connection.errors_translated():
        return companies.put([update])[0]


def _facts(values: Mapping[str, Any], known: Mapping[str, Fact] | None = None) -> dict[str, Fact]:
    listed = {name: [value] if name in fields.LISTS and not isinstance(value, list) else value for name, value in values.items()}
    given = keeping.typed(listed)
    around = {name: fact for name, fact in (known or {}).items() if name in (fields.COUNTRY, fields.SITE)}
    even, told = normal.facts(around | given)
    for one in told:
        if one.after is None and one.field in given and one.field != fields.INDUSTRY:
            shown = one.problem if one.problem[:1] in "'\"" else f"{one.before!r:.60} {one.problem}"
            raise errors.ArgumentError(f"{one.field}: {shown}: {one.remedy}.")
    return {name: fact for name, fact in even.items() if name in given or name not in around}
