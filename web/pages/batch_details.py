"""One batch or crawl: how far it is, its pages, and what went wrong with some."""

from flask import Flask, Response, redirect, request

from errors import CATEGORIES
from web import access
from web.access import Role
from web.errors import Problem
from web.pages import batch_pages, batches, frame, tables


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/batches/<batch_id>", "batch_page", batch_page)


@access.needs(Role.VIEWER)
def batch_page(batch_id: str) -> Response:
    """One batch or crawl. A scrape of one page has the page of its job."""
    look = batches.batch_of(batch_id)
    if look.progress is None:
        return redirect(f"{request.script_root}/jobs/{batch_id}", 303)  # type: ignore[return-value]
    category = request.args.get("category", "")
    if category and category not in CATEGORIES:
        raise Problem(422, f"category is one of {', '.join(CATEGORIES)}, not {category!r:.40}.")
    done, problems = batch_pages.ended(batch_id), batch_pages.failed(batch_id, category)
    for name, columns, read in (("pages", batch_pages.PAGES, done), ("problems", batch_pages.PROBLEMS, problems)):
        if request.args.get("table", "pages") == name and (file := tables.wanted_file(name, columns, read)):
            return file
    named = f"Pages that failed ({category})" if category else "Pages that failed, or that robots.txt forbids"
    return frame.show(
        "batch.html",
        f"{look.kind.capitalize()} {batch_id[:12]}",
        row=batches.row(look),
        counts=look.progress.counts,
        steps=look.progress.steps,
        category=category,
        pages=tables.make("pages", "Pages that were read, the first first", batch_pages.PAGES, done, "No page was read yet."),
        problems=tables.make("problems", named, batch_pages.PROBLEMS, problems, "None here."),
        may_stop=look.state in ("running", "opening"),
        may_go_on=look.is_over and look.progress.counts["pending"] > 0,
        may_replay=look.is_over and sum(look.progress.counts["failed"].values()) > 0,
    )
