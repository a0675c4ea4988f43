"""Landing pages of a project: which of its pages rank, and which compete for a keyword."""

from datetime import datetime

from flask import Flask, Response, request

from jobs import tracking
from topics.tracking import landing_pages, projects
from topics.tracking.landing_pages import CANNIBALISED, LISTS, PAGES
from web import access
from web.access import Role
from web.pages import frame, tables
from web.pages.tables import Column, Part, Read

#: A page counts a project of so many keywords at once; a larger one is counted by a job.
AT_ONCE = 500

COLUMNS = {
    PAGES: (
        Column("url", "Page"),
        Column("keywords", "Keywords", "For which it ranks now", numeric=True),
        Column("best", "Best", "Its best rank now", numeric=True),
        Column("share", "Visibility", "Its part of the project's visibility", numeric=True),
        Column("wrong", "Wrong", "Keywords whose target page is another", numeric=True),
        Column("rivals", "Rivals", "Keywords for which another own page ranked in the last 14 days", numeric=True),
        Column("named", "Most worth"),
    ),
    CANNIBALISED: (
        Column("keyword", "Keyword"),
        Column("rank", "Rank", "Now", numeric=True),
        Column("volume", "Searches", "A month", numeric=True),
        Column("of", "Own pages", "That ranked in the last 14 days", numeric=True),
        Column("together", "Together", "Days on which two stood on one result page", numeric=True),
        Column("pages", "Which, on how many days, how well"),
    ),
}

CAPTIONS = {PAGES: "Pages that rank, by their part of the visibility", CANNIBALISED: "Keywords with several own pages in 14 days"}

EMPTY = {
    PAGES: "No page ranks yet: `python manage.py serp batch` queues what is due.",
    CANNIBALISED: "No keyword has two own pages that ranked in the last 14 days.",
}


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/projects/<project_id>/pages", "landing_pages_page", landing_pages_page)
    app.add_url_rule("/projects/<project_id>/pages/count", "count_landing_pages_page", count, methods=["POST"])


@access.needs(Role.VIEWER)
def landing_pages_page(project_id: str) -> Response:
    """Both lists, as they were counted last; what was never counted is counted."""
    project = projects.named(project_id)
    head, job = landing_pages.current(project.id, tracking.count_landing_pages, at_once=AT_ONCE)

    def reader(name: str) -> Read:
        def read(limit: int, cursor: str) -> Part:
            return Part(*landing_pages.part(project.id, head, name, limit, cursor)) if head else Part([])

        return read

    for name in LISTS:
        if request.args.get("table", PAGES) == name and (file := tables.wanted_file(name, COLUMNS[name], reader(name))):
            return file
    return frame.show(
        "landing_pages.html",
        f"Landing pages of {project.name}",
        project=project,
        head=head,
        counted_at=datetime.fromisoformat(head["at"]) if head else None,
        job=job,
        found={name: tables.make(name, CAPTIONS[name], COLUMNS[name], reader(name), EMPTY[name]) for name in LISTS},
    )


@access.needs(Role.OPERATOR)
def count(project_id: str) -> Response:
    """Count anew."""
    project = projects.named(project_id)
    made = landing_pages.current(project.id, tracking.count_landing_pages, fresh=True, at_once=AT_ONCE)
    says = f"Job {made.job.job_id} counts it anew: load this page again in a moment." if made.job else "Counted anew."
    return frame.done(f"/projects/{project.id}/pages", says)
