"""Batches and crawls: those that go on, then those that ended."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response

from errors import NotFound
from topics.scraping import views
from topics.scraping.views import Look
from web import access, seen
from web.access import Role
from web.pages import filters, frame, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Part

BATCHES = (
    Column("id", "Batch or crawl"),
    Column("kind", "Kind"),
    Column("url", "Of"),
    Column("state", "State", "partial: something is missing, and it says what"),
    Column("percent", "Progress (%)", "pages that are over, of those there will be at most", numeric=True),
    Column("found", "Found", "pages: done, skipped, failed and pending", numeric=True),
    Column("done", "Done", numeric=True),
    Column("failed", "Failed", numeric=True),
    Column("pending", "Pending", numeric=True),
    Column("eta", "Expected to end", "if pages go on to come as they did so far"),
    Column("started_at", "Started"),
    Column("ended_at", "Ended"),
    Column("says", "Because"),
)

FILTERS = (Filter("state", "State", (("", "all"), ("live", "going on"), ("ended", "ended or stopped"))),)

EMPTY = "No batch and no crawl: `python manage.py scrape crawl URL` crawls a site, `scrape batch FILE` fetches a list."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/batches", "batches_page", batches_page)


@access.needs(Role.VIEWER)
def batches_page() -> Response:
    """Batches and crawls: those that go on, then those that ended."""
    state = filters.values(FILTERS)["state"]
    read = _reader({"live": False, "ended": True}.get(state))
    if file := tables.wanted_file("batches", BATCHES, read):
        return file
    caption = {"live": "Batches and crawls that go on", "ended": "Those that ended or were stopped, the latest first"}
    found = tables.make("batches", caption.get(state, "Those that go on, then those that ended"), BATCHES, read, EMPTY)
    return frame.show("batches.html", "Batches and crawls", filters=filters.shown(FILTERS), found=found)


def batch_of(batch_id: str) -> Look:
    """What is asked for. Raises NotFound, also for another caller's."""
    look = views.look(batch_id)
    if not seen.may(look):
        raise NotFound(f"No scrape {batch_id}: it never existed, or it has expired (RESULT_DAYS).")
    return look


def _reader(ended: bool | None) -> tables.Read:
    """Reads a part; who asks is found out now, because a file is read after its request."""
    owner = seen.owner()

    def read(limit: int, cursor: str) -> Part:
        looks, further = views.page(limit, cursor, ended=ended)
        return Part([row(one) for one in looks if owner in (None, one.owner)], further)

    return read


def row(look: Look) -> dict[str, Any]:
    """A batch or crawl as a row."""
    known = look.progress
    counts: Mapping[str, Any] = known.counts if known else {}
    return {
        "id": look.id,
        "kind": look.kind,
        "url": known.url if known else "",
        "state": look.state,
        "percent": look.percent,
        "found": counts.get("found"),
        "done": counts.get("done"),
        "failed": sum(counts.get("failed", {}).values()),
        "skipped": sum(counts.get("skipped", {}).values()),
        "pending": counts.get("pending"),
        "eta": known.eta if known else None,
        "started_at": known.started_at if known else None,
        "ended_at": known.ended_at if known else None,
        "says": look.says,
    }
