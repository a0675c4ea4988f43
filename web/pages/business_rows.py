"""What the pages of a site say, as rows: facts with their sources, and the pages themselves."""

from collections.abc import Mapping
from typing import Any

from topics.business import facts
from web.pages.tables import Column

FACTS = (
    Column("kind", "What"),
    Column("says", "Says"),
    Column("url", "Page"),
    Column("source", "Source", "How the page says it: in data for machines, in markup, by a link, or in its text"),
    Column("snippet", "Where it stands"),
)
PAGES = (
    Column("url", "Page"),
    Column("kind", "Kind"),
    Column("title", "Title"),
    Column("fetched_at", "Fetched"),
    Column("why", "Problem"),
)

WORDS = {
    "names": "name",
    "emails": "e-mail",
    "phones": "phone",
    "addresses": "address",
    "hours": "opening hours",
    "social": "profile",
    "people": "person",
}
PARTS = {**facts.KINDS, "phones": "written"}


def facts_of(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each thing that the pages say."""
    return [
        {"kind": WORDS[kind], "says": _says(kind, one), **{name: where[name] for name in ("url", "source", "snippet")}}
        for kind in facts.KINDS
        for one in known["contacts"][kind]
        for where in one["evidence"][:3]
    ]


def _says(kind: str, fact: Mapping[str, Any]) -> str:
    role = f" ({fact['role']})" if kind == "people" and fact["role"] else ""
    return f"{fact[PARTS[kind]]}{role}"


def pages_of(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each page."""
    read = [{**{name: page[name] for name in ("url", "kind", "title", "fetched_at")}, "why": ""} for page in known["pages"]]
    missed = [{"url": page["url"], "kind": "", "title": "", "fetched_at": "", "why": page["why"]} for page in known["missed"]]
    return [*read, *missed]
