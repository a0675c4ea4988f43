"""Batches and crawls: those that go on, then those that ended; one with its pages, stopped, continued, or tried again."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, redirect, request

import wording
from errors import CATEGORIES, NotFound
from jobs import scrape as jobs
from state.store import connection
from topics.operations import job_records
from topics.scraping import crawl, finished, views
from topics.scraping.views import Look
from web import access, seen
from web.access import Role
from web.errors import Problem
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

PAGES = (
    Column("n", "No.", numeric=True),
    Column("url", "Page"),
    Column("title", "Title"),
    Column("status", "Status", "of HTTP", numeric=True),
    Column("depth", "Depth", "links from the first page", numeric=True),
    Column("fetched_at", "Fetched"),
)

PROBLEMS = (
    Column("n", "No.", numeric=True),
    Column("url", "Page"),
    Column("outcome", "Outcome"),
    Column("category", "Class"),
    Column("error", "Why"),
)

FILTERS = (Filter("state", "State", (("", "all"), ("live", "going on"), ("ended", "ended or stopped"))),)

#: Records that are looked through for one page of problems of a class.
MOST_READ = 2000

EMPTY = "No batch and no crawl: `python manage.py scrape crawl URL` crawls a site, `scrape batch FILE` fetches a list."


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/batches", "batches_page", batches_page)
    app.add_url_rule("/batches/<batch_id>", "batch_page", batch_page)
    for name, view in (("stop", stop), ("continue", go_on), ("replay", replay)):
        app.add_url_rule(f"/batches/<batch_id>/{name}", f"batch_{name}_page", view, methods=["POST"])


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


@access.needs(Role.VIEWER)
def batch_page(batch_id: str) -> Response:
    """One batch or crawl. A scrape of one page has the page of its job."""
    look = _look(batch_id)
    if look.progress is None:
        return redirect(f"{request.script_root}/jobs/{batch_id}", 303)  # type: ignore[return-value]
    category = request.args.get("category", "")
    if category and category not in CATEGORIES:
        raise Problem(422, f"category is one of {', '.join(CATEGORIES)}, not {category!r:.40}.")
    done, problems = _done(batch_id), _problems(batch_id, category)
    for name, columns, read in (("pages", PAGES, done), ("problems", PROBLEMS, problems)):
        if request.args.get("table", "pages") == name and (file := tables.wanted_file(name, columns, read)):
            return file
    named = f"Pages that failed ({category})" if category else "Pages that failed, or that robots.txt forbids"
    return frame.show(
        "batch.html",
        f"{look.kind.capitalize()} {batch_id[:12]}",
        row=_row(look),
        counts=look.progress.counts,
        steps=look.progress.steps,
        category=category,
        pages=tables.make("pages", "Pages that were read, the first first", PAGES, done, "No page was read yet."),
        problems=tables.make("problems", named, PROBLEMS, problems, "None here."),
        may_stop=look.state in ("running", "opening"),
        may_go_on=look.is_over and look.progress.counts["pending"] > 0,
        may_replay=look.is_over and sum(look.progress.counts["failed"].values()) > 0,
    )


@access.needs(Role.OPERATOR)
def stop(batch_id: str) -> Response:
    """Take no further page; asks first."""
    look = _whole(batch_id)
    pending = wording.pluralize(look.progress.counts["pending"] if look.progress else 0, "page")
    if not frame.is_confirmed():
        says = f"{pending} of {batch_id} will stay pending. Pages in flight end, and `Continue` takes it up again."
        path = f"/batches/{batch_id}"
        return frame.confirm("Stop a batch or crawl", says, f"{path}/stop", button="Stop", back=path)
    state = crawl.stop(batch_id)
    if state in ("running", "opening"):
        return frame.done(f"/batches/{batch_id}", f"Stopped: {pending} stay pending.")
    return frame.done(f"/batches/{batch_id}", f"It did not run: it is {_look(batch_id).state}.")


@access.needs(Role.OPERATOR)
def go_on(batch_id: str) -> Response:
    """Go on with what is pending."""
    _whole(batch_id)
    text = request.form.get("pages", "").strip()
    if text and not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= 1_000_000):
        raise Problem(422, f"The new bound must be 1 to 1,000,000 pages, not {text!r:.40}.")
    started = crawl.go_on(batch_id, int(text) if text else None)
    return frame.done(f"/batches/{batch_id}", f"It goes on, {wording.pluralize(started, 'page')} at a time.")


@access.needs(Role.OPERATOR)
def replay(batch_id: str) -> Response:
    """Try its failed pages again, as a batch of their own; asks first, with their number."""
    look, category = _whole(batch_id), request.form.get("category", "")
    failed: Mapping[str, int] = look.progress.counts["failed"] if look.progress else {}
    if category and category not in failed:
        raise Problem(422, f"No page of {batch_id} failed with {category!r:.40}.")
    if not frame.is_confirmed():
        number = wording.pluralize(failed[category] if category else sum(failed.values()), "page")
        says = f"{number} that failed{f' ({category})' if category else ''} will be fetched again, as a batch of their own."
        path = f"/batches/{batch_id}"
        return frame.confirm(
            "Try failed pages again", says, f"{path}/replay", button=f"Fetch {number}", back=path, fields={"category": category}
        )
    made = crawl.submit(crawl.plan_replay(jobs.scrape_batch, batch_id, [category] if category else []))
    return frame.done(f"/batches/{made.job_id}", f"A batch of the pages of {batch_id} that failed.")


def _look(batch_id: str) -> Look:
    """What is asked for. Raises NotFound, also for another caller's."""
    look = views.look(batch_id)
    if not seen.may(look):
        raise NotFound(f"No scrape {batch_id}: it never existed, or it has expired (RESULT_DAYS).")
    return look


