"""What the pages of a site say of whoever runs it, each with the page and the place it came from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import models
from parsing import site_pages, tree, web_urls
from parsing.contacts import extract, page_text

#: Kinds of contacts, and by what two of them are the same.
KINDS = {
    "names": "text",
    "emails": "address",
    "phones": "e164",
    "addresses": "written",
    "hours": "written",
    "social": "url",
    "people": "name",
}

#: Kinds of pages, those that speak surest of their site first.
SURE = ("contact", "home", "about", "terms", "services", "")

#: Sources of contacts, the surest first; others are as good as text.
SOURCES = ("structured data", "markup", "tel: link", "mailto: link", "hidden e-mail", "link", "meta", "text")

MOST_TEXT, MOST_ITEMS = 200_000, 100

Fact = dict[str, Any]


def of_page(record: Mapping[str, Any], html: str) -> dict[str, Any]:
    """A page as it is kept with its site: what it is, its text, its contacts. Raises DataError for a page too large."""
    url = record.get("final_url") or record["url"]
    found: models.Contacts = extract(html, url=url)
    text = page_text.of(tree.parse(html)).text[:MOST_TEXT]
    return {
        "url": url,
        "asked": record["url"],
        "kind": site_pages.kind_of(url) or site_pages.kind_of(record["url"]) or "",
        "title": (record.get("title") or "")[:300],
        "language": record.get("language"),
        "fetched_at": record["fetched_at"],
        "description": found.description or record.get("description"),
        "text": text,
        "contacts": {kind: [asdict(one) for one in getattr(found, kind)[:MOST_ITEMS]] for kind in KINDS},
    }


def of_site(site: str, url: str, pages: Sequence[dict[str, Any]], missed: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All that is known of a site: its name, its contacts with their pages, its pages with their texts."""
    contacts = {kind: merged(kind, pages) for kind in KINDS}
    names = contacts["names"]
    return {
        "site": site,
        "url": url,
        "domain": web_urls.site_of(web_urls.parse(url).host),
        "name": names[0]["text"] if names else None,
        "description": _description(pages),
        "contacts": contacts,
        "pages": [{name: value for name, value in page.items() if name != "contacts"} for page in pages],
        "missed": list(missed),
    }


def merged(kind: str, pages: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """Contacts of one kind, each once, with all pages that say it; what most pages say by the surest sources comes first."""
    found: dict[str, Fact] = {}
    for page in pages:
        for item in page["contacts"][kind]:
            key = " ".join(str(item[KINDS[kind]]).casefold().split())
            evidence = {"url": page["url"], "page": page["kind"], "source": item["source"], "snippet": item["snippet"]}
            evidence |= {"position": item["position"], "fetched_at": page["fetched_at"]}
            plain = {name: value for name, value in item.items() if name not in ("source", "snippet", "position")}
            found.setdefault(key, {**plain, "evidence": []})["evidence"].append(evidence)
    for fact in found.values():
        fact["evidence"].sort(key=_sureness)
    return sorted(found.values(), key=lambda fact: (_sureness(fact["evidence"][0]), -len(fact["evidence"])))


def _sureness(evidence: Mapping[str, Any]) -> tuple[int, int]:
    source = next((n for n, word in enumerate(SOURCES) if evidence["source"].startswith(word)), len(SOURCES))
    return source, SURE.index(evidence["page"] if evidence["page"] in SURE else "")


def _description(pages: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What the site says of itself in one sentence or two, by its first page that does."""
    ordered = sorted(pages, key=lambda page: {"home": 0, "about": 1}.get(page["kind"], 2))
    for page in ordered:
        if page["description"]:
            return {"text": str(page["description"])[:1000], "url": page["url"], "fetched_at": page["fetched_at"]}
    return None
