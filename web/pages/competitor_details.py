"""One domain beside a project: its share of voice, and keyword by keyword who ranks higher."""

from datetime import datetime

from flask import Flask, Response

from topics.tracking import competitors, head_to_head, projects
from web import access
from web.access import Role
from web.api.competitors import counted
from web.pages import competitor_tables, filters, frame, tables
from web.pages import competitors as competitors_page
from web.pages.filters import Filter
from web.pages.tables import Column

BEATEN = (
    Column("keyword", "Keyword"),
    Column("volume", "Volume", "Searches a month", numeric=True),
    Column("theirs", "They", numeric=True),
    Column("ours", "We", "– = not among the results that were read", numeric=True),
    Column("worth", "Worth", "Weight of their rank less ours, times volume", numeric=True),
)
DUELS = (
    Column("keyword", "Keyword"),
    Column("volume", "Volume", "Searches a month", numeric=True),
    Column("theirs", "They", numeric=True),
    Column("ours", "We", "– = not among the results that were read", numeric=True),
    Column("who", "Higher"),
    Column("scanned", "Depth looked", "Results that were read", numeric=True),
    Column("day", "Read on"),
)

WHICH = Filter("which", "Keywords", (("", "all"), ("above", "where it is above us"), ("below", "where it is below us")))


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/projects/<project_id>/competitors/<domain>", "competitor_page", competitor_page)


@access.needs(Role.VIEWER)
def competitor_page(project_id: str, domain: str) -> Response:
    """One domain beside a project."""
    project, domain = projects.named(project_id), competitors.spoken_domain(domain)
    which = filters.values([WHICH])["which"]
    facts, job = counted(project.id)
    standing = next((one for one in facts["leaders"] if one["domain"] == domain), None) if facts else None
    beaten = facts["beaten_by"].get(domain, []) if facts else []

    def read(limit: int, cursor: str) -> tables.Part:
        return tables.Part(*head_to_head.page(project.id, domain, which, limit, cursor))

    if file := tables.wanted_file("beaten", BEATEN, competitor_tables.some(beaten)):
        return file
    if file := tables.wanted_file("keywords", DUELS, read):
        return file
    is_charted = bool(facts and domain in facts["beaten_by"])
    return frame.show(
        "competitor.html",
        f"{domain} beside {project.name}",
        project=project,
        domain=domain,
        facts=facts,
        job=job,
        counted_at=datetime.fromisoformat(facts["at"]) if facts else None,
        standing=standing,
        is_pinned=bool(facts and domain in facts["pins"]),
        shown=filters.shown([WHICH]),
        chart=competitors_page.chart_of(facts, [domain], "duel") if facts and is_charted else None,
        beaten=tables.make(
            "beaten", "Keywords most worth winning", BEATEN, competitor_tables.some(beaten), "It is above us at no keyword."
        ),
        keywords=tables.make("keywords", "Keyword by keyword", DUELS, read, "It stands on none of the result pages read here."),
    )
