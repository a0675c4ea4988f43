"""Companies scored again: those that changed soon after, all where the model changed or a day is over."""

import socket
from typing import Any

import clock
import errors
import queues
from state.leads import companies, rescoring
from state.leads.rescoring import Course
from state.store import connection
from topics.leads import model_file, scores, scoring
from topics.leads.scoring import Scorer

#: A model that takes the place of another holds for so long (s) before a machine with the other one may take it back.
STEADY_S = 900


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
            at_ms = scores.now_ms()
            found, after = companies.some(None, course.after, scores.AT_ONCE)
            seen, changed = course.seen + len(found), course.changed + scores.write(found, scorer, at_ms)
            course = course._replace(after=after, seen=seen, changed=changed, is_over=not after)
            rescoring.write(course)
            queues.progress(course.seen, max(total, course.seen), "companies looked at")
    return _told("scored", course, marked)


def _course(version: str, target: str) -> Course:
    """The scoring that goes on, or a new one. Raises ConfigError where another machine scores by another model."""
    now, last = scores.now_ms(), rescoring.read()
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
    while ids := rescoring.take(scores.AT_ONCE):
        at_ms = scores.now_ms()
        scores.write([one for one in companies.get(ids, None) if one], scorer, at_ms)
        rescoring.done()
        count += len(ids)
    return count


def _told(outcome: str, course: Course, marked: int) -> dict[str, Any]:
    told = {"outcome": outcome, "model": course.target.partition(" ")[0]}
    return {**told, "seen": course.seen, "changed": course.changed, "marked": marked}
