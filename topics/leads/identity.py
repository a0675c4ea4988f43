"""What names a company: the domain of its site, or its name and a phone; where there is none of them, its name and town."""

from collections.abc import Mapping, Sequence
from typing import Any

from lead_models import Fact
from parsing import company_names, names
from state.leads.companies import Update
from topics.leads import fields, sites

#: Phones that name a company.
MOST_PHONES = 10


def update(owner: str, facts: Mapping[str, Fact], tags: Sequence[str] = (), id: str = "") -> Update:
    """What was found out, with what names the company. Facts are normal (topics/leads/normal.py): see there."""
    site = sites.read(_text(facts, fields.SITE)) or ""  # what is no address stays a fact, and names nothing
    name = _text(facts, fields.NAME) or _text(facts, fields.LEGAL_NAME)
    domain = sites.domain_of(site, name) if site else ""
    name_key = company_names.key(name)
    phones = phone_keys(facts[fields.PHONES].value) if fields.PHONES in facts else ()
    if not domain and not phones:
        phones = _place(facts)
    return Update(owner, site, domain, name, name_key, phones, facts, tuple(tags), id)


def phone_keys(phones: Any) -> tuple[str, ...]:
    """Numbers in E.164, without extensions.

    >>> phone_keys(["+49301234567;ext=12", "030 1234567"])
    ('+49301234567',)
    """
    listed = phones if isinstance(phones, list) else [phones]
    found = [one.partition(";")[0] for one in listed if isinstance(one, str) and one.startswith("+")]
    return tuple(dict.fromkeys(found))[:MOST_PHONES]


def _place(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """The town, so that two companies of one name in two towns stay two."""
    place = names.folded(_text(facts, fields.CITY) or _text(facts, fields.POSTAL_CODE) or _text(facts, fields.ADDRESS))
    return (f"@{company_names.without_umlauts(place)}",) if place else ()


def _text(facts: Mapping[str, Fact], name: str) -> str:
    value = facts[name].value if name in facts else ""
    return value if isinstance(value, str) else ""
