"""What is done with many keywords of a project: says how many and what it costs, asks, does it; many are a job's work.

No field of a form is named as a property of forms (action, id, name, contains …): it would hide that property from scripts.
"""

from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlencode

from flask import Flask, Response, request

import clock
import models
import queues
import wording
from jobs import serp, tracking
from models import JobStatus
from state.tracking import keywords
from state.tracking import projects as stored
from topics.operations import keyword_work, results
from topics.operations.keyword_filters import Wanted
from topics.operations.keyword_work import Counted, Work
from topics.tracking import asking, projects
from web import access, seen
from web.access import Role
from web.errors import Problem
from web.pages import frame, keyword_filters

#: Of a project of more keywords, those that match are counted by a job; and more of them are changed by one.
COUNTED_AT_ONCE, CHANGED_AT_ONCE = 2000, 1000

#: Ids of a form at most: a page has 500 rows.
MOST_TICKED = 1000

ASKS = {
    "tag": "Give {them} the tags {value}?",
    "untag": "Take the tags {value} from {them}?",
    "target": "Set the page that is meant to rank for {them} to {value}?",
    "archive": "Archive {them}? They are not checked any more; their history stays.",
    "unarchive": "Unarchive {them}? They are checked again.",
    "remove": "Remove {them} with all of their history? This cannot be taken back.",
    "check": "Check {them} now, also those that are fresh? This buys {pages} at most.",
}


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/projects/<project_id>/keywords/bulk", "keyword_bulk_page", bulk, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/keywords/bulk", "keyword_count_page", counted_page)


@access.needs(Role.OPERATOR)
def bulk(project_id: str) -> Response:
    """The first time it asks; with `confirmed` it is done."""
    project, work = projects.named(project_id), _work(request.form)
    where = request.form.get("where", "")
    if request.form.get("which") == "all":
        return _all(project, work, where)
    ids = [one for text in request.form.getlist("keyword") for one in text.split(",") if one]
    if not ids:
        return frame.done(_list(project, where), "No keyword is ticked: tick some, or choose all that match.")
    found = projects.find_own(project.id, ids[:MOST_TICKED])
    if not frame.is_confirmed():
        fields = {"keyword": ",".join(one.id for one in found), "which": "ticked"}
        return _asks(project, work, Counted(len(found), keyword_work.price(found)), {**fields, "where": where})
    return frame.done(_list(project, where), _told(work, work.do(found), len(found)))


@access.needs(Role.OPERATOR)
def counted_page(project_id: str) -> Response:
    """How far the job is that counts what matches; when it is over, the same question."""
    project = projects.named(project_id)
    if not request.args.get("job"):
        return frame.done(f"/projects/{project.id}/keywords", "Tick keywords, or choose all that match, and say what to do.")
    work, where, job = _work(request.args), request.args.get("where", ""), seen.job(request.args["job"])
    told = results.summary(job) if job.status is JobStatus.COMPLETED else None
    counted = Counted(int(told["keywords"]), int(told["pages_at_most"])) if told else None
    if counted and request.args.get("go"):
        return _asks(project, work, counted, {"which": "all", "where": where})
    return frame.show(
        "keyword_count.html",
        f"Counting keywords of {project.name}",
        project=project,
        job=job,
        counted=counted,
        is_over=job.status in (JobStatus.FAILED, JobStatus.CANCELLED),
        back=_list(project, where),
    )


def _all(project: models.Project, work: Work, where: str) -> Response:
    """The same with all that match: counted first, then asked, then done, by a job where they are many."""
    values = keyword_filters.unpacked(where)
    wanted = keyword_filters.wanted(values)
    if frame.is_confirmed():
        return _done(project, work, wanted, where)
    counted = _counted(project, wanted)
    if counted is None:
        job = queues.submit(tracking.count_keywords, project.id, asdict(wanted), labels={"project": project.id})
        given = urlencode({"job": job.job_id, "do": work.action, "value": work.value, "where": where})
        return frame.done(f"/projects/{project.id}/keywords/bulk?{given}", "A job counts what matches.")
    return _asks(project, work, counted, {"which": "all", "where": where})


def _counted(project: models.Project, wanted: Wanted) -> Counted | None:
    """How many match, where that is known soon; None where a job has to count them."""
    if wanted.is_all and wanted.archived is False:
        number = stored.counts([project.id])[project.id][0]
        return Counted(number, number * asking.pages_of(project.depth))
    return keyword_work.count(project.id, wanted) if keywords.count_of(project.id) <= COUNTED_AT_ONCE else None


def _asks(project: models.Project, work: Work, counted: Counted, fields: Mapping[str, str]) -> Response:
    if not counted.keywords:
        return frame.done(_list(project, fields["where"]), "No keyword matches: nothing was done.")
    if work.action == "check" and not project.active:
        return frame.done(
            f"/projects/{project.id}/settings", "The project is inactive, so nothing of it is checked: activate it first."
        )
    them, pages = (wording.pluralize(number, noun) for number, noun in ((counted.keywords, "keyword"), (counted.pages, "page")))
    says = ASKS[work.action].format(them=them, value=work.value.strip() or "none", pages=f"{pages} of results")
    if work.action == "check" and (left := access.pages_left()):
        says += f" Your key has {left[0]:,} pages left this month."
    given = {**fields, "do": work.action, "value": work.value, "most": str(counted.keywords)}
    path = f"/projects/{project.id}/keywords"
    back = _list(project, fields["where"])
    return frame.confirm(f"Keywords of {project.name}", says, f"{path}/bulk", button="Do it", back=back, fields=given)


def _done(project: models.Project, work: Work, wanted: Wanted, where: str) -> Response:
    """Do it with all that match: at once where those that were counted are few."""
    text = request.form.get("most", "")
    most = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    asked_at = clock.now()
    if most <= CHANGED_AT_ONCE and keywords.count_of(project.id) <= COUNTED_AT_ONCE:
        limited = Work(work.action, work.value, work.track, asked_at, most)
        done = keyword_work.everything(project.id, wanted, limited)
        return frame.done(_list(project, where), _told(limited, done["changed"], done["of"]))
    arguments = (project.id, asdict(wanted), work.action, work.value, asked_at.isoformat(), most)
    job = queues.submit(tracking.change_keywords, *arguments, labels={"project": project.id})
    return frame.done(f"/jobs/{job.job_id}", f"This job does it with some {wording.pluralize(most, 'keyword')}, and reports.")


def _work(given: Mapping[str, str]) -> Work:
    work = Work(given.get("do", ""), given.get("value", "")[:2000], serp.track_keyword)
    if work.action == "remove" and not frame.may(Role.ADMIN):
        raise Problem(403, f"Removing keywords needs the role admin; {access.caller().name} has another.", code="forbidden")
    return work


def _told(work: Work, changed: int, of: int) -> str:
    if work.action == "check":
        told = f"{wording.pluralize(changed, 'check')} queued; {of - changed:,} of {of:,} were in hand already."
        return " ".join([told, *work.warnings])
    return f"{changed:,} of {wording.pluralize(of, 'keyword')} changed; the others were like that already."


def _list(project: models.Project, where: str) -> str:
    packed = keyword_filters.packed(keyword_filters.unpacked(where))
    return f"/projects/{project.id}/keywords" + (f"?{packed}" if packed else "")
