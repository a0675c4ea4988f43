"""Facts in one spelling: sites, phones in E.164, countries in ISO 3166, sizes as ranges. What cannot be read stays, and is told.

A normal fact keeps its source and time. So what was read later still counts as later.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from lead_models import Fact
from parsing import cells
from parsing.contacts import address_text, lands
from topics.leads import field_readers, fields, sites
from topics.leads.field_readers import Around


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about a field: `after` is None where it stays as it is, and somebody has to look at it."""

    field: str
    before: Any
    after: Any
    problem: str
    remedy: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def facts(given: Mapping[str, Fact]) -> tuple[dict[str, Fact], list[Finding]]:
    """The same facts in one spelling, without those that say nothing; and what was changed, or could not be read."""
    around = _around(given)
    found: dict[str, Fact] = {}
    told: list[Finding] = []
    for name, fact in given.items():
        value, problem, remedy = field_readers.READERS.get(name, field_readers.plain)(fact.value, around)
        if not _is_nothing(value):
            found[name] = fact if _same(value, fact.value) else replace(fact, value=value)
        if problem:
            told.append(Finding(name, fact.value, None, problem, remedy))
        elif not _same(value, fact.value):
            told.append(Finding(name, fact.value, value, "was in another spelling"))
    parts = _parts(found, around)
    told += [Finding(name, None, fact.value, "stands in the address only") for name, fact in parts.items()]
    return parts | found, told


def lacking(given: Mapping[str, Fact]) -> list[Finding]:
    """What a company lacks to be of use."""
    wants = (
        (("name",), "it has no name", "`lead add --name`, or scrape its site"),
        (("site",), "it has no site: nothing more can be found out", "`lead add --site`"),
        (
            ("emails", "phones", "contact_form"),
            "there is no way to reach it",
            "scrape its site, or type an e-mail address or phone",
        ),
        (("country",), "its country is not known: phones without a country code cannot be read", "`lead add --country`"),
    )
    return [Finding(names[0], None, None, problem, remedy) for names, problem, remedy in wants if not set(names) & set(given)]


def _around(given: Mapping[str, Fact]) -> Around:
    country = lands.code(str(given["country"].value)) if "country" in given else None
    site = given["site"].value if "site" in given else ""
    return Around(country, sites.host_of(site) if isinstance(site, str) else "")


def _parts(given: Mapping[str, Fact], around: Around) -> dict[str, Fact]:
    """Postcode, town, region and country of an address, where nothing else says them."""
    whole = given.get(fields.ADDRESS)
    if whole is None or fields.CITY in given or not isinstance(whole.value, str):
        return {}
    read = next(address_text.in_lines(whole.value, None, around.country), None)
    if read is None:
        return {}
    parts = {fields.CITY: read.city, fields.POSTAL_CODE: read.zipcode, fields.REGION: read.region, fields.COUNTRY: read.country}
    return {name: replace(whole, value=value) for name, value in parts.items() if value and name not in given}


def _is_nothing(value: Any) -> bool:
    return value in (None, "", [], {}) or (isinstance(value, str) and cells.is_empty(value))


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
