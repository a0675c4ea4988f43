"""Facts in one spelling: sites, phones in E.164, countries in ISO 3166, sizes as ranges. What cannot be read stays, and is told.

A normal fact keeps its source and time. So what was read later still counts as later.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from lead_models import Fact
from parsing import cells, company_sizes, industries
from parsing.contacts import address_text, lands
from topics.leads import fields, reach, sites, tables, texts


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


#: A value, and what is wrong with it ("" = nothing) with the remedy.
Read = tuple[Any, str, str]
Reader = Callable[[Any, "Around"], Read]


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known, by which a value is read."""

    country: str | None
    host: str


def facts(given: Mapping[str, Fact]) -> tuple[dict[str, Fact], list[Finding]]:
    """The same facts in one spelling, without those that say nothing; and what was changed, or could not be read."""
    around = _around(given)
    found: dict[str, Fact] = {}
    told: list[Finding] = []
    for name, fact in given.items():
        value, problem, remedy = READERS.get(name, _plain)(fact.value, around)
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


def _plain(value: Any, around: Around) -> Read:
    return texts.tidy(value), "", ""


def _site(value: Any, around: Around) -> Read:
    site = sites.read(value)
    return (site, "", "") if site else (value, "is no address of a site", "type it like https://example.com/")


def _country(value: Any, around: Around) -> Read:
    code = lands.code(str(value).strip())
    return (code, "", "") if code else (value, "is no country that is known", "type its code, e.g. DE")


def _employees(value: Any, around: Around) -> Read:
    found = company_sizes.employees(value)
    return (found, "", "") if found is not None else (value, "is no number of people", "type a number, or a range like 11-50")


def _founded(value: Any, around: Around) -> Read:
    year = texts.year(value)
    return (year, "", "") if year else (value, "is no year", "type a year like 1998")


def _industry(value: Any, around: Around) -> Read:
    found = industries.of(str(value), tables.industry_names())
    tidy = texts.tidy(value)
    return (
        (found, "", "")
        if found
        else (tidy, "is not in the table of industries", "add it to the file that LEADS_INDUSTRIES names")
    )


READERS: dict[str, Reader] = {
    fields.ADDRESS: lambda value, around: (texts.address(value), "", ""),
    fields.SITE: _site,
    fields.COUNTRY: _country,
    fields.EMPLOYEES: _employees,
    fields.FOUNDED: _founded,
    fields.INDUSTRY: _industry,
    fields.POSTAL_CODE: lambda value, around: (texts.postal_code(value, around.country), "", ""),
    fields.EMAILS: lambda value, around: reach.emails(value),
    fields.PHONES: lambda value, around: reach.phones(value, around.country, around.host),
    fields.SOCIAL: lambda value, around: reach.social(value),
    fields.LANGUAGES: lambda value, around: texts.languages(value),
}


def _is_nothing(value: Any) -> bool:
    return value in (None, "", [], {}) or (isinstance(value, str) and cells.is_empty(value))


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
