"""How a value of each field is read: sites, countries, sizes, years, industries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parsing import company_sizes, industries
from parsing.contacts import lands
from topics.leads import fields, reach, sites, tables, texts

#: A value, and what is wrong with it ("" = nothing) with the remedy.
Read = tuple[Any, str, str]
Reader = Callable[[Any, "Around"], Read]


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known, by which a value is read."""

    country: str | None
    host: str


def plain(value: Any, around: Around) -> Read:
    """A value as it is: no reader knows better."""
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
