"""What becomes of a run that is held: a sample is checked again; then it is released, or discarded and checked anew."""

import logging
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import clock
import config
import models
from errors import BadToken, ConfigError, NotNow, OutOfCredits
from state.engine import pauses
from state.store import connection
from state.tracking import arming, drops, halts, keywords, outcomes, projects
from state.tracking import suspects as runs
from state.tracking.suspects import DISCARDED, FELL, HELD, RELEASED, STANDS, UNREAD, WATCHED, Run
from topics.tracking import asking, check, days, paying, suspects

log = logging.getLogger("trawl.suspects")

#: A run that nobody could sample for so long (s) is discarded. A run is held so often on one day.
LONGEST_S, ROUNDS = 86_400, 2

#: Where the provider refuses all of us, the sample is tried again after so long.
REFUSED = timedelta(minutes=10)


def resample(project_id: str, day: str, owner: str) -> dict[str, Any]:
    """Check a sample of a run that is held again, and release or discard it. Each keyword of the sample is paid for once.

    Raises NotNow where there is no budget. Safe to repeat, also after a kill.
    """
    run = runs.find(project_id, date.fromisoformat(day))
    project = projects.find(project_id)
    if run is None or run.state != HELD:
        return {"outcome": run.state if run else "gone"}
    if project is None:
        runs.decide(run, DISCARDED, "its project was removed")
        return {"outcome": "gone"}
    _withhold(run)
    if clock.now().timestamp() - run.held_ms / 1000 > LONGEST_S:
        return _discard(run, "no sample could be checked for a day", again=False)
    verdicts = _sample(run, project, owner)
    told = {verdict: sum(one == verdict for one in verdicts.values()) for verdict in (FELL, STANDS, UNREAD)}
    note = f"of {len(verdicts)} checked again {told[FELL]} fell, {told[STANDS]} stand, {told[UNREAD]} could not be read"
    if told[FELL] > told[STANDS]:
        return _release(run, project, note)
    return _discard(run, note, again=told[STANDS] > 0 and run.round < ROUNDS)


def _withhold(run: Run) -> None:
    """Take back what fell before the run was held, and what alerts know of it."""
    for found in runs.falls(run):
        runs.withhold(found)
        for keyword_id in found:
            drops.end(run.project_id, keyword_id)


def _sample(run: Run, project: models.Project, owner: str) -> dict[str, str]:
    """What the sample says: spread over the run in the order of ids, which are given by chance."""
    most, verdicts = config.settings().suspect_sample, dict(run.sample)
    chosen: dict[str, models.Rank] = {}
    for found in runs.falls(run):
        chosen = dict(sorted({**chosen, **found}.items())[:most])
    for keyword_id in chosen:
        if keyword_id in verdicts or len(verdicts) >= most:
            continue
        keyword = keywords.find(keyword_id)
        if keyword is not None:
            verdicts[keyword_id] = _verdict(keyword, project, owner)
            runs.sampled(run, keyword_id, verdicts[keyword_id])
    return verdicts


def _verdict(keyword: models.Keyword, project: models.Project, owner: str) -> str:
    try:
        rank = look_again(keyword, project, owner)
    except check.CheckFailed as exc:
        if isinstance(exc.error, NotNow):
            raise exc.error from None
        if isinstance(exc.error, BadToken | OutOfCredits | ConfigError):
            raise NotNow(clock.now() + REFUSED, str(exc.error)) from None
        return UNREAD
    before = suspects.last_before(keyword.id, rank)
    return FELL if before is None or suspects.has_fallen(before, rank, project.depth) else STANDS


def look_again(keyword: models.Keyword, project: models.Project, owner: str) -> models.Rank:
    """Check a keyword beside its regular checks: its due time and its history stay. The provider goes out by another address,
    because no request of ours names a session. Raises CheckFailed, and NotNow where nothing may be asked or paid now.
    """
    if pause := pauses.why([f"{pauses.PROJECT}:{project.id}", pauses.of_provider()]):
        raise pause.not_now()
    if halt := halts.halted():
        raise NotNow(clock.now() + REFUSED, halt.reason)
    using = check.tools()
    bill = paying.Bill(using.provider, f"project:{project.id}", owner)
    checking = check.Check(keyword, project, using, nullcontext, bill.link, day=days.today(project))
    with bill.pages(asking.pages_of(project.depth), lambda: bill.told(one.reply for one in checking.fetched)):
        return checking.run()


def _release(run: Run, project: models.Project, note: str) -> dict[str, Any]:
    """All of it was so: the ranks are recorded as they were read."""
    released = 0
    for found in runs.falls(run):
        for keyword in filter(None, keywords.find_many(list(found))):
            outcomes.record_past(keyword, [(found[keyword.id], None)])
            rank = found[keyword.id]
            suspects.note(project, keyword, suspects.last_before(keyword.id, rank), rank)
            released += 1
    runs.decide(run, RELEASED, note)
    log.warning("A mass drop is real: its ranks are released", extra={"project": run.project_id, "released": released})
    return {"outcome": RELEASED, "keywords": released, "note": note}


def _discard(run: Run, note: str, *, again: bool) -> dict[str, Any]:
    """None of it counts: the day stays unknown. `again`: the keywords are due now, and a known rank takes its place."""
    dropped = due = 0
    now_s = int(connection.now().timestamp())
    for found in runs.falls(run):
        known = [one for one in keywords.find_many(list(found)) if one]
        for keyword in known:
            outcomes.record_past(keyword, [(runs.unknown(found[keyword.id], runs.REASON_DISCARDED), None)])
        dropped += len(known)
        due += arming.rearm(run.project_id, [(one, now_s) for one in known]) if again else 0
    runs.decide(run, WATCHED if again else DISCARDED, f"discarded: {note}")
    log.warning("A mass drop is discarded", extra={"project": run.project_id, "keywords": dropped, "due": due, "reason": note})
    return {"outcome": DISCARDED, "keywords": dropped, "due": due, "note": note}