def _whole(batch_id: str) -> Look:
    """The same; raises NotFound for what is no batch and no crawl."""
    look = _look(batch_id)
    if look.progress is None:
        raise NotFound(f"{batch_id} is no batch and no crawl.")
    return look


def _reader(ended: bool | None) -> tables.Read:
    """Reads a part; who asks is found out now, because a file is read after its request."""
    owner = seen.owner()

    def read(limit: int, cursor: str) -> Part:
        looks, further = views.page(limit, cursor, ended=ended)
        return Part([_row(one) for one in looks if owner in (None, one.owner)], further)

    return read


def _row(look: Look) -> dict[str, Any]:
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


def _done(batch_id: str) -> tables.Read:
    return _records(batch_id, finished.done, PAGES)


def _records(batch_id: str, read: Callable[[str, int, int], tuple[list[dict[str, Any]], int]], columns: Any) -> tables.Read:
    """Records by their place in the order in which pages ended."""

    def part(limit: int, cursor: str) -> Part:
        start = _start(cursor)
        with connection.errors_translated():
            found, total = read(batch_id, start, limit)
        further = start + len(found)
        return Part([_cells(one, columns) for one in found], str(further) if found and further < total else "")

    return part


def _problems(batch_id: str, category: str) -> tables.Read:
    """Pages that failed; those of a class are sought in a bounded part of them."""
    plain = _records(batch_id, finished.problems, PROBLEMS)
    if not category:
        return plain

    def part(limit: int, cursor: str) -> Part:
        rows, read = list[Mapping[str, Any]](), 0
        while len(rows) < limit and read < MOST_READ:
            found = plain(min(limit, tables.MOST), cursor)
            rows += [row for row in found.rows if row["category"] == category]
            read, cursor = read + len(found.rows), found.cursor
            if not cursor:
                break
        return Part(rows, cursor)

    return part


def _cells(record: Mapping[str, Any], columns: Any) -> dict[str, Any]:
    told = {column.key: record.get(column.key) for column in columns}
    if "fetched_at" in told:
        told["fetched_at"] = job_records.moment(record.get("fetched_at"))
    if "error" in told:
        told["error"] = record.get("error") or record.get("reason")
    return told


def _start(cursor: str) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Problem(422, f"{cursor!r:.40} is no cursor of this table: open its first rows.")
    return int(cursor or 0)
