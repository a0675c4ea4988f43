"""What is done with a batch or crawl: it is stopped, continued, or its failed pages are tried again."""

from collections.abc import Mapping

from flask import Flask, Response, request

import wording
from errors import NotFound
from jobs import scrape as jobs
from topics.scraping import crawl
from topics.scraping.views import Look
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import batches, frame


def register(app: Flask) -> None:
    """The addresses of these actions."""
    for name, view in (("stop", stop), ("continue", go_on), ("replay", replay)):
        app.add_url_rule(f"/batches/<batch_id>/{name}", f"batch_{name}_page", view, methods=["POST"])


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
    return frame.done(f"/batches/{batch_id}", f"It did not run: it is {batches.batch_of(batch_id).state}.")


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


def _whole(batch_id: str) -> Look:
    """The same; raises NotFound for what is no batch and no crawl."""
    look = batches.batch_of(batch_id)
    if look.progress is None:
        raise NotFound(f"{batch_id} is no batch and no crawl.")
    return look
