"""The facts of a company in what its pages say, each with the page, the time and the line it was read in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lead_models import Fact
from parsing import company_names, placeholder_mails, questions, web_urls
from topics.business.evidence import Pages
from topics.leads import fields, sites

#: Values of one fact.
MOST_VALUES = 20

Item = Mapping[str, Any]


def of_site(site: Mapping[str, Any]) -> dict[str, Fact]:
    """The facts in what `topics.business` read of a site. Contacts that the page says are somebody else's are left out."""
    pages, contacts = Pages(site["pages"]), site["contacts"]
    own = {kind: [one for one in found if _is_own(one, pages)] for kind, found in contacts.items()}
    phones = [one for one in own["phones"] if one["kind"] == "phone"]
    domain = web_urls.site_of(web_urls.parse(home_of(site)).host)
    found = {
        **_name(own["names"]),
        fields.EMAILS: _several(_of_domain(own["emails"], domain), "address"),
        fields.PHONES: _several(phones, "e164"),
        fields.OPENING_HOURS: _several(own["hours"], "written"),
        fields.SOCIAL: _several(own["social"], "url"),
        fields.PEOPLE: _several(own["people"], "name", lambda one: one["name"] + (f" ({one['role']})" if one["role"] else "")),
        **_address(own["addresses"]),
        **_of_pages(site),
    }
    return {name: fact for name, fact in found.items() if fact is not None and fact.value not in ("", [])}


def home_of(site: Mapping[str, Any]) -> str:
    """The canonical address of the site: where its first page led, unless that is a page on a host that many share."""
    home = next((page for page in site["pages"] if page["kind"] == "home"), site["pages"][0])
    return sites.canonical(site["url"] if sites.is_shared(home["url"]) else home["url"])


def _is_own(item: Item, pages: Pages) -> bool:
    """Whether any page names it without saying that it is the web designer's, or was theirs before."""
    for evidence in item["evidence"]:
        before = pages.before(evidence)
        if evidence["source"] in ("structured data", "meta") or not (
            questions.says("others", before) or questions.says("past", before)
        ):
            return True
    return False


def _name(found: Sequence[Item]) -> dict[str, Fact | None]:
    legal = next((one for one in found if company_names.legal_form(one["text"])), None)
    return {
        fields.NAME: _fact(found[0]["text"], found[0]) if found else None,
        fields.LEGAL_NAME: _fact(legal["text"], legal) if legal else None,
    }


def _of_domain(found: Sequence[Item], domain: str) -> list[Item]:
    """Those that reach somebody; addresses at the company's own domain come first."""
    real = [one for one in found if not placeholder_mails.is_one(one["address"], domain)]
    return sorted(real, key=lambda one: web_urls.site_of(one["address"].rpartition("@")[2]) != domain)


def _several(found: Sequence[Item], part: str, told: Any = None) -> Fact | None:
    values = list(dict.fromkeys(told(one) if told else one[part] for one in found))[:MOST_VALUES]
    return _fact(values, found[0]) if found else None


def _address(found: Iterable[Item]) -> dict[str, Fact | None]:
    one = next(iter(found), None)
    if one is None:
        return {}
    parts = {fields.POSTAL_CODE: "zipcode", fields.CITY: "city", fields.REGION: "region", fields.COUNTRY: "country"}
    told = {name: _fact(one[part], one) for name, part in parts.items() if one[part]}
    return {fields.ADDRESS: _fact(one["written"], one), **told}


def _of_pages(site: Mapping[str, Any]) -> dict[str, Fact | None]:
    pages = site["pages"]
    home = next((page for page in pages if page["kind"] == "home"), pages[0])
    languages = list(dict.fromkeys(page["language"].partition("-")[0].lower() for page in pages if page["language"]))
    told = site["description"]
    return {
        fields.SITE: Fact(value=home_of(site), source=home["url"], at_ms=_ms(home["fetched_at"])),
        fields.LANGUAGES: Fact(value=languages, source=home["url"], at_ms=_ms(home["fetched_at"])),
        fields.DESCRIPTION: Fact(value=told["text"], source=told["url"], at_ms=_ms(told["fetched_at"])) if told else None,
    }


def _fact(value: Any, item: Item) -> Fact:
    evidence = item["evidence"][0]
    snippet = " ".join(str(evidence["snippet"]).split())[:300]
    return Fact(value=value, source=evidence["url"], at_ms=_ms(evidence["fetched_at"]), snippet=snippet)


def _ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
