"""Companies scored by the points model: some now, those that changed soon after, all where the model changed or a day is over.

A score grows old with its facts. So all companies are scored once a day, and again when the model changes; what comes out as it
was is not written. A run that is killed goes on where it was.
"""

import socket
from collections.abc import Sequence
from typing import Any

import chunks
import clock
import errors
import queues
from lead_models import Company
from state.leads import companies, rescoring
from state.leads.rescoring import Course
from state.store import connection
from topics.leads import model_file, scoring
from topics.leads.scoring import Scorer

#: Companies of one round trip.
AT_ONCE = 500

#: A model that takes the place of another holds for so long (s) before a machine with the other one may take it back.
STEADY_S = 900

#: Companies of one call.
MOST_IDS = 10_000


def score(company_ids: Sequence[str]) -> dict[str, Any]:
    """Score these companies now. Safe to repeat. Returns `scored`, `changed`, `missing` (ids that name none) and `model`."""
    scorer = scoring.scorer(model_file.current())
    ids = list(dict.fromkeys(company_ids))
    told = {"scored": 0, "changed": 0, "missing": 0}
    for piece in chunks.of(ids, AT_ONCE):
        with connection.errors_translated():
            at_ms = _now_ms()
            found = [one for one in companies.get(piece, None) if one]
            changed = _write(found, scorer, at_ms)
        told["scored"] += len(found)
        told["changed"] += changed
        told["missing"] += len(piece) - len(found)
        queues.progress(told["scored"] + told["missing"], len(ids), "companies scored")
    return {**told, "model": scorer.model.version}


def rescore() -> dict[str, Any]:
    """Score the companies that changed, and all where another model or day scored them last. After a kill it goes on.

    Returns `outcome` (up to date, scored), `model`, how many companies were `seen` and `changed`, and `marked`: those that had
    changed since they were scored. Raises ConfigError where two machines have different models.
    """
    scorer = scoring.scorer(model_file.current())
    target = f"{scorer.model.version} {clock.now().date().isoformat()}"
    with connection.errors_translated():
        course = _course(scorer.model.version, target)
        marked = _score_changed(scorer)
        if course.is_over:
            return _told("up to date", course, marked)
        total = companies.count(None)
        while not course.is_over:
            at_ms = _now_ms()
            found, after = companies.some(None, course.after, AT_ONCE)
            seen, changed = course.seen + len(found), course.changed + _write(found, scorer, at_ms)
            course = course._replace(after=after, seen=seen, changed=changed, is_over=not after)
            rescoring.write(course)
            queues.progress(course.seen, max(total, course.seen), "companies looked at")
    return _told("scored", course, marked)


def _course(version: str, target: str) -> Course:
    """The scoring that goes on, or a new one. Raises ConfigError where another machine scores by another model."""
    now, last = _now_ms(), rescoring.read()
    if last is None:
        return Course(target, host=_host(), since_ms=now)
    if last.target == target:
        return last
    had = last.target.partition(" ")[0]
    if had == version:  # another day
        return Course(target, host=_host(), former=last.former, since_ms=last.since_ms)
    if last.former.partition(" ")[0] == version and _host() != last.host and now - last.since_ms < STEADY_S * 1000:
        raise errors.ConfigError(
            f"The points model of {last.host} ({had}) is not the one of {_host()} ({version}): they would score in turns. "
            "Give all machines the same file SCORE_MODEL; `python manage.py lead model` shows its version."
        )
    return Course(target, host=_host(), former=f"{had} {last.host}", since_ms=now)


def _host() -> str:
    return socket.gethostname()


def _score_changed(scorer: Scorer) -> int:
    count = 0
    rescoring.put_back()
    while ids := rescoring.take(AT_ONCE):
        at_ms = _now_ms()
        _write([one for one in companies.get(ids, None) if one], scorer, at_ms)
        rescoring.done()
        count += len(ids)
    return count


def _told(outcome: str, course: Course, marked: int) -> dict[str, Any]:
    told = {"outcome": outcome, "model": course.target.partition(" ")[0]}
    return {**told, "seen": course.seen, "changed": course.changed, "marked": marked}


def is_current(company: Company, scorer: Scorer, now_ms: int) -> bool:
    """Whether the score of a company is what it would be now: by the same model, of the same facts, with the same points."""
    known = company.score
    if known is None or known.model != scorer.model.version or company.updated_ms > known.at_ms:
        return False
    total, parts = scorer.totals(scorer.sums(company, now_ms))
    return total == known.total and parts == dict(known.parts)


def top(owner: str | None, limit: int) -> list[Company]:
    """The companies with the highest scores, the highest first. `owner`: None = whoever's."""
    with connection.errors_translated():
        found = companies.get(companies.top(owner, limit), owner)
    return [one for one in found if one]


def _write(found: Sequence[Company], scorer: Scorer, at_ms: int) -> int:
    """Write the scores of companies that came out differently; says how many. `at_ms`: a time before they were read."""
    fresh = [(one.id, scorer.score(one, at_ms)) for one in found if not is_current(one, scorer, at_ms)]
    return companies.put_scores(fresh) if fresh else 0


def _now_ms() -> int:
    return round(clock.now().timestamp() * 1000)
