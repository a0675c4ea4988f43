"""Pages with forms, and their forms, as people and programs see them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from errors import NotFound
from state.forms import networks as stored
from state.forms import pages
from state.forms.networks import Network
from state.forms.pages import Page
from state.store import connection
from topics.forms import refining


def page_named(number: int | str) -> Page:
    """The page with forms of that number. Raises NotFound."""
    text = str(number)
    with connection.errors_translated():
        found = pages.find(int(text)) if text.isascii() and text.isdigit() and len(text) < 16 else None
    if found is None:
        raise unknown(text)
    return found


def unknown(number: int | str) -> NotFound:
    """The error for a number of no page with forms."""
    return NotFound(f"No page with forms {str(number)!r:.40}: `python manage.py forms list NETWORK` shows those there are.")


def network_of(page: Page) -> Network | None:
    """The network of a page; None where it is gone by now."""
    with connection.errors_translated():
        return stored.find(page.network)


def pages_of(network: Network, limit: int, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
    """Some pages with forms of a network, by number, and the cursor of the next ones; "" = there are none."""
    after = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 16 else 0
    with connection.errors_translated():
        found = pages.of(network.id, after, limit + 1)
    return [page(one) for one in found[:limit]], str(found[limit - 1].id) if len(found) > limit else ""


def page(found: Page) -> dict[str, Any]:
    """A page with its forms."""
    return {
        "id": found.id,
        "network_id": found.network,
        "url": found.url,
        "title": found.title,
        "within": found.within or None,
        "state": "gone" if found.gone_ms else "there",
        "first_seen": moment(found.first_ms),
        "last_seen": moment(found.last_ms),
        "gone_at": moment(found.gone_ms) if found.gone_ms else None,
        "forms": [refining.shown(one) for one in found.forms],
    }


def details(found: Page, company_id: int) -> dict[str, Any]:
    """The structure of each form: its fields, what is required, what a person has to do, tokens and captchas.

    What rules are not sure of is asked of a language model, where one is set and the budgets of the system and of the network
    allow; `analyzed` says who answered.
    """
    found, note = refining.refined(found)
    told = [refining.shown(one) for one in found.forms]
    return {
        "form_page_id": found.id,
        "company_id": company_id,
        "url": found.url,
        "title": found.title,
        "analyzed": note,
        "forms": [{**one, "required": [field["name"] for field in one["fields"] if field["required"]]} for one in told],
    }


def rows(shown: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One row a form, for tables."""
    for one in shown:
        for form in one["forms"]:
            yield {
                **{name: one[name] for name in ("id", "url", "title", "state", "first_seen", "last_seen")},
                **{name: form[name] for name in ("form_type", "method", "action", "signature", "pages")},
                "fields": ", ".join(field["name"] or field["label"] or field["type"] for field in form["fields"])[:500],
                "captcha": form["has_captcha"],
            }


def moment(ms: int) -> datetime:
    """A time in ms since 1970 as one with its zone."""
    return datetime.fromtimestamp(ms / 1000, UTC)
