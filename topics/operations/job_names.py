"""What jobs work on, for people: a keyword, an address, or the labels; not the path of a function."""

import ast
import re
from collections.abc import Sequence

from state.store import connection
from state.tracking import keywords
from topics.operations.job_records import Job

#: The id of a check of a keyword holds the keyword's, also where the record of the job is gone.
CHECK = re.compile(r"serp-([0-9A-Za-z]{1,40})-")

#: A check of a keyword that was asked for by hand.
OF_KEYWORD = re.compile(r"jobs\.serp\.track_keyword\('([0-9A-Za-z]{1,40})'")

#: The first argument that is a text, as Python writes it; descriptions are cut, so its end may be missing.
TEXT = re.compile(r"\(('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")


def of_many(jobs: Sequence[Job]) -> list[str]:
    """What each works on; in one round trip. Reads only."""
    ids = [keyword_id(job) for job in jobs]
    asked = sorted({one for one in ids if one})
    with connection.errors_translated():
        texts = dict(zip(asked, keywords.texts_of(asked), strict=True)) if asked else {}
    return [texts.get(one or "") or of(job) for one, job in zip(ids, jobs, strict=True)]


def of(job: Job) -> str:
    """The same without the text of a keyword.

    >>> of(Job("1", "completed", "SUCCESS", description="jobs.scrape.scrape_url('https://a.com/', {})"))
    'https://a.com/'
    >>> of(Job("1", "completed", "SUCCESS", description="jobs.maintenance.sweep()"))
    'sweep'
    >>> of(Job("1", "completed", "SUCCESS", host="a.com", tag="t"))
    'a.com, t'
    """
    if found := TEXT.search(job.description):
        return _read(found[1])
    labels = [value for value in (job.host, job.project, job.tag) if value]
    task = job.description.partition("(")[0].rpartition(".")[2]
    return ", ".join(labels) or task or job.kind or job.id


def keyword_id(job: Job) -> str | None:
    """The keyword that a job works on, by its id or its description; None = none."""
    found = CHECK.match(job.id) or OF_KEYWORD.match(job.description)
    return found[1] if found else None


def _read(literal: str) -> str:
    try:
        return str(ast.literal_eval(literal))
    except (ValueError, SyntaxError):
        return literal[1:-1]
