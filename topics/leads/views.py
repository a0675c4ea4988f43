"""Companies as people and programs see them: one, a list by filters, the values of facts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import errors
from lead_models import Company
from parsing import names
from state.leads import companies
from state.store import connection
from topics.leads import fields, keeping, sites

#: Companies that one look for some of them reads at most: then the list goes on at its cursor.
MOST_LOOKED_AT, CHUNK = 5000, 500


@dataclass(frozen=True, slots=True)
class Filters:
    """Which companies: with a tag, with a text in name, site, town, industry or tags, with a score of at least so much."""

    tag: str = ""
    text: str = ""
    least_score: float | None = None

    def fit(self, company: Company) -> bool:
        """Whether a company is one of them."""
        if self.tag and self.tag not in company.tags:
            return False
        if self.least_score is not None and (company.score is None or company.score.total < self.least_score):
            return False
        return not self.text or names.folded(self.text.lower()) in _searched(company) or self.text.lower() in company.site


def page(owner: str | None, filters: Filters = Filters(), after: str = "", limit: int = 100) -> tuple[list[Company], str]:
    """Companies by id from the cursor on, and the next cursor; a page may be short before the end: "" = there are no more."""
    found: list[Company] = []
    looked = 0
    with connection.errors_translated():
        while looked < MOST_LOOKED_AT:
            some, rest = companies.some(owner, after, min(CHUNK, limit) if filters == Filters() else CHUNK)
            for company in some:
                if filters.fit(company):
                    found.append(company)
                    if len(found) == limit:
                        return found, company.id if rest or company.id != some[-1].id else ""
            looked += len(some)
            after = rest
            if not rest:
                return found, ""
    return found, after


def ids(owner: str | None) -> Iterator[str]:
    """The ids of all companies, in order."""
    with connection.errors_translated():
        for some in companies.walk(owner):
            yield from (company.id for company in some)


def id_of(text: str, owner: str | None = None) -> str:
    """The id of the company whose site a text names, of `owner` or of nobody; any other text as it is."""
    site = sites.read(text) if "." in text else None
    if not site or not (domain := sites.domain_of(site)):
        return text
    with connection.errors_translated():
        [known] = companies.by_domain(owner or "", [domain])
    return known or text


def find(company_id: str, owner: str | None = None) -> Company:
    """A company by its id or its site; one that became a part of another leads to that. Raises NotFound."""
    company_id = id_of(company_id, owner)
    with connection.errors_translated():
        for _ in range(10):
            [found] = companies.get([company_id], owner)
            if found:
                return found
            if not (other := companies.successor(company_id)):
                break
            company_id = other
    raise errors.NotFound(f"There is no company {company_id!r:.40}: `python manage.py lead list` shows them.")


def remove(company_id: str, owner: str | None = None) -> Company:
    """Remove a company with all that is known of it; returns what it was. Raises NotFound."""
    found = find(company_id, owner)
    with connection.errors_translated():
        companies.remove(found.id)
    return found


def tag(company_ids: Sequence[str], owner: str | None, add: Sequence[str] = (), take: Sequence[str] = ()) -> int:
    """Give companies tags, and take others from them; how many were changed. Raises NotFound and ArgumentError."""
    given, company_ids = keeping.tags_of(add), [id_of(one, owner) for one in company_ids]
    with connection.errors_translated():
        known = companies.get(company_ids, owner)
    found = [one or find(company_id, owner) for company_id, one in zip(company_ids, known, strict=True)]
    for company in found:
        if len({*company.tags, *given} - set(take)) > keeping.MOST_TAGS:
            raise errors.ArgumentError(f"{company.id} would have more than {keeping.MOST_TAGS} tags: take some from it.")
    with connection.errors_translated():
        return companies.tag([one.id for one in found], given, list(take))


def former(company_id: str) -> list[dict[str, Any]]:
    """Facts that others replaced, the last one first."""
    with connection.errors_translated():
        return [{"field": name, **asdict(fact)} for name, fact in companies.former(company_id)]


def told(company: Company) -> dict[str, Any]:
    """A company as JSON; its facts in the order of `fields.ALL`."""
    facts = {name: asdict(company.facts[name]) for name in ordered(company)}
    plain = {name: getattr(company, name) for name in ("id", "owner", "site", "domain", "name", "created_ms", "updated_ms")}
    return {**plain, "tags": list(company.tags), "facts": facts, "score": asdict(company.score) if company.score else None}


def row(company: Company) -> dict[str, Any]:
    """A company in short."""
    facts = company.facts
    found = {name: facts[name].value if name in facts else None for name in (fields.CITY, fields.COUNTRY, fields.INDUSTRY)}
    plain = {name: getattr(company, name) for name in ("id", "owner", "name", "site", "domain", "updated_ms")}
    score = company.score.total if company.score else None
    return {**plain, **found, "employees": _size(company), "tags": list(company.tags), "facts": len(facts), "score": score}


def ordered(company: Company) -> list[str]:
    """The fields of a company in the order in which they are shown."""
    known = [name for name in fields.ALL if name in company.facts]
    return [*known, *sorted(set(company.facts) - set(known))]


def shown(value: Any) -> str:
    """A value of a fact on one line."""
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _size(company: Company) -> str | None:
    return str(company.facts[fields.EMPLOYEES].value) if fields.EMPLOYEES in company.facts else None


def _searched(company: Company) -> str:
    values = [company.facts[name].value for name in (fields.CITY, fields.INDUSTRY, fields.LEGAL_NAME) if name in company.facts]
    return names.folded(" ".join([company.name, company.domain, *map(str, values), *company.tags]).lower())
