"""What the pages of a company show besides contacts: technologies, open positions, news, the day of the last change, a form.

Each fact has the page that shows it, the time at which that page was fetched, and the sign or the line by which it is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from lead_models import Fact
from parsing import date_text, feeds, forms, hiring, news, technologies
from topics.leads import fields, tables

MOST_TECHNOLOGIES, MOST_NEWS, MOST_SNIPPET = 60, 10, 300

#: News that are older say nothing of now.
NEWS_DAYS = 730

#: Pages that may show a form by which the company is asked.
WITH_FORM = ("contact", "home", "about")


@dataclass(frozen=True)
class Page:
    """A page that was read. `kind`: home, about, contact, terms, services, jobs, news or feed; "" where that is not known."""

    url: str
    kind: str
    fetched_at: datetime
    html: str
    tree: Any
    record: Mapping[str, Any]

    @property
    def day(self) -> date:
        """The day on which it was fetched."""
        return self.fetched_at.date()

    def fact(self, value: Any, snippet: str = "") -> Fact:
        """A fact that it shows."""
        at_ms = round(self.fetched_at.timestamp() * 1000)
        return Fact(value=value, source=self.url, at_ms=at_ms, snippet=" ".join(snippet.split())[:MOST_SNIPPET])


def of_pages(pages: Sequence[Page]) -> dict[str, Fact]:
    """All that these pages show, the first page first. What none of them shows is left out: nobody knows it."""
    dated = _news(pages)
    found = {
        fields.TECHNOLOGIES: _technologies(pages),
        fields.HIRING: _hiring(pages),
        fields.NEWS: dated,
        fields.UPDATED_SITE: _updated(pages, dated),
        fields.CONTACT_FORM: _contact_form(pages),
    }
    return {name: fact for name, fact in found.items() if fact is not None}


def _technologies(pages: Sequence[Page]) -> Fact | None:
    """What the first page and its reply show; other pages of a site are often made by others."""
    page = next((one for one in pages if one.kind == "home"), None)
    if page is None:
        return None
    found = technologies.find(tables.technologies(), page.tree, page.url, page.record.get("headers") or {})
    names = [one.name for one in found][:MOST_TECHNOLOGIES]
    return page.fact(names, "; ".join(f"{one.name}: {one.signs[0]}" for one in found)) if names else None


def _hiring(pages: Sequence[Page]) -> Fact | None:
    shown = [
        (found, page)
        for page in pages
        if page.kind != "feed" and (found := hiring.of(page.tree, page.url, page.day, is_careers=page.kind == "jobs"))
    ]
    best = hiring.merged(found for found, _ in shown)
    if best is None:
        return None
    page = next(page for found, page in shown if found is best)
    return page.fact(True if best.count is None else best.count, "; ".join(best.titles) or best.shown)


def _news(pages: Sequence[Page]) -> Fact | None:
    """The newest titles with their days, of feeds and pages of news; a site with neither may show them on its first page."""
    told = [page for page in pages if page.kind in ("news", "feed")] or [page for page in pages if page.kind == "home"]
    entries: dict[str, tuple[feeds.Entry, Page]] = {}
    for page in told:
        oldest = page.day - timedelta(days=NEWS_DAYS)
        for entry in _entries(page):
            if entry.day >= oldest:
                entries.setdefault(entry.title.casefold(), (entry, page))
    ordered = sorted(entries.values(), key=lambda pair: pair[0].day, reverse=True)[:MOST_NEWS]
    if not ordered:
        return None
    newest, page = ordered[0]
    return page.fact([f"{entry.day} {entry.title}" for entry, _ in ordered], newest.url)


def _entries(page: Page) -> list[feeds.Entry]:
    if page.kind == "feed":
        return feeds.read(page.html, page.url, page.day)
    return news.of(page.tree, page.url, page.day, str(page.record.get("language") or ""))


def _updated(pages: Sequence[Page], dated: Fact | None) -> Fact | None:
    """The newest day on which something of the site was published or changed, as far as it says so."""
    found = [(str(dated.value[0])[:10], dated)] if dated else []
    for page in pages:
        said = (page.record.get("modified"), page.record.get("published"), _last_modified(page))
        days = [stamp[:10] for text in said if text and (stamp := date_text.stamp(str(text)))]
        if days := [day for day in days if day <= page.day.isoformat()]:
            found.append((max(days), page.fact(max(days), "last change")))
    if not found:
        return None
    day, fact = max(found, key=lambda pair: pair[0])
    return Fact(value=day, source=fact.source, at_ms=fact.at_ms, snippet=fact.snippet)


def _last_modified(page: Page) -> str | None:
    """What the server says of the file; a page that is made anew for each visitor says the moment of the visit."""
    try:
        said = parsedate_to_datetime((page.record.get("headers") or {}).get("last-modified", ""))
    except (ValueError, TypeError, IndexError):
        return None
    return said.date().isoformat() if said.date() < page.day else None


def _contact_form(pages: Sequence[Page]) -> Fact | None:
    for kind in WITH_FORM:
        for page in pages:
            if page.kind == kind and (
                found := [one for one in forms.discover(page.html, url=page.url) if one.purpose == "contact"]
            ):
                return page.fact(page.url, f"form: {', '.join(field.name for field in found[0].fields if field.name)}")
    return None
